"""PURE. Rankings as one array of numpy, and what the rules of rankings ask of them."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ballots.counting.blocks import Block, blocks
from ballots.counting.tally import Ballots
from ballots.paper import BLANK

if TYPE_CHECKING:
    from numpy import dtype

    from ballots.counting.blocks import Array

    DType = dtype[Any]


class Rankings:
    """The place of every option on every ranking.

    Row n of `place` says where option n stands, 0 is first; `last` is nowhere. Ballots that rank
    nobody are in `blank`, all others in `size`.
    """

    def __init__(self, ids: Sequence[str], papers: Ballots) -> None:
        """Raises ValueError for an id that is not among `ids`, or twice in it, and for a negative weight."""
        import numpy as np

        if len(set(ids)) != len(ids):
            raise ValueError("two options with the same id")
        self.ids, self.last = ids, len(ids)
        read = [(_places(block, self.last), block.weights) for block in blocks(ids, papers)]
        nothing = np.empty((self.last, 0), _small(self.last))
        self.place = np.concatenate([nothing, *(place for place, _ in read)], axis=1)
        weights = np.concatenate([np.empty(0, np.int64), *(weights for _, weights in read)])
        self.several = (weights != 1).nonzero()[0]  # most rankings are given by one voter
        self.besides = weights[self.several] - 1
        self.blank = self.sum((self.place == self.last).all(axis=0))
        self.size = int(weights.sum()) - self.blank

    def sum(self, which: "Array") -> int:
        """Return how many voters gave the rankings of which this is true."""
        import numpy as np

        return int(np.count_nonzero(which)) + int(self.besides[which[self.several]].sum())

    @cached_property
    def votes(self) -> dict[str, int]:
        """Return how many rankings name each option, and `blanco` how many name nobody."""
        votes = {id: self.sum(row < self.last) for id, row in zip(self.ids, self.place, strict=True)}
        return votes if BLANK in votes else votes | {BLANK: self.blank}

    def points(self, most: int) -> list[int]:
        """Return the points of each option; `most` for a first place, one less for each next."""
        places = range(min(most, self.last))
        return [sum((most - place) * self.sum(row == place) for place in places) for row in self.place]

    def firsts(self, still: frozenset[int]) -> list[int]:
        """Return for each option how many rankings name it first of those still in."""
        first = self.place[sorted(still)].min(axis=0)
        first[first == self.last] = self.last + 1  # a ranking that names none of them is for nobody
        return [self.sum(row == first) if n in still else 0 for n, row in enumerate(self.place)]

    def duels(self) -> list[list[int]]:
        """Return in row i at j how many rankings put option i before option j."""
        return [[self.sum(one < other) for other in self.place] for one in self.place]


def _places(block: Block, options: int) -> "Array":
    """Return where every option stands on every ballot of a block; `options` is nowhere.

    Who stands on a ranking twice stands where it was named first, and whoever comes after moves up.
    """
    import numpy as np

    place = np.full((options + 1, len(block.sizes)), options, _small(options))
    place[block.marks, block.ballots] = block.places
    named = place[:options]
    if np.count_nonzero(named != options) == np.count_nonzero(block.marks != options):
        return named
    _, first = np.unique(block.ballots * (options + 1) + block.marks, return_index=True)
    first.sort()
    sizes = np.bincount(block.ballots[first], minlength=len(block.sizes))
    return _places(replace(block, marks=block.marks[first], sizes=sizes), options)


def _small(options: int) -> "DType":
    """Return the smallest kind of number that can tell these places, nowhere, and one that is never used."""
    import numpy as np

    return np.min_scalar_type(options + 1)
