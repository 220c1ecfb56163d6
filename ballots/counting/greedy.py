"""PURE. Divide a budget: most votes first, skipping what no longer fits.

The rule of nearly every Dutch neighbourhood budget. Options are taken from the highest score to
the lowest; each wins when it fits in what is left of the budget, of its theme's cap and of its
place's cap. What is left at the end may go to further options (`more`), to one option in part
(`part`), or to nobody (`none`).

**Ties.** Options of equal score that the tie order does not part would be taken in an order drawn
by lot. This file never draws. It follows every result a lot could have and reports only what is
certain:

* Taking a group of equals in some order, skipping what does not fit, always ends in a *maximal*
  choice: one to which nothing of the group can be added. And every maximal choice is reached, by
  the order that takes it first. So the results of a lot are exactly the maximal choices.
* Each result is followed further in a *world* of its own: the money left, and who won so far.
* An option wins when it wins in every world. Where a lot among its equals decides about it, it
  stands in `ties`. Where only an earlier lot among others decides whether it fits, its step says
  so (`depends`). In neither case is it a winner.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Literal

from ballots.counting.outcome import Outcome, Step
from ballots.paper import Money, Option

MOST_STEPS = 100_000  # choices looked at in one count, and
MOST_WORLDS = 2_000  # worlds followed at once, and
MOST_DEEP = 300  # bundles in one group weighed one by one, before a tie is called too large to work out

TieKey = Literal["lower-cost", "more-votes", "paper-order"]


class Leftover(StrEnum):
    """What happens with money that is left when every option has been looked at."""

    NONE = "none"  # nothing
    MORE = "more"  # caps lifted, again from the highest score: whatever fits is funded too
    PART = "part"  # the highest option that did not win gets what is left, at most its cost


@dataclass(frozen=True)
class GreedyRule:
    """The rule of a budget; money in the unit of the options' costs.

    A theme or place without a cap is bounded by the budget only. `tie_order` names, in order, what
    parts options of equal score; it may be empty, and then equal is equal.
    """

    budget: Money
    theme_caps: Mapping[str, Money]
    place_caps: Mapping[str, Money]
    leftover: Leftover
    tie_order: tuple[TieKey, ...]

    def __post_init__(self) -> None:
        if min(self.budget, *self.theme_caps.values(), *self.place_caps.values(), 0) < 0:
            raise ValueError("a budget or a cap cannot be negative")
        if set(self.tie_order) - {"lower-cost", "more-votes", "paper-order"}:
            raise ValueError("unknown tie order")


@dataclass(frozen=True)
class _Bundle:
    """Equal options that also cost the same from the same purses: only their names differ.

    `group` numbers the groups of equals, the highest score first. `purses` are the purses that pay:
    0 is the budget, the others are caps. Which of a bundle wins makes no difference to anything
    else, so worlds only count how many of it have won.
    """

    group: int
    members: tuple[str, ...]
    score: int
    cost: Money
    purses: tuple[int, ...]


@dataclass(frozen=True)
class _World:
    """One thing that can have happened: what is left in each purse, how many of each bundle won.

    Worlds that cannot differ any more are one world, with the fewest and the most that won in them.
    """

    purses: tuple[Money, ...]
    fewest: tuple[int, ...]
    most: tuple[int, ...]


@dataclass
class _Round:
    """What happened to one group: the worlds before and after, and the bundles a lot decided about."""

    bundles: list[int]
    lifted: bool
    before: list[_World]
    after: list[_World]
    drawn: set[int]


@dataclass(frozen=True)
class _Part:
    """In one world: the bundles of which one member gets part of its cost, and the money left for it."""

    bundles: frozenset[int]
    left: Money


class _TooMany(Exception):
    """More possible lots than can be followed."""


def count(options: Sequence[Option], votes: Mapping[str, int], rule: GreedyRule) -> Outcome:
    """Return who wins the budget, what is left, and why.

    `votes` holds the votes of every option; other keys (blanco) are kept in `Outcome.votes` and
    play no part. Options of equal score and fate are named in the order of the paper. Raises
    ValueError for an option that costs less than nothing, or twice the same id.
    """
    if len({option.id for option in options}) != len(options):
        raise ValueError("two options with the same id")
    if any(option.cost < 0 for option in options):
        raise ValueError("an option cannot cost less than nothing")
    return _Count(options, votes, rule).outcome()


class _Count:
    """One count under way."""

    def __init__(self, options: Sequence[Option], votes: Mapping[str, int], rule: GreedyRule) -> None:
        self.options, self.votes, self.rule = options, votes, rule
        self.place = {option.id: n for n, option in enumerate(options)}
        self.purse_names = [
            ("budget", ""),
            *(("theme", name) for name in sorted(rule.theme_caps)),
            *(("place", name) for name in sorted(rule.place_caps)),
        ]
        caps = {"budget": {"": rule.budget}, "theme": rule.theme_caps, "place": rule.place_caps}
        self.caps: tuple[Money, ...] = tuple(caps[kind][name] for kind, name in self.purse_names)
        self.bundles = self._bundles()
        self.groups = [
            list(numbers)
            for _, numbers in groupby(range(len(self.bundles)), key=lambda n: self.bundles[n].group)
        ]
        self.looked_at = 0

    # -- the rule ---------------------------------------------------------------------------------

    def outcome(self) -> Outcome:
        nobody = (0,) * len(self.bundles)
        worlds = [_World(self.caps, nobody, nobody)]
        rounds: list[_Round] = []
        stopped: list[int] | None = None
        try:
            for lifted in (False, True) if self.rule.leftover is Leftover.MORE else (False,):
                for stopped in self.groups:
                    rounds.append(self._take(stopped, worlds, lifted))
                    worlds = rounds[-1].after
            stopped = None
        except _TooMany:
            pass
        part = None
        if self.rule.leftover is Leftover.PART and stopped is None:
            part = self._part(worlds)
        return _Report(self, rounds, worlds, stopped, part).outcome()

    def _bundles(self) -> list[_Bundle]:
        """Return the options in the order in which the rule takes them, look-alikes together."""
        parts: dict[TieKey, Callable[[Option], Money]] = {
            "lower-cost": lambda option: option.cost,
            "more-votes": lambda option: -self.votes[option.id],
            "paper-order": lambda option: self.place[option.id],
        }
        alike: dict[tuple[tuple[Money, ...], Money, tuple[int, ...]], list[str]] = {}
        for option in self.options:
            order = (-self.votes[option.id], *(parts[key](option) for key in self.rule.tie_order))
            alike.setdefault((order, option.cost, self._purses_of(option)), []).append(option.id)
        orders = {order: n for n, order in enumerate(sorted({order for order, _, _ in alike}))}
        # within a group the dearest first: that finds the choices that fit soonest, and it makes the
        # work, and so what is too much of it, independent of the order of the paper
        return [
            _Bundle(orders[order], tuple(members), int(-order[0]), cost, purses)
            for (order, cost, purses), members in sorted(
                alike.items(), key=lambda item: (item[0][0], -item[0][1], item[0][2])
            )
        ]

    def _purses_of(self, option: Option) -> tuple[int, ...]:
        mine = (("budget", ""), ("theme", option.theme), ("place", option.place))
        return tuple(n for n, name in enumerate(self.purse_names) if name in mine)

    # -- one group of equals ----------------------------------------------------------------------

    def _take(self, group: list[int], before: list[_World], lifted: bool) -> _Round:
        """Take one group of equals in every world, in every order a lot could give."""
        drawn: set[int] = set()
        after: dict[tuple[object, ...], _World] = {}
        for world in before:
            wanted = [len(self.bundles[n].members) - world.most[n] for n in group]
            first: tuple[int, ...] | None = None
            for choice in self._choices(group, wanted, world.purses, lifted):
                first = first or choice
                for n, all, k, other in zip(group, wanted, choice, first, strict=True):
                    if 0 < k < all or k != other:
                        drawn.add(n)
                self._add(after, self._with(world, group, choice, lifted))
        return _Round(group, lifted, before, list(after.values()), drawn)

    def _choices(
        self, group: list[int], wanted: list[int], purses: tuple[Money, ...], lifted: bool
    ) -> Iterator[tuple[int, ...]]:
        """Yield every maximal choice: how many of each bundle of the group, at most `wanted`.

        Tries for bundle after bundle every number that fits, the largest first. Two shortcuts: what
        all fits together is taken whole, and a choice is given up once somebody left out would still
        fit even if everything to come were taken, for then it cannot become maximal.
        """
        costs = [self.bundles[n].cost for n in group]
        payers = [(0,) if lifted else self.bundles[n].purses for n in group]

        def fits(i: int, purses: tuple[Money, ...]) -> int:
            return wanted[i] if not costs[i] else min(wanted[i], *(purses[p] // costs[i] for p in payers[i]))

        wanted = [fits(i, purses) for i in range(len(group))]
        # what is to be paid from each purse if everything from bundle i on is taken
        dues: list[tuple[Money, ...]] = [(0,) * len(purses)]
        for i in reversed(range(len(group))):
            due = wanted[i] * costs[i]
            dues.insert(0, tuple(sum + due if p in payers[i] else sum for p, sum in enumerate(dues[0])))

        def extend(
            chosen: tuple[int, ...], purses: tuple[Money, ...], cheapest: dict[tuple[int, ...], Money]
        ) -> Iterator[tuple[int, ...]]:
            # `cheapest`: of those left out so far, for each set of purses that pay, the lowest cost
            self.looked_at += 1
            if self.looked_at > MOST_STEPS or len(chosen) > MOST_DEEP:
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

    def _with(self, world: _World, group: list[int], choice: tuple[int, ...], lifted: bool) -> _World:
        purses, fewest, most = list(world.purses), list(world.fewest), list(world.most)
        for n, k in zip(group, choice, strict=True):
            fewest[n] += k
            most[n] += k
            for p in (0,) if lifted else self.bundles[n].purses:
                purses[p] -= k * self.bundles[n].cost
        return _World(tuple(purses), tuple(fewest), tuple(most))

    def _add(self, worlds: dict[tuple[object, ...], _World], new: _World) -> None:
        """Add a world; two worlds become one where nothing that follows can tell them apart.

        Without left-over money only the purses matter for what follows; with it, who won does too.
        """
        key: tuple[object, ...] = new.purses
        if self.rule.leftover is not Leftover.NONE:
            key = (*new.purses, new.most)
        known = worlds.get(key)
        if known:
            new = _World(
                new.purses,
                tuple(map(min, known.fewest, new.fewest)),
                tuple(map(max, known.most, new.most)),
            )
        worlds[key] = new
        if len(worlds) > MOST_WORLDS:
            raise _TooMany

    # -- what is left -----------------------------------------------------------------------------

    def _part(self, worlds: list[_World]) -> list[_Part]:
        """Return for every world who stands first in line for what is left, and how much that is."""
        return [_Part(self._first_lost(world), world.purses[0]) for world in worlds]

    def _first_lost(self, world: _World) -> frozenset[int]:
        """Return the bundles of the highest score of which not all won; none when no money is left."""
        for group in self.groups if world.purses[0] > 0 else []:
            lost = frozenset(n for n in group if world.most[n] < len(self.bundles[n].members))
            if lost:
                return lost
        return frozenset()


class _Report:
    """Turns the worlds at the end into what is certain, and the rounds into steps."""

    def __init__(
        self,
        count: _Count,
        rounds: list[_Round],
        worlds: list[_World],
        stopped: list[int] | None,
        part: list[_Part] | None,
    ) -> None:
        self.count, self.rounds, self.worlds, self.part = count, rounds, worlds, part
        self.bundles, self.rule = count.bundles, count.rule
        self.stopped = stopped
        self.steps: list[Step] = []
        self.winners: list[str] = []
        self.part_funded: list[tuple[str, Money]] = []
        self.ties: list[tuple[str, ...]] = []

    def outcome(self) -> Outcome:
        tied = self._tied()
        told: set[int] = set()
        for round in self.rounds:
            self._tell_round(round, tied, told)
        if self.stopped is not None:
            self._tell_stopped(told)
        if self.part is not None:
            self._tell_part(tied)

        cost = {option.id: option.cost for option in self.count.options}
        left = self.rule.budget - sum(cost[id] for id in self.winners)
        left -= sum(amount for _, amount in self.part_funded)
        self.steps.append(Step("left", None, {"left": left, "budget": self.rule.budget}))
        return Outcome(
            votes=dict(self.count.votes),
            score={option.id: self.count.votes[option.id] for option in self.count.options},
            winners=tuple(self.winners),
            part_funded=tuple(self.part_funded),
            left=left,
            ties=tuple(self.ties),
            steps=tuple(self.steps),
        )

    def _sure(self, n: int, worlds: Iterable[_World]) -> bool:
        """Return whether all of this bundle have won in all of these worlds."""
        return all(world.fewest[n] == len(self.bundles[n].members) for world in worlds)

    def _tied(self) -> dict[int, tuple[str, ...]]:
        """Return for each group the options a lot among equals decides about, in the order of the paper."""
        drawn: set[int] = set()
        for round in self.rounds:
            drawn |= round.drawn
        for part in self.part or ():
            if len(self._members(part.bundles)) > 1:
                drawn |= part.bundles
        tied: dict[int, tuple[str, ...]] = {}
        for n in sorted(n for n in drawn if not self._sure(n, self.worlds)):
            group = self.bundles[n].group
            tied[group] = self._in_order((*tied.get(group, ()), *self.bundles[n].members))
        return {group: ids for group, ids in tied.items() if len(ids) > 1}

    def _in_order(self, ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(ids, key=self.count.place.__getitem__))

    def _members(self, bundles: Iterable[int]) -> list[tuple[str, int]]:
        """Return (option id, bundle) of these bundles in the order of the paper."""
        pairs = [(id, n) for n in bundles for id in self.bundles[n].members]
        return sorted(pairs, key=lambda pair: self.count.place[pair[0]])

    # -- steps ------------------------------------------------------------------------------------

    def _tell_round(self, round: _Round, tied: dict[int, tuple[str, ...]], told: set[int]) -> None:
        """Add the steps of one group: winners first, then the tie, then who did not fit and why."""
        left = round.before[0].purses[0] if len(round.before) == len(round.after) == 1 else None
        open = [(id, n) for id, n in self._members(round.bundles) if n not in told]
        for id, n in open:
            if self._sure(n, round.after):
                told.add(n)
                values = self._facts(n)
                if left is not None:
                    left -= self.bundles[n].cost
                    values["left"] = left
                self.winners.append(id)
                self.steps.append(Step("more" if round.lifted else "won", id, values))

        ids = tied.get(self.bundles[round.bundles[0]].group, ())
        equals = [n for n in round.bundles if set(self.bundles[n].members) & set(ids)]
        if ids not in self.ties and round.drawn & set(equals):
            most = max(sum(world.most[n] for n in equals) for world in round.after)
            self._tell_tie(ids, equals[0], most)

        for id, n in open:
            if n in told or id in ids:
                continue
            if any(world.most[n] for world in round.after) and not round.lifted:
                self._tell_depends(id, n)
            elif not round.lifted:
                self.steps.append(self._why_not(id, n, round.before))
            elif any(after.most[n] for after in round.after):
                self._tell_depends(id, n)

    def _facts(self, n: int) -> dict[str, Money | str]:
        return {"score": self.bundles[n].score, "cost": self.bundles[n].cost}

    def _tell_tie(self, ids: tuple[str, ...], n: int, most: int) -> None:
        """Report a tie; `n` is a bundle in it, `most` how many of its options can be funded at once."""
        self.ties.append(ids)
        values: dict[str, Money | str] = {"options": ",".join(ids), "score": self.bundles[n].score}
        self.steps.append(Step("tie", None, values | {"most": most, "all": len(ids)}))

    def _tell_depends(self, id: str, n: int) -> None:
        if not self._sure(n, self.worlds) and not any(
            step.kind == "depends" and step.option == id for step in self.steps
        ):
            self.steps.append(Step("depends", id, self._facts(n)))

    def _why_not(self, id: str, n: int, before: Sequence[_World]) -> Step:
        """Return why an option fits in none of these worlds: the first purse that is too small.

        An option that is in no result of its group did not fit even before the group was taken
        (else some order would have taken it first), so the purses before the group tell it all.
        """
        bundle = self.bundles[n]
        short = {next(p for p in bundle.purses if world.purses[p] < bundle.cost) for world in before}
        values = self._facts(n)
        if len(short) > 1:
            return Step("no-room", id, values)
        purse = short.pop()
        lefts = {world.purses[purse] for world in before}
        if len(lefts) == 1:
            values["left"] = lefts.pop()
        if purse == 0:
            return Step("no-money", id, values)
        kind, name = self.count.purse_names[purse]
        values |= {"name": name, "cap": self.count.caps[purse]}
        return Step(f"{kind}-full", id, values)

    def _tell_stopped(self, told: set[int]) -> None:
        """Report a tie too large to work out: the rest of that score is tied, the rest below hangs on it."""
        assert self.stopped is not None
        rest = [n for n in range(len(self.bundles)) if n not in told]
        open = {n for n in rest if any(self._fits_ever(n, world) for world in self.worlds)}
        already = {id for tie in self.ties for id in tie}
        ids = self._in_order(id for n in self.stopped if n in open for id in self.bundles[n].members)
        if len(ids) > 1 and not already & set(ids):
            self.ties.append(ids)
        score = self.bundles[self.stopped[0]].score
        self.steps.append(Step("stopped", None, {"options": ",".join(ids), "score": score}))
        explained = {step.option for step in self.steps}
        for id, n in sorted(self._members(rest), key=lambda pair: self.bundles[pair[1]].group):
            if id in already or id in ids or id in explained:
                continue
            if n in open:
                self._tell_depends(id, n)
            else:
                self.steps.append(self._why_not(id, n, self.worlds))

    def _fits_ever(self, n: int, world: _World) -> bool:
        """Return whether an option might still win here; left-over money lifts the caps."""
        bundle = self.bundles[n]
        purses = bundle.purses if self.rule.leftover is Leftover.NONE else (0,)
        return world.most[n] < len(bundle.members) and all(world.purses[p] >= bundle.cost for p in purses)

    def _tell_part(self, tied: dict[int, tuple[str, ...]]) -> None:
        """Report who gets what is left: certain when it is one and the same option in every world."""
        assert self.part is not None
        candidates = self._members(set().union(*(part.bundles for part in self.part)))
        if len(candidates) == 1 and len(set(self.part)) == 1:
            (id, n), left = candidates[0], self.part[0].left
            amount = min(left, self.bundles[n].cost)
            self.part_funded.append((id, amount))
            self.steps.append(Step("part", id, self._facts(n) | {"amount": amount, "left": left - amount}))
            return
        for id, n in candidates:
            ids = tied.get(self.bundles[n].group, ())
            if id not in ids:
                self._tell_depends(id, n)
            elif ids not in self.ties:
                self._tell_tie(ids, n, most=1)
