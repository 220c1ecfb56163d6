"""Ballots as arrays: the same marks as a plain reading finds, whatever ids look like and blocks hold."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.counting import blocks, tally
from ballots.counting.tally import Marking

INSTANCES = 1_000

# ids that begin alike, are part of one another, look like numbers, are long, or are not ASCII
IDS = ("a", "ab", "abc", "b", "1", "12", "é", "P/1.2_3-4", "x" * 40, "x" * 39)
marked = st.lists(st.sampled_from(IDS), max_size=5).map(tuple)
ballots = st.lists(
    st.tuples(st.one_of(marked, marked.map(lambda ids: ",".join(ids) or "blanco")), st.integers(0, 3)),
    max_size=9,
)
Given = list[tuple[Marking, int]]


def plain(marking: Marking) -> tuple[str, ...]:
    if isinstance(marking, tuple):
        return marking
    return () if marking == "blanco" else tuple(marking.split(","))


@settings(max_examples=INSTANCES)
@given(ballots, st.integers(1, 4))
def test_blocks_hold_what_stands_on_the_ballots(given_ballots: Given, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "AT_ONCE", size)
        found: list[tuple[tuple[str, ...], int]] = []
        for block in blocks.blocks(IDS, given_ballots):
            rows: list[list[str]] = [[] for _ in block.sizes]
            for n, ballot, place in zip(block.marks, block.ballots, block.places, strict=True):
                assert place == len(rows[ballot])
                rows[ballot].append("" if n == len(IDS) else IDS[n])
            assert [len(row) for row in rows] == block.sizes.tolist()
            found += zip(map(tuple, rows), block.weights.tolist(), strict=True)
    assert found == [(plain(marking) or ("",), weight) for marking, weight in given_ballots]


@settings(max_examples=INSTANCES)
@given(ballots, st.integers(1, 4))
def test_a_tally_is_a_plain_sum(given_ballots: Given, size: int) -> None:
    expected = Counter(dict.fromkeys((*IDS, "blanco"), 0))
    for marking, weight in given_ballots:
        for id in ("blanco",) if marking == "blanco" else plain(marking):
            expected[id] += weight
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tally, "AT_ONCE", size)
        assert tally.tally(IDS, given_ballots) == expected


@pytest.mark.parametrize("wrong", ["abcd", "x" * 41, "é ", "\u0301", "12,3", "a,,z", "A"])
def test_an_id_that_is_not_on_the_paper_is_named(wrong: str) -> None:
    known = ("a,b", 1)
    for marking in (wrong, tuple(wrong.split(","))):
        for read in (lambda pairs: list(blocks.blocks(IDS, pairs)), lambda pairs: tally.tally(IDS, pairs)):
            with pytest.raises(ValueError, match="not on the paper: '" + wrong.split(",")[-1]):
                read([known, (marking, 1), known])


def test_a_negative_weight_is_refused() -> None:
    for read in (lambda pairs: list(blocks.blocks(IDS, pairs)), lambda pairs: tally.tally(IDS, pairs)):
        with pytest.raises(ValueError, match="less than nothing"):
            read([("a", 1), ("b", -1)])


def test_an_option_that_no_ballot_can_name_stands_in_nobodys_way() -> None:
    (block,) = blocks.blocks(("a", "a,b", "b"), [("a,b", 1)])
    assert block.marks.tolist() == [0, 2]
