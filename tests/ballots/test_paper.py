"""The ballot paper: one canonical text a choice, and limits that `check` and `marking` agree on."""

from itertools import chain, combinations, permutations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots import paper
from ballots.paper import BLANK, UNUSABLE, YES_NO_OPTIONS, Kind, Option, Points, Problem, Question

ids = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzABC0123456789/_.-"), min_size=1, max_size=12).filter(
    lambda id: id != BLANK
)


@st.composite
def questions(draw: st.DrawFn, most_options: int = 5) -> Question:
    """Any question the paper allows."""
    names = draw(st.lists(ids, min_size=1, max_size=most_options, unique=True))
    kind = draw(st.sampled_from(Kind))
    least = draw(st.integers(0, len(names)))
    most = draw(st.integers(max(least, 1), len(names)))
    if kind in (Kind.YES_NO, Kind.CHOOSE_ONE):
        least = most = 1
    limits: dict[str, Any] = {}
    themes = st.dictionaries(st.sampled_from(["groen", "spelen"]), st.integers(0, 60), max_size=2)
    if kind is Kind.BASKET:
        limits["theme_budget"] = draw(themes)
        limits["budget"] = draw(st.integers(0, 100) if not limits["theme_budget"] else st.just(None))
    if kind is Kind.APPROVE:
        limits["theme_most"] = {name: most % 3 for name, most in draw(themes).items()}
    if kind is Kind.POINTS:
        sum = draw(st.integers(1, 4))
        each = draw(st.integers(1, sum))
        limits["points"] = Points(sum, draw(st.integers(1, min(sum, each * most))), each)
    theme = st.sampled_from(["", "groen", "spelen"])
    options = tuple(Option(name, name.upper(), draw(st.integers(0, 50)), draw(theme)) for name in names)
    if kind is Kind.YES_NO:
        options = YES_NO_OPTIONS
    return Question("?", kind, options, least, most, **limits)


def answers(question: Question) -> list[tuple[str, ...]]:
    """Every list of marks that might be an answer: each set of options, in each order, with all points."""
    names = [option.id for option in question.options]
    sets = list(chain.from_iterable(combinations(names, size) for size in range(1, len(names) + 1)))
    if question.kind is Kind.RANKING:
        return [order for chosen in sets for order in permutations(chosen)]
    if question.points:
        most = range(1, question.points.each + 2)
        given = [(chosen, many) for chosen in sets for many in product(most, repeat=min(len(chosen), 3))]
        return [
            tuple(f"{id}:{n}" for id, n in zip(chosen, many, strict=True))
            for chosen, many in given
            if len(chosen) <= 3
        ]
    return sets


def valid(question: Question) -> list[tuple[str, ...]]:
    return [each for each in answers(question) if not paper.check(question, each)]


def plan(kind: Kind = Kind.APPROVE, **limits: Any) -> Question:
    given: dict[str, Any] = {"least": 1, "most": 2, **limits}
    options = (
        Option("b", "B", 30, "groen"),
        Option("a", "A", 20, "groen"),
        Option("c", "C", 10, "spelen"),
    )
    return Question("?", kind, options, **given)


@given(questions(), st.data())
def test_marking_is_canonical(question: Question, data: st.DataObject) -> None:
    for marks in valid(question)[:30]:
        text = paper.marking(question, marks)
        assert text == ",".join(marks)
        assert paper.chosen(text) == marks
        shuffled = data.draw(st.permutations(marks))
        again = paper.marking(question, shuffled)
        assert again == (",".join(shuffled) if question.kind is Kind.RANKING else text)
    assert len({paper.marking(question, each) for each in valid(question)}) == len(valid(question))
    assert paper.marking(question, [BLANK]) == BLANK
    assert paper.chosen(BLANK) == ()


@given(questions(), st.lists(st.one_of(ids, st.sampled_from([BLANK, "", "a:1", ":"])), max_size=5), st.data())
def test_check_and_marking_agree(question: Question, junk: list[str], data: st.DataObject) -> None:
    mine = [mark for marks in answers(question)[:20] for mark in marks]
    given = data.draw(st.permutations(junk + data.draw(st.lists(st.sampled_from(mine), max_size=5))))
    problems = paper.check(question, given)
    if not problems:
        assert paper.marking(question, given)
    else:
        with pytest.raises(ValueError, match=problems[0].kind):
            paper.marking(question, given)


@given(questions())
def test_no_marking_is_longer_than_longest(question: Question) -> None:
    longest = paper.longest(question)
    texts = [paper.marking(question, each) for each in valid(question)]
    assert all(len(text.encode()) <= longest for text in [*texts, BLANK])


@given(questions())
def test_longest_is_reached_where_only_the_number_counts(question: Question) -> None:
    if question.kind in (Kind.YES_NO, Kind.CHOOSE_ONE, Kind.RANKING):
        lengths = [len(paper.marking(question, each)) for each in valid(question)]
        assert max([*lengths, len(BLANK)]) == paper.longest(question)


def test_length_tells_nothing_about_costs() -> None:
    cheap = plan(Kind.BASKET, budget=1)
    dear = plan(Kind.BASKET, budget=1000)
    assert paper.longest(cheap) == paper.longest(dear)


@pytest.mark.parametrize(
    ("marks", "problems"),
    [
        ([], [Problem("nothing")]),
        ([BLANK, "a"], [Problem("mixed")]),
        ([BLANK, BLANK], [Problem("mixed")]),
        (["x", "y"], [Problem("unknown", option="x")]),
        ([""], [Problem("unknown")]),
        (["A"], [Problem("unknown", option="A")]),
        (["a:1"], [Problem("unknown", option="a:1")]),
        (["a", "a", "a"], [Problem("twice", option="a")]),
        (["a", "b", "c"], [Problem("too-many", 1)]),
        ([BLANK], []),
        (["a"], []),
        (["c", "b"], []),
    ],
)
def test_problems(marks: list[str], problems: list[Problem]) -> None:
    assert paper.check(plan(), marks) == tuple(problems)


def test_limits_to_the_option_and_the_cent() -> None:
    assert paper.check(plan(least=2), ["a"]) == (Problem("too-few", 1),)
    assert paper.check(plan(least=2), [BLANK]) == ()
    basket = plan(Kind.BASKET, budget=50)
    assert paper.check(basket, ["a", "b"]) == ()
    assert paper.check(plan(Kind.BASKET, budget=49), ["a", "b"]) == (Problem("over-budget", 1),)


def test_limits_of_a_theme() -> None:
    assert paper.check(plan(theme_most={"groen": 1}), ["a", "c"]) == ()
    over = Problem("theme-too-many", 1, theme="groen")
    assert paper.check(plan(theme_most={"groen": 1}), ["a", "b"]) == (over,)
    dear = Problem("theme-over-budget", 1, theme="groen")
    basket = plan(Kind.BASKET, theme_budget={"groen": 49, "spelen": 10})
    assert paper.check(basket, ["a", "c"]) == ()
    assert paper.check(basket, ["a", "b"]) == (dear,)
    assert paper.check(plan(Kind.BASKET, budget=40, theme_budget={"groen": 49}), ["a", "b"]) == (
        Problem("over-budget", 10),
        dear,
    )


@pytest.mark.parametrize(
    ("marks", "problems"),
    [
        (["a:3", "b:2"], []),
        (["a:4"], [Problem("option-over", 1, option="a"), Problem("too-few-points", 1)]),
        (["a:3", "b:3"], [Problem("too-many-points", 1)]),
        (["a:2"], [Problem("too-few-points", 3)]),
        (["a:2", "b:2", "c:1"], [Problem("too-many", 1)]),
        (["a", "b:5"], [Problem("no-points", option="a")]),
        (["a:0", "b:-1"], [Problem("no-points", option="a"), Problem("no-points", option="b")]),
        (["a:03"], [Problem("no-points", option="a")]),
        (["a:٣"], [Problem("no-points", option="a")]),
        (["a:1", "a:2"], [Problem("twice", option="a")]),
    ],
)
def test_points(marks: list[str], problems: list[Problem]) -> None:
    question = plan(Kind.POINTS, points=Points(5, 5, 3))
    assert paper.check(question, marks) == tuple(problems)
    assert paper.longest(question) == len("b:3,a:3")


def test_a_ranking_keeps_the_order_of_the_voter() -> None:
    question = plan(Kind.RANKING, most=3)
    assert paper.marking(question, ["c", "b", "a"]) == "c,b,a"
    assert paper.check(plan(Kind.RANKING, least=2, most=3), ["c"]) == (Problem("too-few", 1),)


def test_yes_or_no() -> None:
    question = Question("?", Kind.YES_NO, YES_NO_OPTIONS)
    assert [paper.marking(question, [each]) for each in ("voor", "tegen", BLANK)] == ["voor", "tegen", BLANK]
    assert paper.longest(question) == 6


@pytest.mark.parametrize(
    "wrong",
    [
        {"options": (Option("a", ""), Option("a", ""))},
        {"options": (Option(BLANK, ""),)},
        {"options": (Option(UNUSABLE, ""),)},
        {"kind": Kind.YES_NO},
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
        {"kind": Kind.BASKET, "budget": -1},
        {"kind": Kind.BASKET, "theme_budget": {"groen": -1}},
        {"theme_most": {"groen": -1}},
        {"kind": Kind.RANKING, "theme_most": {"groen": 1}},
        {"kind": Kind.POINTS},
        {"points": Points(3, 1, 1)},
        {"kind": Kind.POINTS, "points": Points(3, 3, 1), "most": 2},
    ],
)
def test_papers_that_cannot_be(wrong: dict[str, Any]) -> None:
    given: dict[str, Any] = {"kind": Kind.APPROVE, "options": (Option("a", ""), Option("b", "")), **wrong}
    with pytest.raises(ValueError, match=r"."):
        Question("?", **given)


@pytest.mark.parametrize("wrong", [(0, 0, 0), (3, 0, 1), (3, 4, 1), (3, 1, 0), (3, 1, 4)])
def test_points_that_cannot_be(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="points"):
        Points(*wrong)


@given(questions())
def test_answerable_means_that_there_is_an_answer(question: Question) -> None:
    everything = answers(question)
    if question.points:  # `answers` gives points up to three options only
        everything = [marks for marks in everything if len(question.options) <= 3]
        if not everything:
            return
    assert paper.answerable(question) == any(not paper.check(question, marks) for marks in everything)
