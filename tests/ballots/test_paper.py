"""The ballot paper: one canonical text a choice, and limits that `check` and `marking` agree on."""

from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots import paper
from ballots.paper import BLANK, YES_NO_OPTIONS, Kind, Option, Problem, Question

ids = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzABC0123456789/_.-"), min_size=1, max_size=12).filter(
    lambda id: id != BLANK
)


@st.composite
def questions(draw: st.DrawFn, most_options: int = 6) -> Question:
    """Any question the paper allows."""
    names = draw(st.lists(ids, min_size=1, max_size=most_options, unique=True))
    kind = draw(st.sampled_from(Kind))
    least = draw(st.integers(0, len(names)))
    most = draw(st.integers(least, len(names)))
    if kind in (Kind.YES_NO, Kind.CHOOSE_ONE):
        least = most = 1
    budget = draw(st.integers(0, 100)) if kind is Kind.BASKET else None
    options = tuple(Option(name, name.upper(), draw(st.integers(0, 50))) for name in names)
    return Question("?", kind, options, least, most, budget)


def subsets(question: Question) -> list[tuple[str, ...]]:
    names = [option.id for option in question.options]
    return list(chain.from_iterable(combinations(names, size) for size in range(len(names) + 1)))


def plan(kind: Kind = Kind.APPROVE, **limits: Any) -> Question:
    given: dict[str, Any] = {"least": 1, "most": 2, **limits}
    return Question("?", kind, (Option("b", "B", 30), Option("a", "A", 20), Option("c", "C", 10)), **given)


@given(questions(), st.data())
def test_marking_is_canonical(question: Question, data: st.DataObject) -> None:
    valid = [each for each in subsets(question) if paper.check(question, each) is None]
    for picked in valid:
        shuffled = data.draw(st.permutations(picked))
        text = paper.marking(question, shuffled)
        assert text == ",".join(option.id for option in question.options if option.id in picked)
        assert paper.chosen(text) == picked
        assert paper.marking(question, paper.chosen(text)) == text
    assert len({paper.marking(question, each) for each in valid}) == len(valid)
    assert paper.marking(question, [BLANK]) == BLANK
    assert paper.chosen(BLANK) == ()


@given(questions(), st.lists(st.one_of(ids, st.just(BLANK), st.just("")), max_size=5), st.data())
def test_check_and_marking_agree(question: Question, junk: list[str], data: st.DataObject) -> None:
    mine = [option.id for option in question.options]
    given = data.draw(st.permutations(junk + data.draw(st.lists(st.sampled_from(mine), max_size=5))))
    problem = paper.check(question, given)
    if problem is None:
        assert paper.marking(question, given)
    else:
        with pytest.raises(ValueError, match=problem.kind):
            paper.marking(question, given)


@given(questions())
def test_no_marking_is_longer_than_longest(question: Question) -> None:
    longest = paper.longest(question)
    texts = [
        paper.marking(question, each) for each in subsets(question) if paper.check(question, each) is None
    ]
    assert all(len(text.encode()) <= longest for text in [*texts, BLANK])


@given(questions())
def test_longest_is_reached_where_no_money_counts(question: Question) -> None:
    if question.kind is not Kind.BASKET and question.most:
        lengths = [
            len(paper.marking(question, each))
            for each in subsets(question)
            if paper.check(question, each) is None
        ]
        assert max([*lengths, len(BLANK)]) == paper.longest(question)


def test_length_tells_nothing_about_costs() -> None:
    cheap = plan(Kind.BASKET, budget=1)
    dear = plan(Kind.BASKET, budget=1000)
    assert paper.longest(cheap) == paper.longest(dear)


@pytest.mark.parametrize(
    ("chosen", "problem"),
    [
        ([], Problem("nothing")),
        ([BLANK, "a"], Problem("mixed")),
        ([BLANK, BLANK], Problem("mixed")),
        (["x"], Problem("unknown")),
        ([""], Problem("unknown")),
        (["A"], Problem("unknown")),
        (["a", "a"], Problem("twice")),
        (["a", "b", "c"], Problem("too-many", 1)),
        ([BLANK], None),
        (["a"], None),
        (["c", "b"], None),
    ],
)
def test_problems(chosen: list[str], problem: Problem | None) -> None:
    assert paper.check(plan(), chosen) == problem


def test_limits_to_the_option_and_the_cent() -> None:
    assert paper.check(plan(least=2), ["a"]) == Problem("too-few", 1)
    assert paper.check(plan(least=2), [BLANK]) is None
    basket = plan(Kind.BASKET, budget=50)
    assert paper.check(basket, ["a", "b"]) is None
    assert paper.check(plan(Kind.BASKET, budget=49), ["a", "b"]) == Problem("over-budget", 1)


def test_yes_or_no() -> None:
    question = Question("?", Kind.YES_NO, YES_NO_OPTIONS)
    assert [paper.marking(question, [each]) for each in ("voor", "tegen", BLANK)] == ["voor", "tegen", BLANK]
    assert paper.longest(question) == 6


@pytest.mark.parametrize(
    "wrong",
    [
        {"options": (Option("a", ""), Option("a", ""))},
        {"options": (Option(BLANK, ""),)},
        {"options": (Option("a,b", ""),)},
        {"options": (Option("", ""),)},
        {"options": (Option("a b", ""),)},
        {"options": (Option("é", ""),)},
        {"options": (Option("a" * 41, ""),)},
        {"most": 0},
        {"most": 2, "options": (Option("a", ""),)},
        {"least": -1},
        {"budget": 1},
        {"kind": Kind.BASKET},
    ],
)
def test_papers_that_cannot_be(wrong: dict[str, Any]) -> None:
    given: dict[str, Any] = {"kind": Kind.APPROVE, "options": (Option("a", ""), Option("b", "")), **wrong}
    with pytest.raises(ValueError, match=r"."):
        Question("?", **given)
