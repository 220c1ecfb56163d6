"""PURE. From ballots to votes per option: nothing but adding up."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import islice

from ballots.paper import BLANK

Marking = str | tuple[str, ...]  # canonical text (`ballots/paper.py`), or the ids as they stand on a ballot
Ballots = Iterable[tuple[Marking, int]]  # a marking, and how many voters gave it

AT_ONCE = 4_000  # ballots added up at a time; few, so that they stay in the processor's own memory


def tally(ids: Iterable[str], ballots: Ballots) -> dict[str, int]:
    """Return how often each option was chosen: every id of `ids` in that order, then `blanco`.

    An id that stands on a ballot twice counts twice, and no ids at all count for nobody. Raises
    ValueError for an id that is not on the paper and for a negative weight.
    """
    votes = dict.fromkeys(ids, 0)
    votes.setdefault(BLANK, 0)
    rest = iter(ballots)
    while block := list(islice(rest, AT_ONCE)):
        by_weight: defaultdict[int, list[str]] = defaultdict(list)
        for marking, weight in block:
            by_weight[weight].append(marking if isinstance(marking, str) else ",".join(marking))
        for weight, texts in by_weight.items():
            if weight < 0:
                raise ValueError("a ballot cannot weigh less than nothing")
            for id, number in Counter(",".join(texts).split(",")).items():
                if id in votes:
                    votes[id] += number * weight
                elif id:
                    raise ValueError(f"not on the paper: {id!r}")
    return votes
