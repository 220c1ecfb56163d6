"""PURE. From ballots to votes per option: nothing but adding up."""

from collections import Counter
from collections.abc import Iterable

from ballots.paper import BLANK, chosen

Marking = str | tuple[str, ...]


def tally(ids: Iterable[str], ballots: Iterable[tuple[Marking, int]]) -> dict[str, int]:
    """Return how often each option was chosen: every id of `ids` in that order, then `blanco`.

    `ballots` are pairs of a marking and its weight (1 for an ordinary ballot). A marking is its
    canonical text (`ballots/paper.py`) or the ids as they stand on the ballot; an id that stands
    there twice counts twice, and no ids at all count for nobody. Raises ValueError for an id that
    is not on the paper and for a negative weight.
    """
    weights: Counter[Marking] = Counter()
    for marking, weight in ballots:
        if weight < 0:
            raise ValueError("a ballot cannot weigh less than nothing")
        weights[marking] += weight

    votes = dict.fromkeys(ids, 0)
    votes.setdefault(BLANK, 0)
    for marking, weight in weights.items():
        for id in _ids(marking):
            if id not in votes:
                raise ValueError(f"not on the paper: {id!r}")
            votes[id] += weight
    return votes


def _ids(marking: Marking) -> tuple[str, ...]:
    if isinstance(marking, tuple):
        return marking
    return (BLANK,) if marking == BLANK else chosen(marking)
