"""How many votes more would have been enough: worked examples, and trying every number."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.counting import enough, greedy, worlds
from ballots.counting.enough import votes_short
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.outcome import Score
from ballots.counting.ties import TieKey
from ballots.paper import Option

OPTIONS = [Option("a", "A", 60, "green"), Option("b", "B", 50, "green"), Option("c", "C", 30)]
VOTES = {"a": 9, "b": 6, "c": 2, "blanco": 3}


def rule(budget: int, tie_order: tuple[TieKey, ...] = (), leftover: str = "none", **caps: int) -> GreedyRule:
    return GreedyRule(budget, caps, {}, Leftover(leftover), tie_order)


def test_a_winner_needs_nothing_more() -> None:
    assert votes_short(OPTIONS, VOTES, rule(100), "a") == 0


def test_passing_the_one_that_took_the_money_is_enough() -> None:
    assert votes_short(OPTIONS, VOTES, rule(100), "b") == 4  # 3 more is a tie
    assert votes_short(OPTIONS, VOTES, rule(100, ("lower-cost",)), "b") == 3


def test_a_lot_that_was_drawn_counts() -> None:
    assert votes_short(OPTIONS, VOTES, rule(100), "b", lots=[("b", "a")]) == 3
    assert votes_short(OPTIONS, VOTES, rule(100), "b", lots=[("a", "b")]) == 4


def test_what_is_too_dear_no_number_helps() -> None:
    assert votes_short(OPTIONS, VOTES, rule(49), "b") is None
    assert votes_short(OPTIONS, VOTES, rule(100, green=49), "b") is None
    assert votes_short(OPTIONS, VOTES, rule(100, (), "more", green=49), "b") == 4


def test_a_threshold_asks_for_its_score() -> None:
    by = GreedyRule(200, {}, {}, Leftover.NONE, (), threshold=Fraction(15, 2))
    assert votes_short(OPTIONS, VOTES, by, "b") == 2
    assert votes_short(OPTIONS, VOTES, by, "c") == 6


def test_points_are_added_where_points_are_compared() -> None:
    score: dict[str, Score] = {"a": 20, "b": Fraction(31, 2), "c": 1}
    assert votes_short(OPTIONS, VOTES, rule(100), "b", score) == 5
    assert votes_short(OPTIONS, VOTES, rule(60), "c", score) == 20


def test_ties_too_large_to_work_out_take_little_work(monkeypatch: pytest.MonkeyPatch) -> None:
    options = [Option(f"o{n}", "", 5_000 + n * 7_919 % 10_007) for n in range(80)]
    equal = {option.id: 3 for option in options}
    chosen = rule(100_000)
    assert "stopped" in {step.kind for step in greedy.count(options, equal, chosen).steps}
    counts = list[worlds.Way]()
    follow = worlds.follow

    def noted(*given: Any) -> worlds.Followed:
        counts.append(given[-1])
        return follow(*given)

    monkeypatch.setattr(worlds, "follow", noted)
    assert votes_short(options, equal, chosen, "o7") == 1  # who is alone at the top needs no lot
    assert votes_short(options, equal, rule(4_000), "o7") is None
    assert len(counts) < 10
    assert {way.most for way in counts} == {enough.MOST_STEPS}


@st.composite
def elections(draw: st.DrawFn) -> tuple[list[Option], dict[str, int], GreedyRule]:
    ids = "abcde"[: draw(st.integers(1, 5))]
    theme = st.sampled_from(["", "x"])
    options = [Option(id, id.upper(), draw(st.integers(0, 12)), draw(theme)) for id in ids]
    votes = {id: draw(st.integers(0, 5)) for id in ids}
    skip = draw(st.booleans())
    leftovers = list(Leftover) if skip else [Leftover.NONE, Leftover.PART]
    keys: list[TieKey] = ["lower-cost", "more-votes", "paper-order"]
    return (
        options,
        votes,
        GreedyRule(
            draw(st.integers(0, 25)),
            draw(st.dictionaries(st.just("x"), st.integers(0, 15))),
            {},
            draw(st.sampled_from(leftovers)),
            tuple(draw(st.lists(st.sampled_from(keys), max_size=2, unique=True))),
            skip,
            draw(st.integers(0, 3)),
        ),
    )


@settings(max_examples=150, deadline=None, derandomize=True)
@given(elections(), st.data())
def test_it_is_the_first_number_that_wins(
    case: tuple[list[Option], dict[str, int], GreedyRule], data: st.DataObject
) -> None:
    options, votes, rule = case
    id = data.draw(st.sampled_from([option.id for option in options]))
    least = next(
        (
            number
            for number in range(8)  # 6 more is more than anybody has
            if id in greedy.count(options, votes | {id: votes[id] + number}, rule).winners
        ),
        None,
    )
    assert votes_short(options, votes, rule, id) == least


@settings(max_examples=80, deadline=None, derandomize=True)
@given(elections(), st.lists(st.fractions(0, 5, max_denominator=3), min_size=5, max_size=5), st.data())
def test_also_of_scores_that_are_not_whole(
    case: tuple[list[Option], dict[str, int], GreedyRule], fractions: list[Fraction], data: st.DataObject
) -> None:
    options, votes, rule = case
    score: dict[str, Score] = dict(zip("abcde", fractions, strict=True))
    id = data.draw(st.sampled_from([option.id for option in options]))
    least = next(
        (
            number
            for number in range(8)
            if id in greedy.count(options, votes, rule, score | {id: score[id] + number}).winners
        ),
        None,
    )
    assert votes_short(options, votes, rule, id, score) == least
