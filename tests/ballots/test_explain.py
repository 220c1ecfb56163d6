"""Outcomes in Dutch, outside any request: what a result says of every rule."""

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import pytest

from ballots import explain, money
from ballots.counting import count, enough, greedy, majority
from ballots.counting.channels import ChannelRule, Part
from ballots.counting.count import Rule, WeighedRule
from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.majority import Base, Majority, MajorityRule, MissedQuorum, Quorum
from ballots.counting.outcome import Outcome, Step
from ballots.counting.plurality import PluralityRule
from ballots.counting.ranked import Method, RankedRule
from ballots.counting.ties import TieKey
from ballots.explaining.view import Result, Row, State
from ballots.pabulib import reading, recount
from ballots.paper import YES_NO_OPTIONS, Kind, Money, Option, Points, Question
from ballots.polls import Turnout

FILES = Path(__file__).parents[3] / "shared/data/pabulib"
YES_NO = Question("Mag het?", Kind.YES_NO, YES_NO_OPTIONS)
HALVES = ChannelRule({"web": Fraction(1, 2), "paper": Fraction(1, 2)}, Part.BALLOTS)
PARK = (
    Option("a", "Bomen", 60_00, "groen"),
    Option("b", "Banken", 30_00, "groen"),
    Option("c", "Feest", 50_00),
    Option("d", "Boeken", 30_00),
)


UNSPENT = (
    "Wat over is, gaat in deze telling naar geen van de plannen. "
    "Wat er verder mee gebeurt, bepaalt de telling niet."
)


def budget(leftover: Leftover = Leftover.NONE, **caps: int) -> GreedyRule:
    return GreedyRule(100_00, caps, {}, leftover, ())


def paper(*options: Option, kind: Kind = Kind.APPROVE) -> Question:
    return Question("Welke?", kind, options, 1, len(options))


def square(*ids: str) -> tuple[Option, ...]:
    return tuple(Option(id, f"{id.upper()}-plein") for id in ids)


def rule(**changes: object) -> MajorityRule:
    values: dict[str, object] = {
        "majority": Majority.SIMPLE,
        "base": Base.VOTES,
        "blank_in_majority": False,
        "quorum": Quorum.TURNOUT,
        "quorum_share": Fraction(1, 5),
        "blank_in_turnout": True,
        "missed_quorum": MissedQuorum.BARS,
    }
    return MajorityRule(**(values | changes))  # type: ignore[arg-type]


def counted(
    question: Question, rule: Rule, *lots: tuple[str, ...], letters: int = 500, **votes: int
) -> Outcome:
    """`a_b=3`: three ballots for a and b; `a2_b1` on a points paper two for a and one for b."""
    box = [(text.replace("_", ","), number) for text, number in votes.items()]
    if question.kind is Kind.POINTS:
        box = [(",".join(f"{mark[0]}:{mark[1:]}" for mark in text.split(",")), n) for text, n in box]
    return count.count(question, rule, {"web": box}, letters, lots)


def by_label(result: Result) -> dict[str, Row]:
    return {row.label: row for row in result.rows}


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def why(result: Result, label: str) -> str:
    return plain(" ".join(by_label(result)[label].why))


def more(result: Result, label: str) -> str:
    return plain(" ".join(by_label(result)[label].more))


# -- a budget ----------------------------------------------------------------------------------------


def test_a_budget_with_a_limit_and_money_left() -> None:
    question = paper(*PARK)
    votes = {"a": 9, "b": 8, "c": 7, "d": 1}
    chosen = budget(Leftover.MORE, groen=80_00)
    outcome = greedy.count(question.options, votes, chosen)
    assert explain.headline(outcome, question) == "Deze plannen krijgen geld: “Bomen” en “Boeken”."
    assert explain.sentences(outcome, question) == [
        "“Bomen” (9 stemmen, € 60) krijgt geld: er was nog € 100. Daarna was er nog € 40.",
        (
            "“Banken” (8 stemmen, € 30) past niet binnen de grens voor “groen”. Die grens is € 80. "
            "Daarvan was nog € 20 over en het plan kost € 30."
        ),
        (
            "“Feest” (7 stemmen, € 50) past niet meer: het plan kost € 50 en er was nog € 40. "
            "Dat is € 10 te weinig."
        ),
        "“Boeken” (1 stem, € 30) krijgt geld: er was nog € 40. Daarna was er nog € 10.",
        "Van het budget van € 100 is € 10 over.",
    ]
    result = explain.result(
        outcome,
        question,
        enough=lambda id: enough.votes_short(question.options, votes, chosen, id),
        rule=chosen,
    )
    assert [(row.place, row.label, row.scored, row.verdict, row.bar) for row in result.rows] == [
        (1, "Bomen", "9 stemmen", "gekozen", 100),
        (2, "Banken", "8 stemmen", "niet gekozen", 88),
        (3, "Feest", "7 stemmen", "niet gekozen", 77),
        (4, "Boeken", "1 stem", "gekozen", 11),
    ]
    assert why(result, "Feest") == (
        "Paste niet: er was nog € 40. Dat is € 10 te weinig. Met 3 stemmen meer had dit plan geld gekregen: "
        "dan was het eerder aan de beurt geweest dan “Bomen”, toen er nog genoeg geld was."
    )
    assert why(result, "Bomen") == why(result, "Boeken") == "Paste meteen."
    assert why(result, "Banken").startswith(
        "Paste niet: voor “groen” was nog € 20 over. Dat is € 10 te weinig."
    )
    assert [row.group for row in result.rows] == ["thema “groen”", "thema “groen”", "", ""]
    (course,) = result.course
    assert course.folded
    assert course.table
    assert [[plain(cell.text) for cell in row] for row in course.table.rows] == [
        ["Bomen", "€ 60", "€ 40"],
        ["Boeken", "€ 30", "€ 10"],
    ]
    assert course.table.note == ""
    assert more(result, "Banken") == "De grens voor “groen” is € 80. Daarvan was al € 60 gegeven."
    assert [(line.label, plain(line.amount), line.kind) for line in result.money] == [
        ("Budget", "€ 100", ""),
        ("2 gekozen plannen", "− € 90", "minus"),
        ("Over", "€ 10", "total"),
    ]
    assert result.caps
    assert [[plain(cell.text) for cell in row] for row in result.caps.rows] == [["groen", "€ 80", "€ 60"]]
    assert "Elk thema had ook een eigen grens" in " ".join(result.how)


def test_what_is_left_over_lifts_the_limit_and_no_number_helps_what_is_too_dear() -> None:
    question = paper(*PARK, Option("e", "Zwembad", 500_00))
    chosen = replace(budget(Leftover.MORE, groen=80_00), budget=130_00)
    outcome = greedy.count(question.options, {"a": 9, "b": 8, "c": 1, "d": 2, "e": 3}, chosen)
    result = explain.result(outcome, question, enough=lambda id: None)
    assert by_label(result)["Banken"].state is State.WON
    assert why(result, "Banken") == (
        "Paste in de eerste ronde niet binnen de grens van het thema. Kreeg geld in de tweede ronde."
    )
    assert more(result, "Banken") == (
        "Voor “groen” was toen nog € 20 over. Dat is € 10 te weinig. "
        "De grens voor “groen” is € 80. Daarvan was al € 60 gegeven. "
        "Toen dit plan in de tweede ronde aan de beurt kwam, was er nog € 40. Daarna was er nog € 10."
    )
    assert result.caps
    assert [plain(cell.text) for cell in result.caps.rows[0]] == ["groen", "€ 80", "€ 60 + € 30"]
    assert "Na de +" in result.caps.note
    assert plain(result.how[-1]) == (
        "Dat was de eerste ronde. Daarna was er nog € 40 over. Vooraf was afgesproken wat daarmee gebeurt: "
        "in een tweede ronde gaat het naar plannen die daar nog in passen, weer op volgorde. "
        "De grenzen gelden dan niet meer. Zo kreeg “Banken” toch nog geld."
    )
    assert result.course[0].table
    assert result.course[0].table.note == "Het laatste plan kreeg geld in de tweede ronde."
    assert why(result, "Zwembad").endswith("Ook met de meeste stemmen had het niet gepast.")


def test_a_limit_that_stopped_a_plan_as_well_is_named_only_where_it_did() -> None:
    plans = (
        Option("a", "Bomen", 60_00, "groen"),
        Option("b", "Bos", 50_00, "groen"),
        Option("c", "Feest", 45_00),
    )
    for cap, told in ((110_00, ""), (100_00, " Ook voor “groen” was te weinig over: € 40.")):
        chosen = budget(groen=cap)
        result = explain.result(
            greedy.count(plans, {"a": 3, "b": 2, "c": 1}, chosen), paper(*plans), rule=chosen
        )
        assert why(result, "Bos") == f"Paste niet: er was nog € 40. Dat is € 10 te weinig.{told}"


@pytest.mark.parametrize(
    ("tie_order", "votes", "told"),
    [
        (
            (),
            {"a": 4, "b": 3, "c": 1},
            " eerder aan de beurt geweest dan “Bomen”, toen er nog genoeg geld was.",
        ),
        # drawing level is enough, or passes nobody for certain: who is passed is not said
        (
            ("lower-cost",),
            {"a": 4, "b": 3, "c": 1},
            " eerder aan de beurt geweest, toen er nog genoeg geld was.",
        ),
    ],
)
def test_whom_a_plan_would_have_passed(
    tie_order: tuple[TieKey, ...], votes: dict[str, int], told: str
) -> None:
    plans = (Option("a", "Bomen", 70_00), Option("b", "Banken", 50_00), Option("c", "Feest", 10_00))
    chosen = replace(budget(), tie_order=tie_order)
    result = explain.result(
        greedy.count(plans, votes, chosen),
        paper(*plans),
        enough=lambda id: enough.votes_short(plans, votes, chosen, id),
        rule=chosen,
    )
    assert why(result, "Banken").endswith(f"meer had dit plan geld gekregen: dan was het{told}")


def test_votes_that_reach_a_threshold_pass_nobody() -> None:
    plans = (Option("a", "Bomen", 10_00), Option("b", "Banken", 10_00))
    chosen = replace(budget(), threshold=5)
    votes = {"a": 4, "b": 2}
    result = explain.result(
        greedy.count(plans, votes, chosen),
        paper(*plans),
        enough=lambda id: enough.votes_short(plans, votes, chosen, id),
        rule=chosen,
    )
    assert why(result, "Banken").endswith("Met 3 stemmen meer had dit plan geld gekregen.")


def test_a_part_of_the_cost() -> None:
    question = paper(Option("a", "Bomen", 60_00), Option("b", "Banken", 70_00), Option("c", "Feest", 35_00))
    outcome = greedy.count(question.options, {"a": 6, "b": 5, "c": 1}, budget(Leftover.PART))
    assert explain.headline(outcome, question) == (
        "Deze plannen krijgen geld: “Bomen” en “Feest”. “Banken” krijgt een deel."
    )
    assert "“Banken” (5 stemmen, € 70) krijgt wat over was: € 5 van de € 70 die het plan kost." in (
        explain.sentences(outcome, question)
    )
    row = by_label(explain.result(outcome, question))["Banken"]
    assert (row.state, row.verdict, plain(row.given)) == (State.PART, "deels", "€ 5")


def test_a_tie_says_what_a_lot_would_decide() -> None:
    plans = (Option("a", "Bomen", 60_00), Option("b", "Banken", 70_00), Option("c", "Feest", 35_00))
    tie = greedy.count(plans, {"a": 5, "b": 5, "c": 1}, budget())
    assert explain.headline(tie, paper(*plans)) == "Er staat nog niets vast: er moet worden geloot."
    result = explain.result(tie, paper(*plans), enough=lambda id: 1)
    assert why(result, "Bomen") == (
        "“Bomen” en “Banken” staan gelijk (5 stemmen). Er is hier ruimte voor hoogstens 1 van de 2. "
        "Een loting bepaalt wie voorgaat. Met 1 stem meer was het zonder loting gekozen."
    )
    assert "hangt af van een loting tussen andere plannen" in why(result, "Feest")
    assert {row.verdict for row in result.rows} == {"loting"}
    assert len(result.lots) == 1


def test_a_lot_about_a_part_is_not_told_as_a_lot_about_a_whole_plan() -> None:
    plans = (Option("a", "Bomen", 60_00), Option("b", "Banken", 70_00), Option("c", "Feest", 75_00))
    tie = greedy.count(plans, {"a": 6, "b": 5, "c": 5}, budget(Leftover.PART))
    assert tie.ties == (("b", "c"),)
    assert why(explain.result(tie, paper(*plans)), "Feest") == (
        "“Banken” en “Feest” staan gelijk (5 stemmen). Wat over is, is voor geen van hen genoeg. "
        "Een loting bepaalt wie het krijgt, als deel van de kosten."
    )


def test_more_equals_than_can_be_followed() -> None:
    plans = tuple(Option(f"o{n}", f"Plan {n}", 1000 + n) for n in range(40))
    votes = dict.fromkeys((plan.id for plan in plans), 1)
    outcome = greedy.count(plans, votes, replace(budget(), budget=20_000))
    assert "stopped" in {step.kind for step in outcome.steps}
    (lot,) = explain.result(outcome, paper(*plans)).lots
    assert "te veel plannen gelijk" in lot
    assert "“Plan 7” en nog 32" in lot


def test_a_lot_that_was_drawn_is_told() -> None:
    plans = (Option("a", "Bomen", 60_00), Option("b", "Banken", 70_00))
    outcome = counted(paper(*plans), budget(), ("b", "a"), a=3, b=3)
    result = explain.result(outcome, paper(*plans))
    assert result.lots == ("Er is geloot. De volgorde werd: “Banken”, dan “Bomen”.",)
    assert [row.label for row in result.rows] == ["Banken", "Bomen"]


def test_points_decide_and_are_named() -> None:
    options = (Option("a", "Bomen", 60_00), Option("b", "Banken", 70_00))
    question = Question("Hoeveel?", Kind.POINTS, options, 1, 2, points=Points(5, 1, 5))
    result = explain.result(counted(question, budget(), a4_b1=2, b5=1), question)
    assert result.score_head == "Punten"
    assert [row.scored for row in result.rows] == ["8 punten", "7 punten"]


@pytest.mark.parametrize(
    ("changes", "votes", "said"),
    [
        ({}, (9, 8, 7, 1), "Elk plan dat niet gekozen is, kost meer dan wat er over is."),
        ({"budget": 300_00}, (9, 8, 7, 1), "Er is geld over, want alle plannen zijn betaald."),
        (
            {"theme_caps": {"groen": 10_00}, "budget": 200_00},
            (9, 8, 7, 1),
            "Toch gaat dat niet naar een plan dat daar nog in past. De grens per thema blijft gelden. Zo was het",
        ),
        (
            {"skip": False, "budget": 80_00},
            (9, 1, 7, 8),
            "Elk plan dat niet gekozen is, kost meer dan wat er over is.",
        ),
        (
            {"skip": False, "budget": 95_00},
            (9, 7, 8, 1),
            "daar nog in past. De verdeling stopt bij het eerste plan dat niet past. Zo was het vooraf afgesproken.",
        ),
        ({"threshold": 9}, (9, 8, 7, 1), "daar nog in past. Een plan heeft minstens 9 stemmen nodig. Zo was"),
        ({"budget": 90_00}, (9, 8, 7, 1), None),  # nothing is left
        ({}, (9, 9, 9, 1), None),  # a lot has yet to say what is left
    ],
)
def test_why_money_is_left(changes: dict[str, object], votes: tuple[int, ...], said: str | None) -> None:
    chosen = replace(budget(), **changes)  # type: ignore[arg-type]
    outcome = greedy.count(PARK, dict(zip("abcd", votes, strict=True)), chosen)
    told = explain.result(outcome, paper(*PARK), rule=chosen).left_why
    assert len(told) == (2 if said else 0)
    assert said is None or said in told[0]
    assert said is None or told[1] == UNSPENT


def test_a_limit_that_nothing_came_up_against_is_told_too() -> None:
    chosen = budget(groen=95_00)
    outcome = greedy.count(PARK, {"a": 9, "b": 8, "c": 7, "d": 1}, chosen)
    result = explain.result(outcome, paper(*PARK), rule=chosen)
    assert "Elk thema had ook een eigen grens" in result.how[1]
    assert by_label(result)["Banken"].group == "thema “groen”"
    assert explain.result(outcome, paper(*PARK)).rows[0].group == ""  # without the rule nothing tells


def test_two_limits_are_both_named() -> None:
    plan = Option("a", "Bomen", 60_00, "groen", "oost")
    chosen = replace(budget(groen=95_00), place_caps={"oost": 70_00})
    result = explain.result(greedy.count([plan], {"a": 1}, chosen), paper(plan), rule=chosen)
    (row,) = result.rows
    assert row.group == "thema “groen”, gebied “oost”"
    assert row.why == ("Paste meteen.",)


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ({}, "3 stembiljetten zijn geteld. Hoeveel"),
        ({"internet": 2, "paper": 1}, "3 stembiljetten zijn geteld. Via internet 2, op papier 1. Hoeveel"),
        ({"internet": 2, "": 1}, "3 stembiljetten zijn geteld. Hoeveel"),  # of one ballot it is not known
    ],
)
def test_without_letters_no_turnout_is_guessed(ways: dict[str, int], said: str) -> None:
    @dataclass(frozen=True)
    class Returned:
        ballots: int
        ways: dict[str, int]

    outcome = greedy.count(PARK, dict.fromkeys("abcd", 3), budget())
    result = explain.result(outcome, paper(*PARK), ballots=Returned(3, ways))
    assert result.turnout.startswith(said)
    assert result.turnout.endswith("Daarom is de opkomst niet bekend.")


# -- Equal Shares ------------------------------------------------------------------------------------


def test_equal_shares_tell_who_paid_what() -> None:
    question = paper(Option("a", "Bomen", 15), Option("b", "Banken", 16), Option("c", "Feest", 30))
    outcome = counted(question, EqualSharesRule(40, Utility.COST, Completion.NONE, 1), a_b=2, a=1, b_c=1)
    result = explain.result(outcome, question, money=lambda amount: f"€ {amount}")
    assert outcome.winners == ("a", "b")
    assert why(result, "Bomen") == "3 mensen betaalden elk € 5."
    assert more(result, "Bomen") == ""
    assert why(result, "Banken") == "3 mensen betaalden elk € 6, of wat zij nog over hadden."
    assert more(result, "Banken") == (
        "1 persoon betaalde € 6. 2 mensen hadden minder over en betaalden dat: samen € 10. € 6 + € 10 = € 16."
    )
    assert why(result, "Feest") == "1 persoon had nog € 4: € 26 te weinig."
    assert more(result, "Feest") == (
        "Deze persoon had in het begin € 10. Daarvan ging € 6 naar andere plannen. Over: € 4."
    )
    assert plain(result.how[0]) == (
        "Er was € 40 en er stemden 4 mensen. Dat geld is in gedachten gelijk verdeeld: "
        "elke stemmer kreeg € 10 te besteden aan de plannen van zijn of haar keuze. Niemand betaalde met eigen geld."
    )
    assert result.example == ()  # nobody won with fewer votes than somebody lost with


def test_equal_shares_show_that_fewer_votes_may_be_enough() -> None:
    question = paper(Option("a", "Bomen", 10), Option("b", "Banken", 39), Option("c", "Feest", 60))
    outcome = counted(question, EqualSharesRule(60, Utility.COST, Completion.NONE, 1), a=1, b=3, c=2)
    result = explain.result(outcome, question, money=lambda amount: f"€ {amount}")
    assert outcome.winners == ("a",)
    assert [plain(sentence) for sentence in result.example] == [
        "“Bomen” (1 stem, € 10): de ene persoon die het koos, kon dat betalen.",
        "“Feest” (2 stemmen, € 60): ieder moest € 30 betalen. Zoveel had niemand. Samen hadden zij nog € 20: "
        "€ 40 te weinig.",
    ]
    assert result.how[-1] == "Zo won hier een plan met 1 stem, en een plan met 2 niet. Dat kwam zo:"
    assert [row.label for row in result.rows] == ["Bomen", "Banken", "Feest"]
    assert {row.place for row in result.rows} == {None}  # a number would seem to say who is chosen


@pytest.mark.parametrize(
    ("utility", "costs", "votes", "told"),
    [
        (  # the closest pair of four, and of two equally close ones the dearest winner
            Utility.COST,
            {"a": 10, "b": 30, "c": 40, "d": 61, "e": 101},
            {"a": 2, "b": 5, "c": 5, "d": 6, "e": 10},
            [
                "“C” (5 stemmen, € 40): ieder moest € 8 betalen. Dat konden zij allemaal.",
                "“D” (6 stemmen, € 61): ieder moest ongeveer € 10 betalen. Zoveel had niemand. "
                "Samen hadden zij nog € 60: € 1 te weinig.",
            ],
        ),
        (  # one supporter of the winner could not pay as much as the other
            Utility.COST,
            {"a": 14, "b": 20, "c": 24},
            {"a_b": 1, "a": 1, "b_c": 2, "b": 1, "c": 1},
            [
                "“A” (2 stemmen, € 14): zij konden dat samen betalen. Wie genoeg had, betaalde € 9; wie minder had, "
                "betaalde dat.",
                "“C” (3 stemmen, € 24): ieder moest € 8 betalen. Niet iedereen had dat nog, want er was al betaald "
                "voor andere plannen. Toen “A” aan de beurt was, hadden zij samen al te weinig. "
                "Aan het eind hadden zij samen nog € 20: € 4 te weinig.",
            ],
        ),
        (  # by number the cheaper one comes first anyhow
            Utility.NUMBER,
            {"a": 6, "b": 8, "c": 24},
            {"a": 1, "a_c": 1, "b_c": 2},
            [
                "“B” (2 stemmen, € 8): ieder moest € 4 betalen. Dat konden zij allemaal.",
                "“C” (3 stemmen, € 24): ieder moest € 8 betalen. Niet iedereen had dat nog, want er was al betaald "
                "voor andere plannen. Aan het eind hadden zij samen nog € 19: € 5 te weinig.",
            ],
        ),
    ],
)
def test_the_pair_that_is_explained_is_the_hardest_one(
    utility: Utility, costs: dict[str, int], votes: dict[str, int], told: list[str]
) -> None:
    question = paper(*(Option(id, id.upper(), cost) for id, cost in costs.items()))
    rule = EqualSharesRule(10 * sum(votes.values()), utility, Completion.NONE, 1)
    outcome = counted(question, rule, **votes)
    result = explain.result(outcome, question, money=lambda amount: f"€ {amount}", rule=rule)
    assert [plain(sentence) for sentence in result.example] == told


def test_shares_that_no_coin_can_pay_are_rounded_and_say_so() -> None:
    question = paper(Option("a", "Bomen", 10_00))
    outcome = counted(question, EqualSharesRule(10_00, Utility.COST, Completion.NONE, 1), a=3)
    result = explain.result(outcome, question)
    assert why(result, "Bomen") == "3 mensen betaalden elk ongeveer € 3,33."
    assert plain(result.how[0]).endswith("Niemand betaalde met eigen geld.")
    assert "kreeg ongeveer € 3,33 te besteden" in plain(result.how[0])


def test_the_share_of_who_voted_blanco_is_told() -> None:
    question = paper(Option("a", "Bomen", 25), Option("b", "Banken", 30))
    rule = EqualSharesRule(40, Utility.COST, Completion.ADD1, 1)
    for votes, told in (({"a": 2, "b": 2, "blanco": 2}, True), ({"a": 2, "b": 2}, False)):
        result = explain.result(counted(question, rule, **votes), question, rule=rule)
        said = " ".join(sentence for chapter in result.course for sentence in chapter.sentences)
        assert "meer te besteden, en is steeds opnieuw geteld" in said
        assert ("wie blanco stemde, had dat bedrag" in said) is told


def of_file(name: str) -> Result:
    done = recount.count(reading.read_path(str(FILES / name)))
    return explain.result(
        done.outcome,
        done,
        money=lambda amount: money.in_words(amount, "€"),
        rule=done.rule,
        ballots=done,
    )


@pytest.mark.skipif(not FILES.is_dir(), reason="the Pabulib files are not here")
def test_assen_reads_well() -> None:
    result = of_file("Netherlands_Assen_2024.pb")
    assert result.headline == "9 van de 14 plannen krijgen geld."
    assert [plain(sentence) for sentence in result.how] == [
        "Er was € 100.000 en er stemden 84 mensen. Dat geld is in gedachten gelijk verdeeld: elke "
        "stemmer kreeg ongeveer € 1.190 te besteden aan de plannen van zijn of haar keuze. "
        "Niemand betaalde met eigen geld.",
        (
            "De plannen komen één voor één aan de beurt. Een plan wordt gekozen als de mensen die erop stemden het "
            "dan samen kunnen betalen. Ieder betaalt evenveel. Wie minder over heeft, betaalt wat er nog is; de "
            "anderen betalen dan wat meer. Wie meebetaalt aan een plan, heeft minder over voor het volgende."
        ),
        (
            "Het plan met de meeste stemmers is het eerst aan de beurt. Na elke keuze wordt opnieuw gekeken. Wie voor "
            "een plan minder kan betalen dan de anderen, telt daarbij maar voor een deel mee. Zo'n plan kan dan later "
            "aan de beurt komen. Kunnen de stemmers het samen niet betalen, dan wordt het plan overgeslagen."
        ),
        (
            "Zo bleef er eerst geld over: wat nog niet gekozen was, was te duur voor de mensen die erop stemden. "
            "Daarom is steeds opnieuw geteld, elke keer met € 1 meer voor ieder. Alleen de laatste telling "
            "geldt: daarin had ieder ongeveer € 2.033. Al die bedragen samen zijn meer dan er is. Dat kan, want het "
            "blijft geld in gedachten: niet alles wordt besteed, en de gekozen plannen mogen samen nooit meer kosten dan € 100.000. De 9 gekozen plannen kosten samen € 76.700."
        ),
        (
            "De meeste stemmen zijn niet altijd genoeg. Weinig mensen kunnen samen een goedkoop plan "
            "betalen; voor een duur plan zijn er veel nodig."
        ),
        "Zo won hier een plan met 24 stemmen, en een plan met 25 niet. Dat kwam zo:",
    ]
    assert [plain(sentence) for sentence in result.example] == [
        "“Muziekproductie studio” (24 stemmen, € 15.000): ieder moest € 625 betalen. Dat konden zij allemaal.",
        "“Crossbaan in Peelo” (25 stemmen, € 40.000): ieder moest € 1.600 betalen. Niet iedereen had dat nog, want "
        "er was al betaald voor andere plannen. Daardoor telden zij samen voor minder dan 24 stemmers, en ging "
        "“Muziekproductie studio” voor. Op dat moment hadden zij samen nog wel genoeg: € 42.667. Maar daarna betaalden "
        "zij voor andere plannen. Aan het eind hadden zij in gedachten nog € 35.085: € 4.915 te weinig.",
    ]
    assert why(result, "RuBox") == (
        "10 mensen hadden samen nog € 11.680: € 320 te weinig. Er is wel genoeg geld over. Maar dat mag er niet bij: "
        "de mensen die op een plan stemden, moeten het samen betalen."
    )
    assert why(result, "Crossbaan in Peelo") == (  # it costs more than what is left
        "25 mensen hadden in gedachten samen nog € 35.085: € 4.915 te weinig."
    )
    assert more(result, "RuBox") == (
        "In het begin hadden zij elk ongeveer € 2.033: samen € 20.335. "
        "Daarvan ging € 8.655 naar andere plannen die zij kozen. Over: € 11.680."
    )
    assert [plain(sentence) for sentence in result.left_why] == [
        "Er is geld over. Dat gaat niet vanzelf naar een plan dat erin past: de mensen die erop stemden, moeten het "
        "samen kunnen betalen. Zo was het vooraf afgesproken.",
        "Nog € 1 meer voor ieder kon niet. Dan hebben de mensen die op “Crossbaan in Peelo” stemden iets meer, en gaat "
        "dat plan vóór “Muziekproductie studio”. Zij hebben dan nog niet betaald voor plannen die later komen, en "
        "hebben samen wel genoeg. Maar de mensen die op “Snelheidsregeling” stemden, hebben dan samen te weinig over. "
        "Wat dan wordt gekozen, kost samen € 105.700. "
        "Dat is meer dan de € 100.000 die er is.",
        UNSPENT,
    ]
    (course,) = result.course
    assert course.folded
    assert "843 keer € 1 meer te besteden" in plain(" ".join(course.sentences))
    assert course.table
    assert [plain(cell.text) for cell in course.table.rows[1]] == [
        "2. Jongerenplatform",
        "€ 500",
        "€ 71.800",
    ]


@pytest.mark.skipif(not FILES.is_dir(), reason="the Pabulib files are not here")
def test_amsterdam_604_reads_well() -> None:
    result = of_file("Netherlands_Amsterdam_604.pb")
    assert result.headline == "22 van de 24 plannen krijgen geld."
    assert plain(result.turnout) == (
        "2.324 stembiljetten zijn geteld. Hoeveel mensen mochten stemmen, staat niet in het bestand. "
        "Daarom is de opkomst niet bekend."
    )
    assert plain(" ".join(result.how[1:])) == (
        "Elk thema had ook een eigen grens: zoveel geld mocht er hoogstens heen. Was daarvan niet genoeg over, dan "
        "kreeg een plan in de eerste ronde geen geld, ook al was er in totaal nog wel genoeg. "
        "Dat was de eerste ronde. Daarna was er nog € 44.327 over. Vooraf was afgesproken wat daarmee "
        "gebeurt: in een tweede ronde gaat het naar plannen die daar nog in passen, weer op volgorde. "
        "De grenzen gelden dan niet meer. "
        "Zo kregen “Vergroenen van de veranda van het Tugelahuis” en “24/7 Oost” toch nog geld."
    )
    assert by_label(result)["24/7 Oost"].group == "thema “Kindvriendelijke buurt”"
    assert all(row.group for row in result.rows)
    assert why(result, "24/7 Oost") == (
        "Paste in de eerste ronde niet binnen de grens van het thema. Kreeg geld in de tweede ronde."
    )
    assert result.left_why == ("Elk plan dat niet gekozen is, kost meer dan wat er over is.", UNSPENT)
    (course,) = result.course
    assert course.table
    assert course.table.note == "De laatste 2 plannen kregen geld in de tweede ronde."
    assert [plain(cell.text) for cell in course.table.rows[-1]] == ["24/7 Oost", "€ 5.040", "€ 29.287"]
    assert more(result, "24/7 Oost") == (
        "Voor “Kindvriendelijke buurt” was toen nog € 4.251 over. Dat is € 789 te weinig. "
        "De grens voor “Kindvriendelijke buurt” is "
        "€ 57.312. Daarvan was al € 53.061 gegeven. Toen dit plan in de tweede ronde aan de beurt kwam, was er nog € 34.327. "
        "Daarna was er nog € 29.287."
    )
    assert why(result, "Muziek uit de bomen bij het Plein Theater") == (
        "Paste in de eerste ronde niet: voor “Klimaat en duurzaamheid” was nog € 25.338 over. Dat is € 15.012 te weinig. "
        "Ook in de tweede ronde paste het niet: toen was er nog € 34.327, nadat “Vergroenen van de veranda van het "
        "Tugelahuis” € 10.000 had gekregen."
    )
    assert why(result, "Onze wereld: Natuur, coaching en ontdekken van culturen verbindt jongeren") == (
        "Paste in de eerste ronde niet: er was nog € 44.327. Dat is € 17.955 te weinig. Ook voor “Kinder- en jongerenactiviteiten” was "
        "te weinig over: € 10.994. Ook in de tweede ronde paste het niet: toen was er nog € 29.287, nadat “Vergroenen "
        "van de veranda van het Tugelahuis” en “24/7 Oost” samen € 15.040 hadden gekregen."
    )
    assert [(line.label, plain(line.amount)) for line in result.money] == [
        ("Budget", "€ 300.000"),
        ("22 gekozen plannen", "− € 270.713"),
        ("Over", "€ 29.287"),
    ]


# -- one winner --------------------------------------------------------------------------------------


def choice(*ids: str) -> Question:
    return Question("Welk plein?", Kind.CHOOSE_ONE, square(*ids))


def test_the_most_votes_win() -> None:
    question = choice("a", "b", "c")
    outcome = counted(question, PluralityRule(), a=5, b=3, blanco=2)
    result = explain.result(outcome, question, Turnout(40, 8, 2, 0))
    assert result.headline == "“A-plein” wint met 5 stemmen."
    assert result.turnout == "10 van de 40 brieven zijn gebruikt (25%). Via internet 8, op papier 2."
    assert result.blank == "2 mensen stemden blanco."
    assert why(result, "A-plein") == (
        "Deze keuze wint met 5 stemmen. De volgende had 3 stemmen, dus 2 stemmen minder."
    )
    assert why(result, "B-plein") == "Deze keuze had 3 stemmen. Dat is 3 stemmen te weinig om te winnen."
    assert not result.money


def test_equals_are_parted_by_a_lot_or_by_an_order() -> None:
    question = choice("a", "b")
    lot = explain.result(counted(question, PluralityRule(), ("b", "a"), a=5, b=5), question)
    assert "het lot besliste" in why(lot, "B-plein")
    order = PluralityRule(tie_order=("paper-order",))
    assert "de volgorde die vooraf vaststond" in why(
        explain.result(counted(question, order, a=5, b=5), question), "A-plein"
    )


def test_who_lost_a_lot_or_an_order_is_told_so() -> None:
    question = choice("a", "b", "c")
    lot = explain.result(counted(question, PluralityRule(), ("b", "a"), a=5, b=5, c=1), question)
    assert why(lot, "A-plein") == "Deze keuze had 5 stemmen. Een ander had evenveel; het lot besliste."
    assert why(lot, "C-plein") == "Deze keuze had 1 stem. Dat is 5 stemmen te weinig om te winnen."
    ordered = WeighedRule(PluralityRule(tie_order=("paper-order",)), HALVES)
    boxes = {"web": [("a", 3), ("b", 3)], "paper": [("a", 2), ("b", 2)]}
    order = explain.result(count.count(question, ordered, boxes, 20), question, rule=ordered)
    assert why(order, "B-plein") == (
        "Deze keuze had 50,0%. Een ander had evenveel; de volgorde die vooraf vaststond, besliste."
    )
    assert why(order, "C-plein") == "Deze keuze had 0,0%. Een andere keuze had meer."


def test_equals_that_miss_the_quorum_are_each_told_so() -> None:
    question = choice("a", "b")
    chosen = PluralityRule(Quorum.TURNOUT, Fraction(1, 2))
    both = counted(question, chosen, letters=100, a=5, b=5)
    result = explain.result(both, question, rule=chosen)
    assert result.headline == "Er is geen winnaar: de drempel is niet gehaald."
    assert [why(result, f"{name}-plein") for name in "AB"] == 2 * [
        "Deze keuze stond met 5 stemmen gelijk bovenaan, maar de drempel is niet gehaald."
    ]
    assert not result.lots
    one = explain.result(counted(question, chosen, letters=100, a=5, b=4), question, rule=chosen)
    assert "zou hebben gewonnen" in why(one, "A-plein")


def test_a_missed_quorum_and_an_empty_box() -> None:
    question = choice("a", "b")
    barred = counted(question, PluralityRule(Quorum.TURNOUT, Fraction(1, 2)), letters=100, a=5)
    assert explain.headline(barred, question) == "Er is geen winnaar: de drempel is niet gehaald."
    assert "Dat zijn er 45 te weinig." in " ".join(explain.result(barred, question).how)
    nobody = counted(question, PluralityRule(), blanco=3)
    assert explain.headline(nobody, question) == "Er is geen winnaar: geen enkele keuze kreeg steun."


def test_a_run_off_tells_its_rounds() -> None:
    question = paper(*square("a", "b", "c"), kind=Kind.RANKING)
    result = explain.result(counted(question, RankedRule(Method.RUN_OFF), a=5, b_c=4, c_b=2), question)
    assert result.headline == "“B-plein” wint met 6 van de 11 stemmen."
    assert [row.label for row in result.rows] == ["B-plein", "A-plein", "C-plein"]
    assert why(result, "A-plein") == (
        "Deze keuze haalde de laatste ronde, met 5 stemmen. Meer dan de helft is 6: 1 stem te weinig."
    )
    (course,) = result.course
    assert course.table
    assert [cell.text for cell in course.table.rows[2]] == ["C-plein", "2", "–"]
    assert "“B-plein” krijgt er daardoor 2 stemmen bij." in course.sentences[0]


def test_schulze_tells_its_duels() -> None:
    question = paper(*square("a", "b", "c"), kind=Kind.RANKING)
    schulze = RankedRule(Method.SCHULZE)
    result = explain.result(counted(question, schulze, a_b_c=4, b_c_a=3, c_a_b=2), question)
    assert result.headline == "“A-plein” wint."
    assert "Hier wint niemand alle duels." in result.how[-1]
    assert why(result, "A-plein").endswith(
        "Het duel met “C-plein” werd 4 – 5, maar in ketens van duels staat het 6 – 5."
    )
    (course,) = result.course
    assert course.table
    assert [cell.text for cell in course.table.rows[0]] == ["1. A-plein", "–", "6 – 3", "4 – 5"]
    clear = explain.result(counted(question, schulze, a_b_c=3), question)
    assert clear.headline == "“A-plein” wint van elke andere keuze."


def a_circle(size: int) -> tuple[Question, Outcome]:
    """Everybody wins from the next and loses to the one before: nobody wins all duels."""
    ids = tuple(f"o{n:02}" for n in range(size))
    question = Question("Welk plein?", Kind.RANKING, square(*ids), 1, size)
    turned = [(",".join((*ids[n:], *ids[:n])), 1 + (n == 0)) for n in range(size)]
    return question, count.count(question, RankedRule(Method.SCHULZE), {"web": turned}, 500)


def test_duels_of_many_options_are_not_all_told() -> None:
    question, outcome = a_circle(20)
    (course,) = explain.result(outcome, question).course
    assert course.table
    assert len(course.table.rows) == 20
    question, outcome = a_circle(21)
    result = explain.result(outcome, question)
    (course,) = result.course
    assert course.table is None
    assert "te veel duels voor een tabel" in course.sentences[0]
    assert why(result, "O00-plein") == (
        "Deze keuze wordt door geen andere verslagen."
        " 10 duels won het niet, maar in ketens van duels staat geen van die anderen sterker."
    )
    assert all("verslagen door" in why(result, row.label) for row in result.rows[1:])


class Read(dict[str, Money | str]):
    """The values of a step, and how often they were looked at."""

    times = 0

    def __getitem__(self, name: str) -> Money | str:
        self.times += 1
        return super().__getitem__(name)


@pytest.mark.parametrize("size", [5, 20, 40])
def test_a_duel_is_read_as_often_however_many_there_are(size: int) -> None:
    question, outcome = a_circle(size)
    duels = [(step.option, Read(step.values)) for step in outcome.steps if step.kind == "duel"]
    others = (step for step in outcome.steps if step.kind != "duel")
    steps = (*(Step("duel", id, values) for id, values in duels), *others)
    explain.result(replace(outcome, steps=steps), question)
    assert {values.times for _, values in duels} == {3}


def test_channels_that_weigh_are_told() -> None:
    question = choice("a", "b")
    boxes = {"web": [("a", 60), ("b", 40)], "paper": [("a", 1), ("b", 4)]}
    outcome = count.count(question, WeighedRule(PluralityRule(), HALVES), boxes, 200)
    result = explain.result(outcome, question)
    assert result.headline == "“B-plein” wint met 60,0%."
    assert result.channels
    assert result.channels.table
    assert [[cell.text for cell in row] for row in result.channels.table.rows] == [
        ["B-plein", "40", "4", "44", "60,0%"],
        ["A-plein", "60", "1", "61", "40,0%"],
    ]
    assert "wegen samen voor de helft" in result.channels.sentences[0]


def test_channels_that_were_put_together_were_not_weighed() -> None:
    question, chosen = choice("a", "b"), WeighedRule(PluralityRule(), HALVES)
    outcome = count.count(question, chosen, {"web": [("a", 6), ("b", 2)]}, 200)
    alone, joined = (
        explain.result(outcome, question, rule=chosen, joined=joined) for joined in (False, True)
    )
    for result in (alone, joined):
        assert "vast deel" not in " ".join(result.how)
        assert result.score_head == "Deel"
        assert result.channels
        assert result.channels.sentences[-1] == "Er was één groep stemmen: elke stem woog even zwaar."
    assert alone.channels
    assert len(alone.channels.sentences) == 1
    assert joined.channels
    assert joined.channels.sentences[0] == (
        "Op papier of via internet waren er minder stemmen dan het aantal dat vooraf was afgesproken."
        " Daarom zijn papier en internet samengevoegd. Zo blijft geheim wie wat stemde."
    )


def test_scores_that_differ_look_different() -> None:
    question = choice("a", "b")
    boxes = {"web": [("a", 50_000), ("b", 50_001)], "paper": [("a", 1), ("b", 1)]}
    outcome = count.count(question, WeighedRule(PluralityRule(), HALVES), boxes, 200_000)
    assert [row.score for row in explain.result(outcome, question).rows] == ["50,0002%", "49,9998%"]


# -- the rule is told, where no step shows it --------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "head", "caption"),
    [
        (Method.RUN_OFF, "Stemmen", "De laatste ronde waarin elke keuze meedeed"),
        (Method.SCHULZE, "Wint van", "Van hoeveel andere elke keuze het wint"),
    ],
)
def test_rankings_that_name_nobody_are_not_told_as_points(method: Method, head: str, caption: str) -> None:
    question, chosen = paper(*square("a", "b"), kind=Kind.RANKING), RankedRule(method)
    outcome = counted(question, chosen, blanco=3)
    result = explain.result(outcome, question, rule=chosen)
    assert result.headline == "Er is geen winnaar: niemand koos iets."
    assert explain.headline(outcome, question, chosen) == result.headline
    assert explain.sentences(outcome, question, rule=chosen) == ["Niemand koos iets, dus niemand wint."]
    assert (result.score_head, result.caption) == (head, caption)
    assert "punt" not in " ".join(result.how)


def test_a_budget_that_stops_says_so_though_nothing_came_after() -> None:
    question = paper(*PARK[:2])
    chosen = GreedyRule(60_00, {}, {}, Leftover.NONE, (), skip=False)
    outcome = greedy.count(question.options, {"a": 9, "b": 8}, chosen)
    assert not any(step.kind == "after-stop" for step in outcome.steps)
    text = " ".join(explain.result(outcome, question, rule=chosen).how)
    assert "stopte de verdeling" in text
    assert "overgeslagen" not in text


@pytest.mark.parametrize(
    ("utility", "turn"),
    [
        (Utility.NUMBER, "waarvoor ieder het minst hoeft te betalen"),
        (Utility.COST, "Het plan met de meeste stemmers is het eerst aan de beurt."),
    ],
)
def test_equal_shares_that_bought_nothing_say_whose_turn_it_was(utility: Utility, turn: str) -> None:
    question, chosen = paper(Option("a", "Bomen", 30)), EqualSharesRule(20, utility, Completion.NONE, 1)
    outcome = counted(question, chosen, a=2)
    assert not outcome.winners
    assert turn in " ".join(explain.result(outcome, question, rule=chosen).how)


# -- yes or no, and a count without a rule -----------------------------------------------------------


def test_yes_no() -> None:
    outcome = majority.count({"voor": 50, "tegen": 50, "blanco": 3}, 1000, rule())
    assert explain.headline(outcome, YES_NO) == "Er is geen meerderheid voor: 50 voor, 50 tegen."
    assert explain.sentences(outcome, YES_NO) == [
        "Er zijn 103 stemmen op 1.000 brieven: 50 voor, 50 tegen, 3 blanco.",
        "De drempel is 20% van 1.000 brieven: 200 stemmen. Het zijn er 103. Dat zijn er 97 te weinig.",
        (
            "Nodig zijn meer stemmen voor dan tegen: 51 of meer. Het zijn er 50. "
            "Met 1 stem voor erbij was het genoeg geweest."
        ),
    ]
    result = explain.result(outcome, YES_NO)
    assert result.how == tuple(explain.sentences(outcome, YES_NO))
    assert [(row.label, row.score, row.bar) for row in result.rows] == [
        ("Voor", "50", 48),
        ("Tegen", "50", 48),
        ("Blanco", "3", 2),
    ]
    assert not result.decided


def test_a_count_without_a_rule_names_no_winner() -> None:
    question = paper(*PARK)
    outcome = Outcome({"a": 1}, {"a": 1, "b": 0, "c": 0, "d": 0}, left=100)
    assert explain.headline(outcome, question) == "De stemmen zijn geteld. Er is geen regel die iets kiest."
    assert not explain.result(outcome, question).decided


# -- as text -----------------------------------------------------------------------------------------


def test_text_for_a_command_line() -> None:
    long = "Een heel lang plan over bomen, banken en bloemen in de straten tussen het park en het station"
    question = paper(Option("a", long, 60_00), Option("b", "Banken", 30_00))
    outcome = greedy.count(question.options, {"a": 9, "b": 1}, budget())
    lines = explain.as_text(explain.result(outcome, question)).splitlines()
    assert lines[0].startswith("Deze plannen krijgen geld:")
    assert max(map(len, lines)) <= 100
    assert any(line.startswith("  1. Een heel lang plan") and line.endswith("gekozen") for line in lines)
    assert "  Over                 € 10" in lines
    assert not any("\N{NO-BREAK SPACE}" in line for line in lines)


def test_a_table_too_wide_for_a_line_is_told_in_words() -> None:
    ids = "abcdefghijklmnop"
    question = paper(*square(*ids), kind=Kind.RANKING)
    rankings = {"_".join(ids): 1000, "_".join(reversed(ids)): 999}
    outcome = counted(question, RankedRule(Method.SCHULZE), **rankings)
    lines = explain.as_text(explain.result(outcome, question)).splitlines()
    assert max(map(len, lines)) <= 100
    assert any(line.startswith("  1. A-plein: tegen 1 –, tegen 2 1.000 – 999,") for line in lines)
