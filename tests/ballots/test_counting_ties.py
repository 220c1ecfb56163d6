"""What parts equals: the frozen order, and then the lots as they were drawn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.counting.ties import Lots, TieKey, order
from ballots.paper import Option

OPTIONS = (Option("a", "A", 30), Option("b", "B", 20), Option("c", "C", 20), Option("d", "D", 40))
VOTES = {"a": 5, "b": 4, "c": 7, "d": 5, "blanco": 1}


def best_first(*keys: TieKey, lots: Lots = ()) -> list[list[str]]:
    """Return the ids from best to worst, those that nothing parts together."""
    key = order(OPTIONS, VOTES, keys, lots)
    ids = [option.id for option in OPTIONS]
    return [[id for id in ids if key(id) == rank] for rank in sorted({key(id) for id in ids})]


def test_without_keys_or_lots_all_are_equal() -> None:
    assert best_first() == [["a", "b", "c", "d"]]


def test_keys_come_in_their_order() -> None:
    assert best_first("lower-cost") == [["b", "c"], ["a"], ["d"]]
    assert best_first("lower-cost", "more-votes") == [["c"], ["b"], ["a"], ["d"]]
    assert best_first("more-votes", "lower-cost") == [["c"], ["a"], ["d"], ["b"]]
    assert best_first("paper-order", "lower-cost") == [["a"], ["b"], ["c"], ["d"]]


def test_a_lot_only_parts_what_the_keys_leave_equal() -> None:
    assert best_first("lower-cost", lots=[("d", "c", "b")]) == [["c"], ["b"], ["a"], ["d"]]


def test_who_needed_no_lot_stands_before_all_of_it() -> None:
    assert best_first(lots=[("d", "b")]) == [["a", "c"], ["d"], ["b"]]


def test_a_later_lot_changes_nothing_of_an_earlier_one() -> None:
    assert best_first(lots=[("d", "b"), ("c", "a"), ("b", "d")]) == [["c"], ["a"], ["d"], ["b"]]


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown tie order: 'by-name'"):
        best_first("by-name")  # type: ignore[arg-type]


@given(st.permutations([option.id for option in OPTIONS]))
def test_a_lot_among_all_parts_all(lot: list[str]) -> None:
    assert best_first(lots=[lot]) == [[id] for id in lot]
