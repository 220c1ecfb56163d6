"""One winner, and yes or no, in Dutch: votes, equals, quorums, and channels that weigh."""

from fractions import Fraction

from ballots import explain
from ballots.counting import count, majority
from ballots.counting.count import WeighedRule
from ballots.counting.majority import Base, Majority, MajorityRule, MissedQuorum, Quorum
from ballots.counting.plurality import PluralityRule
from ballots.paper import YES_NO_OPTIONS, Kind, Question
from ballots.polls import Turnout
from tests.ballots.explained import HALVES, choice, counted, why

YES_NO = Question("Mag het?", Kind.YES_NO, YES_NO_OPTIONS)


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
