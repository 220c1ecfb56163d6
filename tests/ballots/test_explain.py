"""Outcomes in Dutch, outside any request."""

from fractions import Fraction

from ballots import explain
from ballots.counting import greedy, majority
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.majority import Base, Majority, MajorityRule, MissedQuorum, Quorum
from ballots.paper import YES_NO_OPTIONS, Kind, Option, Question

YES_NO = Question("Mag het?", Kind.YES_NO, YES_NO_OPTIONS)


def budget(leftover: Leftover = Leftover.NONE, **caps: int) -> GreedyRule:
    return GreedyRule(100_00, caps, {}, leftover, ())


def paper(*options: Option) -> Question:
    return Question("Welke?", Kind.APPROVE, options, 1, len(options))


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


def test_every_step_of_a_budget_has_its_sentence() -> None:
    question = paper(
        Option("a", "Bomen", 60_00, "groen"),
        Option("b", "Banken", 30_00, "groen"),
        Option("c", "Feest", 50_00),
        Option("d", "Boeken", 30_00),
    )
    outcome = greedy.count(
        question.options, {"a": 9, "b": 8, "c": 7, "d": 1}, budget(Leftover.MORE, groen=80_00)
    )
    assert explain.headline(outcome, question) == "Deze plannen krijgen geld: “Bomen” en “Boeken”."
    assert explain.sentences(outcome, question) == [
        "“Bomen” krijgt geld: 9 stemmen, kosten € 60. Daarna is er nog € 40.",
        (
            "“Banken” past niet binnen de grens van € 80 voor “groen”: 8 stemmen, kosten € 30. "
            "Onder die grens was nog € 20."
        ),
        "“Feest” krijgt geen geld: 7 stemmen, maar het kost € 50 en er was nog € 40.",
        "“Boeken” krijgt geld: 1 stem, kosten € 30. Daarna is er nog € 10.",
        "Van het budget van € 100 is € 10 nog niet verdeeld.",
    ]


def test_ties_and_parts() -> None:
    question = paper(Option("a", "Bomen", 60_00), Option("b", "Banken", 70_00), Option("c", "Feest", 35_00))
    tie = greedy.count(question.options, {"a": 5, "b": 5, "c": 1}, budget())
    assert explain.headline(tie, question) == "Geen enkel plan krijgt geld. Er moet nog worden geloot."
    said = explain.sentences(tie, question)
    assert said[0] == (
        "“Bomen” en “Banken” staan gelijk (5 stemmen) en kunnen niet alle 2 geld krijgen, hoogstens 1. "
        "Hier is loting nodig."
    )
    assert "hangt af van een loting" in said[1]
    part = greedy.count(question.options, {"a": 6, "b": 5, "c": 1}, budget(Leftover.PART))
    assert "“Banken” krijgt wat over was: € 5 van de € 70 die het kost." in explain.sentences(part, question)


def test_yes_no() -> None:
    outcome = majority.count({"voor": 50, "tegen": 50, "blanco": 3}, 1000, rule())
    assert explain.headline(outcome, YES_NO) == "Er is geen meerderheid voor: 50 voor, 50 tegen."
    assert explain.sentences(outcome, YES_NO) == [
        "Er zijn 103 stemmen op 1000 brieven: 50 voor, 50 tegen, 3 blanco.",
        "De drempel is 20% van 1000 brieven: 200 stemmen. Het zijn er 103. Dat zijn er 97 te weinig.",
        (
            "Nodig zijn meer stemmen voor dan tegen: 51 of meer. Het zijn er 50. "
            "Met 1 stem voor erbij was het genoeg geweest."
        ),
    ]
    for majority_kind in Majority:
        for base in Base:
            for quorum in Quorum:
                for votes in ({"voor": 300, "tegen": 1}, {"voor": 3, "tegen": 1}, {"voor": 1, "tegen": 3}):
                    for missed in MissedQuorum:
                        changed = rule(majority=majority_kind, base=base, quorum=quorum, missed_quorum=missed)
                        counted = majority.count(votes, 500, changed)
                        text = explain.headline(counted, YES_NO) + " ".join(
                            explain.sentences(counted, YES_NO)
                        )
                        assert "%(" not in text
                        assert "None" not in text
