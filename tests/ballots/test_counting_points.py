"""Points: worked examples and properties."""

from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.outcome import as_json
from ballots.counting.points import Paper, add, divide, highest, most
from ballots.paper import Option

IDS = ("a", "b", "c", "d")


def test_votes_are_papers_and_score_is_points() -> None:
    added = add("abc", [((("a", 3), ("b", 2)), 1), ((("b", 5),), 2)])
    assert added.votes == {"a": 1, "b": 3, "c": 0}
    assert added.score == {"a": 3, "b": 12, "c": 0}


def test_what_stands_there_twice_counts_twice() -> None:
    added = add("ab", [((("a", 3), ("a", 1)), 1)])
    assert (added.votes, added.score) == ({"a": 2, "b": 0}, {"a": 4, "b": 0})


def test_points_divide_a_budget() -> None:
    options = [Option("a", "A", 60), Option("b", "B", 50), Option("c", "C", 40)]
    papers: list[tuple[Paper, int]] = [((("a", 1), ("b", 9)), 1), ((("a", 1), ("c", 8)), 1)]
    outcome = divide(options, papers, GreedyRule(100, {}, {}, Leftover.NONE, ()))
    assert (outcome.winners, outcome.left) == (("b", "c"), 10)
    assert (outcome.votes, outcome.score) == ({"a": 2, "b": 1, "c": 1}, {"a": 2, "b": 9, "c": 8})


def test_half_points_cannot_divide_a_budget_yet() -> None:
    with pytest.raises(ValueError, match="whole points"):
        divide(
            [Option("a", "A", 1)], [((("a", Fraction(1, 2)),), 1)], GreedyRule(1, {}, {}, Leftover.NONE, ())
        )


def test_most_points() -> None:
    outcome = most("abc", [((("a", 3), ("b", 2)), 1), ((("b", 2),), 1)])
    assert outcome.winners == ("b",)
    assert [(step.kind, step.option, dict(step.values)) for step in outcome.steps] == [
        ("most", "b", {"score": 4, "next": 3, "ahead": 1}),
        ("behind", "a", {"score": 3, "short": 2}),
        ("behind", "c", {"score": 0, "short": 5}),
    ]


def test_equal_at_the_top_is_a_tie() -> None:
    outcome = most("abc", [((("a", 3), ("c", 3)), 1)])
    assert (outcome.winners, outcome.ties) == ((), (("a", "c"),))
    assert dict(outcome.steps[0].values) == {"options": "a,c", "score": 3, "most": 1, "all": 2}


def test_nothing_is_never_the_most() -> None:
    for papers in ([], [((("a", 0),), 1)], [((("a", -2),), 1)]):
        outcome = most("a", papers)
        assert (outcome.winners, outcome.ties, outcome.steps[0].kind) == ((), (), "nobody")


def test_fractions_are_compared_exactly() -> None:
    third = Fraction(1, 3)
    assert highest({"a": third, "b": third + Fraction(1, 10**30)})[0] == ("b",)
    assert highest({"a": third * 3, "b": 1})[1] == (("a", "b"),)
    assert highest({"a": Fraction(5, 2), "b": 1})[2][1].values["short"] == 2


def test_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="not on the paper"):
        add("a", [((("b", 1),), 1)])
    with pytest.raises(ValueError, match="less than nothing"):
        add("a", [((), -1)])


papers = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from(IDS), st.integers(0, 5)), max_size=4).map(tuple),
        st.integers(0, 3),
    ),
    max_size=6,
)


@given(papers, st.randoms(use_true_random=False))
def test_anonymity(given_papers: list[tuple[Paper, int]], random: object) -> None:
    one_by_one = [(paper, 1) for paper, weight in given_papers for _ in range(weight)]
    random.shuffle(one_by_one)  # type: ignore[attr-defined]
    assert as_json(most(IDS, one_by_one)) == as_json(most(IDS, given_papers))


@given(papers)
def test_neutrality(given_papers: list[tuple[Paper, int]]) -> None:
    before = most(IDS, given_papers)
    for order in permutations(IDS):
        rename = dict(zip(IDS, order, strict=True))
        renamed = [(tuple((rename[id], n) for id, n in paper), weight) for paper, weight in given_papers]
        after = most(order, renamed)
        assert after.winners == tuple(rename[id] for id in before.winners)
        assert after.ties == tuple(tuple(rename[id] for id in tie) for tie in before.ties)


@given(papers, st.integers(1, 5))
def test_monotonicity_more_points_never_cost_a_winner_its_win(
    given_papers: list[tuple[Paper, int]], extra: int
) -> None:
    for winner in most(IDS, given_papers).winners:
        assert most(IDS, [*given_papers, (((winner, extra),), 1)]).winners == (winner,)


@given(papers)
def test_the_winner_has_the_most_and_short_is_just_enough(given_papers: list[tuple[Paper, int]]) -> None:
    outcome = most(IDS, given_papers)
    for step in outcome.steps:
        if step.kind == "behind" and step.option:
            short = step.values["short"]
            assert isinstance(short, int)
            assert most(IDS, [*given_papers, (((step.option, short),), 1)]).winners == (step.option,)
            assert most(IDS, [*given_papers, (((step.option, short - 1),), 1)]).winners != (step.option,)
