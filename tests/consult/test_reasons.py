"""Arguments that are alike, points that are gathered, and which are answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.counting.count import check, count
from ballots.marks import Filled, marks_of
from ballots.paper import BLANK, Kind
from consult import reasons
from consult.reasons import Aside, Told, Weighed


def text(words: int) -> str:
    return " ".join(["woord"] * words)


@pytest.mark.parametrize(
    ("in_favour", "against", "named"),
    [
        (90, 90, ()),
        (90, 72, ()),
        (72, 90, ()),
        (5, 4, ()),
        (90, 71, ("ongeveer even lang",)),
        (5, 3, ("ongeveer even lang",)),
        (91, 90, ("voor van hoogstens 90 woorden (nu 91)",)),
        (91, 95, ("voor van hoogstens 90", "tegen van hoogstens 90")),
        (200, 10, ("voor van hoogstens 90", "nu 200 woorden voor en 10 woorden tegen")),
    ],
)
def test_arguments_are_about_as_long(in_favour: int, against: int, named: tuple[str, ...]) -> None:
    found = list(map(str, reasons.unfair(text(in_favour), text(against))))
    assert [name in said for name, said in zip(named, found, strict=True)] == [True] * len(named)


@given(st.integers(1, 90), st.integers(1, 90))
def test_it_is_the_same_for_both_sides(one: int, other: int) -> None:
    fair = not reasons.unfair(text(one), text(other))
    assert fair == (not reasons.unfair(text(other), text(one)))
    assert fair == (min(one, other) >= 0.8 * max(one, other) - 1e-9)


@pytest.mark.parametrize(
    ("heard", "waiting", "named"),
    [
        ({}, 0, ()),
        ({1: 1, 2: 3, 3: 1, 4: 9}, 0, ()),
        (dict.fromkeys(range(1, 9), 1), 0, ()),
        ({1: 1, 2: 3, 3: 1}, 0, ("4 tot en met 8 punten",)),
        (dict.fromkeys(range(1, 10), 1), 0, ("(nu 9)",)),
        ({1: 1, 2: 0, 3: 1, 4: 0}, 0, ("bij punt 2, 4",)),
        ({1: 1, 2: 3, 3: 1, 4: 9}, 5, ("er wachten er 5",)),
        ({}, 5, ("er wachten er 5",)),
    ],
)
def test_what_is_still_to_gather(heard: dict[int, int], waiting: int, named: tuple[str, ...]) -> None:
    found = list(map(str, reasons.ungathered(heard, waiting)))
    assert [name in said for name, said in zip(named, found, strict=True)] == [True] * len(named)


def test_the_question_may_be_left_open_and_decides_nothing() -> None:
    question = reasons.question({1: "Rust", 3: "Spelen", 4: "Geld", 5: "Groen"})
    assert (question.kind, question.least, question.most) == (Kind.CHOOSE_ONE, 0, 1)
    assert [option.id for option in question.options] == ["p1", "p3", "p4", "p5"]
    assert marks_of(question, Filled()) == ((BLANK,), ())
    assert marks_of(question, Filled(("p3",))) == (("p3",), ())
    check(question, reasons.RULE)
    equal = count(question, reasons.RULE, {"web": [("p1", 2), ("p4", 2), (BLANK, 9)]}, 99)
    assert equal.ties == ()  # no lot is drawn where nothing is won
    assert equal.passed is None


def told(*chosen: int) -> Told:
    order = sorted(range(len(chosen)), key=lambda n: -chosen[n])
    points = tuple(Weighed(f"p{n + 1}", f"Punt {n + 1}", n, chosen[n]) for n in order)
    return Told(9, {Aside.PERSON: 1}, points, 0)


@pytest.mark.parametrize(
    ("chosen", "answered"),
    [
        ((9, 7, 5, 3), "p1 p2 p3"),
        ((3, 5, 7, 9), "p4 p3 p2"),
        ((9, 5, 5, 5, 1), "p1 p2 p3 p4"),
        ((4, 4, 4, 4, 4, 4), "p1 p2 p3 p4 p5 p6"),
        ((9, 5, 0, 0), "p1 p2"),
        ((0, 0, 0, 0), ""),
    ],
)
def test_which_points_are_answered(chosen: tuple[int, ...], answered: str) -> None:
    assert [point.id for point in reasons.weightiest(told(*chosen))] == answered.split()


def test_no_points_no_answers() -> None:
    assert reasons.weightiest(None) == ()
    waiting = reasons.weightiest(told(3, 2, 1, 0))
    assert [point.id for point in reasons.unanswered(waiting, {"p1": "Ja.", "p2": " "})] == ["p2", "p3"]
