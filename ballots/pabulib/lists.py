"""PURE. The lists in a column of a file (`3,1,2`) as arrays of numpy: millions of items, and no text made of any."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from ballots.counting.blocks import COMMA, EDGE, blocks
from ballots.counting.tally import AT_ONCE
from ballots.paper import Money

if TYPE_CHECKING:
    from ballots.counting.blocks import Array

FEW, SHORT = 1_000, 8  # so many items, of so many bytes, can be looked up as numbers


@dataclass(frozen=True, eq=False)
class Lists:
    """Lists of items.

    `items` are the items by number, list after list, as they stand there; `starts` is where each list
    starts. An empty list holds one item, `nothing`: the number after the last.
    """

    items: "Array"
    starts: "Array"
    nothing: int

    @cached_property
    def sizes(self) -> "Array":
        """How many items stand on each list."""
        sizes: Array = self._lengths - (self.items[self.starts] == self.nothing)
        return sizes

    @property
    def _lengths(self) -> "Array":
        return np.diff(self.starts, append=len(self.items))

    @property
    def places(self) -> "Array":
        """The place of each item on its list; the first is 0."""
        places: Array = np.arange(len(self.items)) - self.starts.repeat(self._lengths)
        return places

    def sums(self, amounts: "Array") -> "Array":
        """Return the sum for each list of an amount for each item."""
        return np.add.reduceat(amounts, self.starts) if len(self.starts) else np.zeros(0, np.int64)

    def any(self, which: "Array") -> "Array":
        """Return for each list whether this is true of any item on it."""
        found = self.sums((which & (self.items != self.nothing)).astype(np.int64))
        return found > 0

    def repeating(self) -> int:
        """Return on how many lists some item stands more than once."""
        found, rows = 0, max(2**20 // (self.nothing + 1), 1)
        for first in range(0, len(self.starts), rows):
            lengths = self._lengths[first : first + rows]
            at = int(self.starts[first])
            items = self.items[at : at + int(lengths.sum())]
            named = np.zeros((len(lengths), self.nothing + 1), np.bool_)
            named[np.arange(len(lengths)).repeat(lengths), items] = True
            found += int(np.count_nonzero(named.sum(axis=1, dtype=np.int32) < lengths))
        return found


def exact(numbers: Sequence[Money], most: int) -> "Array":
    """Return numbers as an array, of which at most so many are added up.

    Of numpy's own whole numbers where these hold every sum, otherwise of Python's numbers: as exact,
    but slower.
    """
    small = all(number.denominator == 1 and -(2**63) < number * most < 2**63 for number in numbers)
    return np.array(numbers, np.int64 if small else object)


def read(items: Sequence[str], cells: Sequence[str]) -> Lists:
    """Return the lists in these cells: items with nothing but one comma between.

    Raises ValueError for an item that is not among `items`, and for an empty one beside others.
    """
    nothing = len(items)
    small = np.min_scalar_type(nothing)
    short = nothing < FEW and all(len(item.encode()) <= SHORT for item in items)
    numbers, sizes = [np.empty(0, small)], [np.empty(0, np.int64)]
    for part, each in (_short if short else _long)(items, cells):
        numbers.append(part.astype(small))
        sizes.append(each)
    found = np.concatenate(numbers)
    if np.count_nonzero(found == nothing) > cells.count(""):
        raise ValueError("an item that is not known")
    lengths = np.concatenate(sizes)
    return Lists(found, lengths.cumsum() - lengths, nothing)


Part = tuple["Array", "Array"]  # the items of some lists by number, and how many stand on each


def _short(items: Sequence[str], cells: Sequence[str]) -> Iterator[Part]:
    """Yield lists of few and short items.

    Eight bytes from where an item starts, with those behind its end made zero, are a number of its
    own. Known ones are found by their remainder, of a division where no two have the same.
    """
    known = np.array([int.from_bytes(item.encode(), "little") for item in (*items, "")], np.uint64)
    divisor = next(n for n in count(len(known) ** 2) if len(set((known % n).tolist())) == len(known))
    by_remainder = np.zeros(divisor, np.int64)
    by_remainder[known % divisor] = np.arange(len(known))
    masks = np.array([256**length - 1 for length in range(SHORT + 1)], np.uint64)
    for first in range(0, len(cells), AT_ONCE):
        text = "\0".join((*cells[first : first + AT_ONCE], "\0" * SHORT)).encode()
        bytes = np.frombuffer(text, np.uint8)[:-SHORT]
        ends = ((bytes == COMMA) | (bytes == EDGE)).nonzero()[0]
        starts = np.concatenate([[0], ends[:-1] + 1])
        lengths = ends - starts
        if lengths.max() > SHORT:
            raise ValueError("an item that is not known")
        eights = np.ndarray(len(bytes), "<u8", text, strides=(1,))
        given = eights[starts] & masks[lengths]
        numbers = by_remainder[given % divisor]
        if (known[numbers] != given).any():
            raise ValueError("an item that is not known")
        last = (bytes[ends] == EDGE).nonzero()[0]
        yield numbers, np.diff(last, prepend=-1)


def _long(items: Sequence[str], cells: Sequence[str]) -> Iterator[Part]:
    """Yield lists of any items; blanco is nothing to a ballot, so here it is an empty item."""
    for block in blocks(items, ((cell, 1) for cell in cells)):
        yield block.marks, block.sizes
