"""PURE. Divide a budget: highest score first, skipping what no longer fits.

The rule of nearly every Dutch neighbourhood budget. Options are taken from the highest score to
the lowest; each wins when it fits in what is left of the budget, of its theme's cap and of its
place's cap. What is left at the end may go to further options (`more`), to one option in part
(`part`), or to nobody (`none`). A rule may also stop at the first option that does not fit, and may
ask for a least score.

**Ties.** Options of equal score that neither the tie order nor a lot that was drawn parts would be
taken in an order drawn by lot. This file never draws. It follows every result a lot could have
(`ballots/counting/worlds.py`) and reports only what is certain: an option wins when it wins in every
world. Where a lot among its equals decides about it, it stands in `ties`. Where only an earlier lot
among others decides whether it fits, its step says so (`depends`). In neither case is it a winner.
Without skipping, all options of a tie are in its lot: one that never fits ends the count when drawn.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from ballots.counting import ties, worlds
from ballots.counting.outcome import Outcome, Score, Step
from ballots.counting.ties import Lots, TieKey
from ballots.counting.worlds import BUDGET, Bundle, Round, Way, World
from ballots.paper import Money, Option


class Leftover(StrEnum):
    """What happens with money that is left when every option has been looked at."""

    NONE = "none"  # nothing
    MORE = "more"  # caps lifted, again from the highest score: whatever fits is funded too
    PART = "part"  # the highest option that did not win gets what is left, at most its cost


@dataclass(frozen=True)
class GreedyRule:
    """The rule of a budget; money in the unit of the options' costs.

    A theme or place without a cap is bounded by the budget only. `tie_order` names, in order, what
    parts options of equal score; it may be empty, and then equal is equal. `skip`: go on after an
    option that does not fit; else nobody after it wins. With a score under the `threshold` an option
    gets nothing, also not of what is left.
    """

    budget: Money
    theme_caps: Mapping[str, Money]
    place_caps: Mapping[str, Money]
    leftover: Leftover
    tie_order: tuple[TieKey, ...]
    skip: bool = True
    threshold: Score = 0

    def __post_init__(self) -> None:
        if min(self.budget, *self.theme_caps.values(), *self.place_caps.values(), 0) < 0:
            raise ValueError("a budget or a cap cannot be negative")
        if not self.skip and self.leftover is Leftover.MORE:
            raise ValueError("who stops at the first that does not fit cannot fund it after all")
        ties.check(self.tie_order)


def count(
    options: Sequence[Option],
    votes: Mapping[str, int],
    rule: GreedyRule,
    score: Mapping[str, Score] | None = None,
    lots: Lots = (),
    most: int = worlds.MOST_STEPS,
) -> Outcome:
    """Return who wins the budget, what is left, and why.

    `votes` holds the votes of every option; other keys (blanco) are kept in `Outcome.votes` and
    play no part. `score` is what is compared; without it the votes are. Options of equal score and
    fate are named in the order of the paper. `most` is how many choices between equals are looked at
    before a tie is called too large. Raises ValueError for an option that costs less than nothing, or
    twice the same id.
    """
    if len({option.id for option in options}) != len(options):
        raise ValueError("two options with the same id")
    if any(option.cost < 0 for option in options):
        raise ValueError("an option cannot cost less than nothing")
    score = {option.id: (votes if score is None else score)[option.id] for option in options}
    plan = _Plan(options, votes, score, rule, lots, most)
    return _Report(plan, options, dict(votes), score).outcome()


@dataclass(frozen=True)
class _Part:
    """In one world: the bundles of which one member gets part of its cost, and the money left for it."""

    bundles: frozenset[int]
    left: Money


class _Plan:
    """The options as bundles, in the order in which the rule takes them, and the purses that pay."""

    def __init__(
        self,
        options: Sequence[Option],
        votes: Mapping[str, int],
        score: Mapping[str, Score],
        rule: GreedyRule,
        lots: Lots,
        most: int,
    ) -> None:
        self.rule, self.most = rule, most
        caps = {("theme", name): cap for name, cap in rule.theme_caps.items()}
        caps |= {("place", name): cap for name, cap in rule.place_caps.items()}
        purses = [(("budget", ""), rule.budget), *sorted(caps.items(), key=lambda cap: cap[0])]
        self.names = [name for name, _ in purses]
        self.purses = [money for _, money in purses]

        order = ties.order(options, votes, rule.tie_order, lots)
        alike: dict[tuple[tuple[Money, ...], Money, tuple[int, ...]], list[str]] = {}
        for option in options:
            if score[option.id] >= rule.threshold:
                rank = (-score[option.id], *order(option.id))
                alike.setdefault((rank, option.cost, self._payers(option)), []).append(option.id)
        # Within a group the dearest first: that finds the choices that fit soonest, and it makes the
        # work, and so what is too much of it, independent of the order of the paper.
        taken = sorted(alike.items(), key=lambda item: (item[0][0], -item[0][1], item[0][2]))
        self.bundles = [
            Bundle(tuple(members), score[members[0]], cost, payers) for (_, cost, payers), members in taken
        ]
        ranks = [rank for (rank, _, _), _ in taken]
        self.groups = [list(group) for _, group in groupby(range(len(ranks)), key=ranks.__getitem__)]

    def _payers(self, option: Option) -> tuple[int, ...]:
        mine = (("budget", ""), ("theme", option.theme), ("place", option.place))
        return tuple(n for n, name in enumerate(self.names) if name in mine)

    def follow(self) -> worlds.Followed:
        """Return what can happen."""
        leftover = self.rule.leftover
        # without left-over money only the purses matter for what follows; with it, who won does too
        way = Way(self.rule.skip, leftover is Leftover.MORE, leftover is not Leftover.NONE, self.most)
        return worlds.follow(self.bundles, self.groups, self.purses, way)


class _Report:
    """Turns what can happen into what is certain, and the rounds into steps."""

    def __init__(
        self, plan: _Plan, options: Sequence[Option], votes: dict[str, int], score: dict[str, Score]
    ) -> None:
        self.plan, self.options, self.votes, self.score = plan, options, votes, score
        self.rule, self.bundles = plan.rule, plan.bundles
        self.place = {option.id: n for n, option in enumerate(options)}
        self.group = {n: number for number, group in enumerate(plan.groups) for n in group}
        self.followed = plan.follow()
        self.parts = self._parts()
        self.steps: list[Step] = []
        self.winners: list[str] = []
        self.part_funded: list[tuple[str, Money]] = []
        self.ties: list[tuple[str, ...]] = []

    def outcome(self) -> Outcome:
        tied = self._tied()
        told: set[int] = set()
        for round in self.followed.rounds:
            self._tell_round(round, tied, told)
        if self.followed.stuck is not None:
            self._tell_stuck(self.followed.stuck, told)
        self._tell_part(tied)
        self._tell_after_stop()
        self._tell_under_threshold()

        cost = {option.id: option.cost for option in self.options}
        left = self.rule.budget - sum(cost[id] for id in self.winners)
        left -= sum(amount for _, amount in self.part_funded)
        self.steps.append(Step("left", None, {"left": left, "budget": self.rule.budget}))
        return Outcome(
            votes=self.votes,
            score=self.score,
            winners=tuple(self.winners),
            part_funded=tuple(self.part_funded),
            left=left,
            ties=tuple(self.ties),
            steps=tuple(self.steps),
        )

    # -- what is certain --------------------------------------------------------------------------

    def _parts(self) -> list[_Part]:
        """Return for every world who stands first in line for what is left, and how much that is."""
        if self.rule.leftover is not Leftover.PART or self.followed.stuck is not None:
            return []
        parts = [_Part(self._first_lost(world), world.purses[BUDGET]) for world in self.followed.worlds]
        rounds = self.followed.rounds
        if rounds and rounds[-1].ended:  # a lot may also put who does not fit before all equals
            lost = frozenset().union(*(part.bundles for part in parts))
            parts.append(_Part(lost, rounds[-1].before[0].purses[BUDGET]))
        return parts

    def _first_lost(self, world: World) -> frozenset[int]:
        """Return the bundles of the highest rank of which not all won; none when no money is left."""
        for group in self.plan.groups if world.purses[BUDGET] > 0 else []:
            lost = frozenset(n for n in group if world.most[n] < len(self.bundles[n].members))
            if lost:
                return lost
        return frozenset()

    def _sure(self, n: int, among: Iterable[World]) -> bool:
        """Return whether all of this bundle have won in all of these worlds."""
        return all(world.fewest[n] == len(self.bundles[n].members) for world in among)

    def _tied(self) -> dict[int, tuple[str, ...]]:
        """Return for each group the options a lot among equals decides about, in the order of the paper."""
        drawn: set[int] = set()
        for round in self.followed.rounds:
            drawn |= round.drawn
        for part in self.parts:
            if len(self._members(part.bundles)) > 1:
                drawn |= part.bundles
        tied = self._by_group(n for n in drawn if not self._sure(n, self.followed.worlds))
        if not tied and any(self._hangs(n) for n in range(len(self.bundles))):
            # all who draw a lot win in the end, or all but one; but what it gives decides about others
            tied = self._by_group(next(round.drawn for round in self.followed.rounds if round.drawn))
        return tied

    def _hangs(self, n: int) -> bool:
        """Return whether some of this bundle may win, and not all do for certain."""
        return any(world.most[n] for world in self.followed.worlds) and not self._sure(
            n, self.followed.worlds
        )

    def _by_group(self, bundles: Iterable[int]) -> dict[int, tuple[str, ...]]:
        """Return the options of these bundles, of each group that has more than one."""
        groups: dict[int, tuple[str, ...]] = {}
        for n in bundles:
            groups[self.group[n]] = self._in_order((*groups.get(self.group[n], ()), *self.bundles[n].members))
        return {group: ids for group, ids in groups.items() if len(ids) > 1}

    def _in_order(self, ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(ids, key=self.place.__getitem__))

    def _members(self, bundles: Iterable[int]) -> list[tuple[str, int]]:
        """Return (option id, bundle) of these bundles in the order of the paper."""
        pairs = [(id, n) for n in bundles for id in self.bundles[n].members]
        return sorted(pairs, key=lambda pair: self.place[pair[0]])

    # -- steps ------------------------------------------------------------------------------------

    def _tell_round(self, round: Round, tied: Mapping[int, tuple[str, ...]], told: set[int]) -> None:
        """Add the steps of one group: winners first, then the tie, then who did not fit and why."""
        left = round.before[0].purses[BUDGET] if len(round.before) == len(round.after) == 1 else None
        open = [(id, n) for id, n in self._members(round.group) if n not in told]
        for id, n in open:
            if self._sure(n, round.after):
                told.add(n)
                values = self._facts(n)
                if left is not None:
                    left -= self.bundles[n].cost
                    values["left"] = left
                self.winners.append(id)
                self.steps.append(Step("more" if round.lifted else "won", id, values))

        ids = tied.get(self.group[round.group[0]], ())
        equals = [n for n in round.group if set(self.bundles[n].members) & set(ids)]
        if ids not in self.ties and round.drawn & set(equals):
            self._tell_tie(ids, equals[0], self._at_once(round, equals))

        for id, n in open:
            if n in told or id in ids:
                continue
            if any(world.most[n] for world in round.after):
                self._tell_depends(id, n)
            elif not round.lifted:
                self.steps.append(self._why_not(id, n, round.before))

    def _at_once(self, round: Round, equals: Sequence[int]) -> int:
        """Return how many of these one lot can fund; caps that are lifted later may make room for more."""
        if self.rule.leftover is not Leftover.MORE:
            return round.at_once
        return max(sum(world.most[n] for n in equals) for world in self.followed.worlds)

    def _facts(self, n: int) -> dict[str, Money | str]:
        return {"score": self.bundles[n].score, "cost": self.bundles[n].cost}

    def _tell_tie(self, ids: tuple[str, ...], n: int, most: int) -> None:
        """Report a tie; `n` is a bundle in it, `most` how many of its options can be funded at once."""
        self.ties.append(ids)
        values: dict[str, Money | str] = {"options": ",".join(ids), "score": self.bundles[n].score}
        self.steps.append(Step("tie", None, values | {"most": most, "all": len(ids)}))

    def _tell_depends(self, id: str, n: int) -> None:
        if not self._sure(n, self.followed.worlds) and not any(
            step.kind == "depends" and step.option == id for step in self.steps
        ):
            self.steps.append(Step("depends", id, self._facts(n)))

    def _why_not(self, id: str, n: int, before: Sequence[World]) -> Step:
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
        if purse == BUDGET:
            return Step("no-money", id, values)
        kind, name = self.plan.names[purse]
        values |= {"name": name, "cap": self.plan.purses[purse]}
        return Step(f"{kind}-full", id, values)

    def _tell_stuck(self, stuck: Sequence[int], told: set[int]) -> None:
        """Report a tie too large to work out: the rest of that score is tied, the rest below hangs on it."""
        rest = [n for n in range(len(self.bundles)) if n not in told]
        if not self.rule.skip:  # whoever comes after these has lost, and all of these are in the lot
            rest = [n for n in rest if n <= max(stuck)]
        open = {n for n in rest if any(self._fits_ever(n, world) for world in self.followed.worlds)}
        already = {id for tie in self.ties for id in tie}
        lot = stuck if not self.rule.skip else [n for n in stuck if n in open]
        ids = self._in_order(id for n in lot for id in self.bundles[n].members)
        if len(ids) > 1 and not already & set(ids):
            self.ties.append(ids)
        score = self.bundles[stuck[0]].score
        self.steps.append(Step("stopped", None, {"options": ",".join(ids), "score": score}))
        explained = {step.option for step in self.steps}
        for id, n in sorted(self._members(rest), key=lambda pair: self.group[pair[1]]):
            if id in already or id in ids or id in explained:
                continue
            if n in open:
                self._tell_depends(id, n)
            else:
                self.steps.append(self._why_not(id, n, self.followed.worlds))

    def _fits_ever(self, n: int, world: World) -> bool:
        """Return whether an option might still win here; left-over money lifts the caps."""
        bundle = self.bundles[n]
        purses = bundle.purses if self.rule.leftover is Leftover.NONE else (BUDGET,)
        return world.most[n] < len(bundle.members) and all(world.purses[p] >= bundle.cost for p in purses)

    def _tell_part(self, tied: Mapping[int, tuple[str, ...]]) -> None:
        """Report who gets what is left: certain when it is one and the same option in every world."""
        candidates = self._members(frozenset().union(*(part.bundles for part in self.parts)))
        if len(candidates) == 1 and all(part.bundles for part in self.parts):
            id, n = candidates[0]
            lefts = {part.left for part in self.parts}
            amounts = {min(left, self.bundles[n].cost) for left in lefts}
            if len(amounts) == 1:
                amount = amounts.pop()
                values = self._facts(n) | {"amount": amount}
                if len(lefts) == 1:
                    values["left"] = lefts.pop() - amount
                self.part_funded.append((id, amount))
                self.steps.append(Step("part", id, values))
                return
        for id, n in candidates:
            ids = tied.get(self.group[n], ())
            if id not in ids:
                self._tell_depends(id, n)
            elif ids not in self.ties:
                self._tell_tie(ids, n, most=1)

    def _tell_after_stop(self) -> None:
        """Report who came after the one that did not fit, where the rule does not skip."""
        rounds, stuck = self.followed.rounds, self.followed.stuck
        last = stuck if stuck is not None else rounds[-1].group if rounds else ()
        if self.rule.skip or not last:
            return
        for group in self.plan.groups[self.group[last[0]] + 1 :]:
            for id, n in self._members(group):
                self.steps.append(Step("after-stop", id, self._facts(n)))

    def _tell_under_threshold(self) -> None:
        threshold = self.rule.threshold
        under = [option for option in self.options if self.score[option.id] < threshold]
        for option in sorted(under, key=lambda option: -self.score[option.id]):
            score = self.score[option.id]
            values = {"score": score, "cost": option.cost, "threshold": threshold, "short": threshold - score}
            self.steps.append(Step("under-threshold", option.id, values))
