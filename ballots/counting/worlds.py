"""PURE. Follow every result that lots between equals could give, when a budget is divided.

Options of equal score that nothing parts would be taken in an order drawn by lot. This file draws
none: each result a lot could have is followed further in a *world* of its own, which is the money
left in every purse and how many have won so far.

* **Skipping.** Taking a group of equals in some order, skipping what does not fit, always ends in a
  *maximal* choice: one to which nothing of the group can be added. And every maximal choice is
  reached, by the order that takes it first. So the results of a lot are exactly the maximal choices.
* **Not skipping.** A group that fits as a whole is taken as a whole. In any other group every order
  comes to somebody who does not fit, and there it ends. Whoever the lot puts last has then not won,
  so nobody of that group is certain; and whoever fits when drawn first might win.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ballots.counting.outcome import Score
from ballots.paper import Money

MOST_STEPS = 100_000  # choices looked at in one count, and
MOST_WORLDS = 2_000  # worlds followed at once, and
MOST_DEEP = 300  # bundles in one group weighed one by one, before a tie is called too large to work out

BUDGET = 0  # the purse that pays for everything; all others are caps


@dataclass(frozen=True)
class Bundle:
    """Equal options that also cost the same from the same purses: only their names differ.

    `purses` are the numbers of the purses that pay. Which of a bundle wins makes no difference to
    anything else, so worlds only count how many of it have won.
    """

    members: tuple[str, ...]
    score: Score
    cost: Money
    purses: tuple[int, ...]


@dataclass(frozen=True)
class World:
    """One thing that can have happened: what is left in each purse, how many of each bundle won.

    Worlds that cannot differ any more are one world, with the fewest and the most that won in them.
    """

    purses: tuple[Money, ...]
    fewest: tuple[int, ...]
    most: tuple[int, ...]


@dataclass(frozen=True)
class Round:
    """What happened to one group: the worlds before and after, and the bundles a lot decided about.

    `lifted`: the caps played no part. `at_once`: how many of the drawn bundles' options one lot can
    fund. `ended`: somebody did not fit, and nobody comes after that.
    """

    group: Sequence[int]
    lifted: bool
    before: Sequence[World]
    after: Sequence[World]
    drawn: frozenset[int]
    at_once: int
    ended: bool


@dataclass(frozen=True)
class Way:
    """How groups are taken.

    `skip`: go on after an option that does not fit. `lift`: at the end take all groups once more,
    without caps. `remember`: what follows hangs on who won, and not only on what is left. `most`: how
    many choices are looked at before a tie is called too large.
    """

    skip: bool
    lift: bool
    remember: bool
    most: int = MOST_STEPS


@dataclass(frozen=True)
class Followed:
    """All rounds in order, the worlds at the end, and the group at which it became too many to follow."""

    rounds: Sequence[Round]
    worlds: Sequence[World]
    stuck: Sequence[int] | None


def follow(
    bundles: Sequence[Bundle], groups: Sequence[Sequence[int]], purses: Sequence[Money], way: Way
) -> Followed:
    """Return what can happen when these groups (numbers of bundles) are taken in this order."""
    return _Follower(bundles, way).follow(groups, purses)


class _TooMany(Exception):
    """More possible lots than can be followed."""


class _Follower:
    def __init__(self, bundles: Sequence[Bundle], way: Way) -> None:
        self.bundles, self.way = bundles, way
        self.looked_at = 0

    def follow(self, groups: Sequence[Sequence[int]], purses: Sequence[Money]) -> Followed:
        nobody = (0,) * len(self.bundles)
        worlds: Sequence[World] = [World(tuple(purses), nobody, nobody)]
        rounds: list[Round] = []
        for lifted in (False, True) if self.way.lift else (False,):
            for group in groups:
                try:
                    rounds.append(self._take(group, worlds, lifted))
                except _TooMany:
                    return Followed(rounds, worlds, group)
                worlds = rounds[-1].after
                if rounds[-1].ended:
                    return Followed(rounds, worlds, None)
        return Followed(rounds, worlds, None)

    def _take(self, group: Sequence[int], before: Sequence[World], lifted: bool) -> Round:
        """Take one group of equals in every world, in every order a lot could give."""
        drawn: set[int] = set()
        after: dict[tuple[object, ...], World] = {}
        found: list[tuple[tuple[int, ...], int]] = []  # in each world one choice, and the size of the largest
        for world in before:
            wanted = [len(self.bundles[n].members) - world.most[n] for n in group]
            first: tuple[int, ...] = ()
            largest = 0
            for choice in self._choices(group, wanted, world.purses, lifted):
                first = first or choice
                largest = max(largest, sum(choice))
                for n, full, k, other in zip(group, wanted, choice, first, strict=True):
                    if 0 < k < full or k != other:
                        drawn.add(n)
                self._add(after, self._with(world, group, choice, lifted))
            found.append((first, largest))
        results = list(after.values())
        ended = not self.way.skip and not all(
            world.fewest[n] == len(self.bundles[n].members) for world in results for n in group
        )
        if ended:
            results = [replace(world, fewest=before[0].fewest) for world in results]
            drawn = set(group) if any(largest for _, largest in found) else set()
        at_once = max(
            largest - sum(k for n, k in zip(group, first, strict=True) if n not in drawn)
            for first, largest in found
        )
        return Round(group, lifted, before, results, frozenset(drawn), at_once, ended)

    def _choices(
        self, group: Sequence[int], wanted: Sequence[int], purses: tuple[Money, ...], lifted: bool
    ) -> Iterator[tuple[int, ...]]:
        """Yield every maximal choice: how many of each bundle of the group, at most `wanted`.

        Tries for bundle after bundle every number that fits, the largest first. Two shortcuts: what
        all fits together is taken whole, and a choice is given up once somebody left out would still
        fit even if everything to come were taken, for then it cannot become maximal.
        """
        costs = [self.bundles[n].cost for n in group]
        payers = [(BUDGET,) if lifted else self.bundles[n].purses for n in group]

        def fits(i: int, purses: tuple[Money, ...]) -> int:
            return wanted[i] if not costs[i] else min(wanted[i], *(purses[p] // costs[i] for p in payers[i]))

        wanted = [fits(i, purses) for i in range(len(group))]
        # what is to be paid from each purse if everything from bundle i on is taken
        dues: list[tuple[Money, ...]] = [(0,) * len(purses)]
        for i in reversed(range(len(group))):
            due = wanted[i] * costs[i]
            dues.insert(0, tuple(later + due if p in payers[i] else later for p, later in enumerate(dues[0])))

        def extend(
            chosen: tuple[int, ...], purses: tuple[Money, ...], cheapest: dict[tuple[int, ...], Money]
        ) -> Iterator[tuple[int, ...]]:
            # `cheapest`: of those left out so far, for each set of purses that pay, the lowest cost
            self.looked_at += 1
            if self.looked_at > self.way.most or len(chosen) > MOST_DEEP:
                raise _TooMany
            i = len(chosen)
            spare = [left - due for left, due in zip(purses, dues[i], strict=True)]
            for who, cost in cheapest.items():
                if all(spare[p] >= cost for p in who):
                    return
            if min(spare) >= 0:
                yield (*chosen, *wanted[i:])
                return
            for k in range(fits(i, purses), -1, -1):
                out = cheapest
                if k < wanted[i]:
                    out = cheapest | {payers[i]: min(costs[i], cheapest.get(payers[i], costs[i]))}
                paid = k * costs[i]
                left = tuple(left - paid if p in payers[i] else left for p, left in enumerate(purses))
                yield from extend((*chosen, k), left, out)

        yield from extend((), purses, {})

    def _with(self, world: World, group: Sequence[int], choice: tuple[int, ...], lifted: bool) -> World:
        purses, fewest, most = list(world.purses), list(world.fewest), list(world.most)
        for n, k in zip(group, choice, strict=True):
            fewest[n] += k
            most[n] += k
            for p in (BUDGET,) if lifted else self.bundles[n].purses:
                purses[p] -= k * self.bundles[n].cost
        return World(tuple(purses), tuple(fewest), tuple(most))

    def _add(self, worlds: dict[tuple[object, ...], World], new: World) -> None:
        """Add a world; two worlds become one where nothing that follows can tell them apart."""
        key = (*new.purses, new.most) if self.way.remember else new.purses
        known = worlds.get(key)
        if known:
            new = World(
                new.purses,
                tuple(map(min, known.fewest, new.fewest)),
                tuple(map(max, known.most, new.most)),
            )
        worlds[key] = new
        if len(worlds) > MOST_WORLDS:
            raise _TooMany
