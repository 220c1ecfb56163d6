"""A divided budget in Dutch: who got money, which limit was full, what was left; and a real one with a second round."""

from dataclasses import replace

import pytest

from ballots import explain
from ballots.counting import enough, greedy
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.ties import TieKey
from ballots.explaining.view import State
from ballots.paper import Kind, Option, Points, Question
from tests.ballots.explained import (
    FILES,
    PARK,
    UNSPENT,
    budget,
    by_label,
    counted,
    more,
    of_file,
    paper,
    plain,
    why,
)


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
        "In de eerste ronde was voor “groen” nog € 20 over. Dat is € 10 te weinig. "
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
        "In de eerste ronde was voor “Kindvriendelijke buurt” nog € 4.251 over. Dat is € 789 te weinig. "
        "De grens voor “Kindvriendelijke buurt” is "
        "€ 57.312. Daarvan was al € 53.061 gegeven. Toen dit plan in de tweede ronde aan de beurt kwam, was er "
        "nog € 34.327. "
        "Daarna was er nog € 29.287."
    )
    assert why(result, "Muziek uit de bomen bij het Plein Theater") == (
        "Paste in de eerste ronde niet: voor “Klimaat en duurzaamheid” was nog € 25.338 over. Dat is € 15.012 te "
        "weinig. "
        "Ook in de tweede ronde paste het niet: toen was er nog € 34.327, nadat “Vergroenen van de veranda van het "
        "Tugelahuis” € 10.000 had gekregen."
    )
    assert why(result, "Onze wereld: Natuur, coaching en ontdekken van culturen verbindt jongeren") == (
        "Paste in de eerste ronde niet: er was nog € 44.327. Dat is € 17.955 te weinig. Ook voor “Kinder- en "
        "jongerenactiviteiten” was "
        "te weinig over: € 10.994. Ook in de tweede ronde paste het niet: toen was er nog € 29.287, nadat “Vergroenen "
        "van de veranda van het Tugelahuis” en “24/7 Oost” samen € 15.040 hadden gekregen."
    )
    assert [(line.label, plain(line.amount)) for line in result.money] == [
        ("Budget", "€ 300.000"),
        ("22 gekozen plannen", "− € 270.713"),
        ("Over", "€ 29.287"),
    ]


def test_a_budget_that_stops_says_so_though_nothing_came_after() -> None:
    question = paper(*PARK[:2])
    chosen = GreedyRule(60_00, {}, {}, Leftover.NONE, (), skip=False)
    outcome = greedy.count(question.options, {"a": 9, "b": 8}, chosen)
    assert not any(step.kind == "after-stop" for step in outcome.steps)
    text = " ".join(explain.result(outcome, question, rule=chosen).how)
    assert "stopte de verdeling" in text
    assert "overgeslagen" not in text
