"""PURE. What parts options that are equal: an order frozen beforehand, and lots that were drawn.

A rule first compares what it counts. Where that is equal it looks at its frozen `tie_order`, key by
key, and after that at the lots, in the order in which they were drawn. What is then still equal is a
tie: an outcome, never a silent sort.

A lot is one thing: an order in which all of one tie were drawn. What it says of options that were not in
it hangs on whether they can meet its options again as equals:

- *Once equal, equal for good* (plurality, greedy): scores do not change during the count. Who was equal to
  those in the lot and not in it needed none, for it won, or did not fit, whatever the lot gave. So it may
  stand before all of the lot, which makes one order of everything: `order`.
- *Equal time and again* (run-off, Schulze, Equal Shares): a later round compares anew. Who was not in the
  lot may be equal to one of it now, and of that pair the lot says nothing; to put it first would be a
  choice that nobody drew. So such a rule asks `luckiest` or `unluckiest` each time
  (`ballots/counting/equals.py`), and gives `order` no lots.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from ballots.paper import Money, Option

TieKey = Literal["lower-cost", "more-votes", "paper-order"]
KEYS = frozenset({"lower-cost", "more-votes", "paper-order"})
Lots = Sequence[Sequence[str]]  # each lot: option ids in the order drawn, the luckiest first
Order = Callable[[str], tuple[Money, ...]]


def check(keys: Sequence[TieKey]) -> None:
    """Return when every key of a tie order is known. Raises ValueError."""
    if unknown := set(keys) - KEYS:
        raise ValueError(f"unknown tie order: {min(unknown)!r}")


def order(options: Sequence[Option], votes: Mapping[str, int], keys: Sequence[TieKey], lots: Lots) -> Order:
    """Return the key of an option id: the lower the better, the same for options that nothing parts.

    An option that is not in a lot stands before all of it: see above why, and for which rules. Raises
    ValueError for an unknown key.
    """
    check(keys)
    by_id = {option.id: option for option in options}
    place = {option.id: n for n, option in enumerate(options)}
    parts: dict[TieKey, Callable[[str], Money]] = {
        "lower-cost": lambda id: by_id[id].cost,
        "more-votes": lambda id: -votes[id],
        "paper-order": lambda id: place[id],
    }
    drawn = [{id: n for n, id in enumerate(lot, start=1)} for lot in lots]

    def key(id: str) -> tuple[Money, ...]:
        return (*(parts[name](id) for name in keys), *(lot.get(id, 0) for lot in drawn))

    return key
