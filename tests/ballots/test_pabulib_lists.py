"""Lists of items as arrays: the same as the texts say, for short items and long, few and many."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.counting.tally import AT_ONCE
from ballots.pabulib.lists import FEW, Lists, exact, read
from ballots.paper import Money

ITEMS = {
    "short": ["1", "12", "123", "12345678", "é", "a b", "\t"],
    "of one length": [str(n) for n in range(1000, 1060)],
    "long": ["1", "123456789", "een heel lange naam", "“é” & <b>"],
    "many": [str(n) for n in range(FEW + 1)],
    "none": [],
    "blanco": ["blanco", "1"],
    "that nobody can name": ["1,2", "1", "2"],
}


def told(lists: Lists, items: Sequence[str]) -> list[list[str]]:
    """Return the lists in text again."""
    ends = [*lists.starts.tolist()[1:], len(lists.items)] if len(lists.starts) else []
    numbers = lists.items.tolist()
    spans = zip(lists.starts.tolist(), ends, strict=True)
    return [[items[n] for n in numbers[start:end] if n != lists.nothing] for start, end in spans]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data(), st.sampled_from(list(ITEMS)))
def test_lists_are_what_the_cells_say(data: st.DataObject, kind: str) -> None:
    items = ITEMS[kind]
    named = [item for item in items if "," not in item]
    some = st.lists(st.sampled_from(named), max_size=6) if named else st.just([])
    given_lists = data.draw(st.lists(some, max_size=20))
    lists = read(items, [",".join(each) for each in given_lists])
    assert told(lists, items) == given_lists
    assert lists.sizes.tolist() == [len(each) for each in given_lists]
    repeating = sum(len(set(each)) < len(each) for each in given_lists)
    assert lists.repeating() == repeating
    amounts = exact([*range(len(items)), 0], len(lists.items))[lists.items]
    assert lists.sums(amounts).tolist() == [sum(map(items.index, each)) for each in given_lists]
    assert lists.any(lists.items >= 0).tolist() == [bool(each) for each in given_lists]
    if given_lists:
        full = [place for each in given_lists for place in range(max(len(each), 1))]
        assert lists.places.tolist() == full


@pytest.mark.parametrize("kind", ["short", "long", "many"])
@pytest.mark.parametrize(
    "cell", ["x", "1,x", "x,1", "1,1234567890", "1,,2", ",1", "1,", "blanco", "1 ", "1,blanco"]
)
def test_anything_else_is_refused(kind: str, cell: str) -> None:
    with pytest.raises(ValueError, match="not"):
        read([*ITEMS[kind], "2"] if kind != "many" else ITEMS[kind], ["1", "", cell, "1"])


def test_more_lists_than_are_read_at_once() -> None:
    cells = [str(n % 3) for n in range(2 * AT_ONCE + 1)]
    lists = read(["0", "1", "2"], cells)
    assert Counter(lists.items.tolist()) == {n: cells.count(str(n)) for n in range(3)}
    assert lists.starts.tolist() == list(range(len(cells)))


@pytest.mark.parametrize(
    "numbers",
    [[1, 2, 3], [2**62, 2**62, -1], [Fraction(1, 3), 1, 2], [10**40, 1, -(10**40)], [-(2**63), 1, 0]],
)
def test_sums_are_exact(numbers: list[Money]) -> None:
    lists = read(["a", "b", "c"], ["a,b,c", "", "b,b"])
    sums = lists.sums(exact([*numbers, 0], len(lists.items))[lists.items])
    assert sums.tolist() == [sum(numbers), 0, 2 * numbers[1]]
