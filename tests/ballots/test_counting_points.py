"""Points: worked examples, properties, and a real file."""

from fractions import Fraction
from itertools import permutations
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.counting import greedy
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.points import Given, add, read
from ballots.pabulib import file, reading
from ballots.paper import Option

IDS = ("a", "b", "c", "d")
CZESTOCHOWA = Path(__file__).parents[3] / "shared/data/pabulib/Poland_Czestochowa_2025_Podjasnogorska.pb"


def test_votes_are_papers_and_score_is_points() -> None:
    added = add("abc", [("a:3,b:2", 1), ("b:5", 2), ("blanco", 4)])
    assert added.votes == {"a": 1, "b": 3, "c": 0, "blanco": 4}
    assert added.score == {"a": 3, "b": 12, "c": 0}


def test_a_text_and_its_pairs_are_the_same_paper() -> None:
    assert read("a/1:3,b.2:10") == (("a/1", 3), ("b.2", 10))
    assert read("blanco") == ()
    assert add("ab", [("a:3,b:1", 2)]) == add("ab", [((("a", 3), ("b", 1)), 2)])


def test_what_stands_there_twice_counts_twice() -> None:
    added = add("ab", [((("a", 3), ("a", 1)), 1)])
    assert (added.votes, added.score) == ({"a": 2, "b": 0, "blanco": 0}, {"a": 4, "b": 0})


def test_odd_points_count_as_they_stand() -> None:
    half = Fraction(1, 2)
    added = add("ab", [((("a", half), ("b", -3)), 1), ((("a", half),), 2), ((), 1)])
    assert added.score == {"a": Fraction(3, 2), "b": -3}
    assert added.votes == {"a": 3, "b": 1, "blanco": 0}
    assert isinstance(add("a", [((("a", half),), 2)]).score["a"], int)


def test_points_divide_a_budget() -> None:
    options = [Option("a", "A", 60), Option("b", "B", 50), Option("c", "C", 40)]
    added = add("abc", [("a:1,b:9", 1), ("a:1,c:8", 1)])
    rule = GreedyRule(100, {}, {}, Leftover.NONE, ())
    outcome = greedy.count(options, added.votes, rule, added.score)
    assert (outcome.winners, outcome.left) == (("b", "c"), 10)
    assert outcome.score == {"a": 2, "b": 9, "c": 8}


def test_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="not on the paper"):
        add("a", [("b:1", 1)])
    with pytest.raises(ValueError, match="not on the paper"):
        add("a", [((("blanco", 1),), 1)])
    with pytest.raises(ValueError, match="less than nothing"):
        add("a", [((), -1)])
    for text in ("a", "a:", "a:x", "a:1,"):
        with pytest.raises(ValueError, match=r"int|not on"):
            add("a", [(text, 1)])


@pytest.mark.skipif(not CZESTOCHOWA.exists(), reason="the real ballots are not on this machine")
def test_czestochowa_divides_by_points_from_a_threshold() -> None:
    pb = reading.read(CZESTOCHOWA.read_bytes())
    papers = [
        (tuple(zip(ids.split(","), map(int, points.split(",")), strict=True)), 1)
        for ids, points in zip(pb.of_votes("vote") or (), pb.of_votes("points") or (), strict=True)
    ]
    options = file.options(pb)
    added = add((option.id for option in options), papers)
    for column, counted in (("votes", added.votes), ("score", added.score)):
        assert {id: int(cell) for id, cell in (pb.of_projects(column) or {}).items()} == {
            option.id: counted[option.id] for option in options
        }
    threshold = int(pb.meta["min_project_score_threshold"])
    rule = GreedyRule(int(pb.meta["budget"]), {}, {}, Leftover.NONE, (), threshold=threshold)
    outcome = greedy.count(options, added.votes, rule, added.score)
    selected = {id for id, cell in (pb.of_projects("selected") or {}).items() if cell == "1"}
    assert set(outcome.winners) == selected
    assert {step.option for step in outcome.steps if step.kind == "under-threshold"} == {
        id for id, points in added.score.items() if points < threshold
    }


papers = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from(IDS), st.integers(0, 5)), max_size=4).map(tuple),
        st.integers(0, 3),
    ),
    max_size=6,
)


@given(papers, st.randoms(use_true_random=False))
def test_anonymity(given_papers: list[tuple[Given, int]], random: Random) -> None:
    one_by_one = [(paper, 1) for paper, weight in given_papers for _ in range(weight)]
    random.shuffle(one_by_one)
    assert add(IDS, one_by_one) == add(IDS, given_papers)


@given(papers)
def test_neutrality(given_papers: list[tuple[Given, int]]) -> None:
    before = add(IDS, given_papers)
    for order in permutations(IDS):
        name = dict(zip(IDS, order, strict=True))
        renamed = [(tuple((name[id], n) for id, n in paper), weight) for paper, weight in given_papers]
        assert add(order, renamed).score == {name[id]: points for id, points in before.score.items()}
