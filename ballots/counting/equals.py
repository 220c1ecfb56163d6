"""PURE. Who comes first of equals, in a count in which options may be equal to others more than once.

In a run-off and under Equal Shares an option that was in one lot may later be equal to one that was
not. So a lot says nothing of who was not in it: of those who were in it together the first remains,
and everybody else remains too. Where several remain, that is a tie and another lot is needed. Where
options are equal but once, a lot can say more: `ballots/counting/ties.py` holds the two apart.
"""

from collections.abc import Iterable

from ballots.counting.ties import Lots, Order


def luckiest(equals: Iterable[str], order: Order, lots: Lots) -> list[str]:
    """Return who may come first: of those of the lowest `order`, whoever lost no lot to another of them."""
    ids = list(equals)
    lowest = min(map(order, ids))
    return _left([id for id in ids if order(id) == lowest], lots)


def unluckiest(equals: Iterable[str], order: Order, lots: Lots) -> list[str]:
    """Return who may come last: of those of the highest `order`, whoever won no lot from another of them."""
    ids = list(equals)
    highest = max(map(order, ids))
    return _left([id for id in ids if order(id) == highest], [tuple(reversed(lot)) for lot in lots])


def _left(ids: list[str], lots: Lots) -> list[str]:
    for lot in lots:
        behind = [id for id in lot if id in ids][1:]
        ids = [id for id in ids if id not in behind]
    return ids
