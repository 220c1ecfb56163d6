"""PURE. Divide a budget by the Method of Equal Shares: every voter directs an equal part of it.

The budget is split into equal shares, one a voter. An option is bought from the shares of those who
chose it: all pay the same, and who has less left pays all that is left. Time and again the option is
bought whose *rate* is lowest; the rate is what a supporter pays for each euro the option costs (by
cost) or for the option as such (by number). It ends when no option's supporters have its cost left
together. That seldom uses the whole budget, so the shares may be raised by a step at a time, as if
there were more money, and the whole count done again: `add1` keeps the last result that the real
budget can bear. `add1u` then adds, most votes first, whatever still fits.

| kind | option | values |
|---|---|---|
| `shares` | – | budget, voters, first (a share at first), raises (how often raised), share (in the end) |
| `bought` | yes | score, cost, price, rate, full, poor, rest, left |
| `too-dear` | yes | score, cost, supporters, had (what these still had together, less than the cost); |
| | | instead, had_then, had_after, rate_then: an option with fewer supporters that went before this one |
| `unsupported` | yes | score, cost: nobody chose it |
| `raise-stopped` | – | why, share, spent, budget: what one step more would have cost; added, dropped, earlier, |
| | | overtaken, rate_now: how that comes about |
| `tie` | – | options, score, most, all, rate: equal rates, and it matters which is bought first |
| `depends` | yes | score, cost: whether it wins hangs on a lot |
| `stopped` | – | options, score: too many possible lots to work out; all these count as tied |
| `more`, `no-money`, `tie`, `depends`, `left` | | as in `ballots/counting/greedy.py`, of what add1u adds |

In `bought`, `price` is what each of the `full` supporters paid; `poor` supporters had less than that
left and paid all of it, `rest` together; `left` is what remains of the real budget after it.

In `too-dear`, `instead` was bought at a higher rate than this option has where each supporter can pay; so
its supporters had paid for others. Of such options with fewer supporters it is the one with the most, then
the dearest, then the last. Just before it was bought, this option's supporters had `had_then` together and
its rate was `rate_then`, which is absent where they had less than the cost; just after it they had `had_after`.

In `raise-stopped`, `why` is `over` (one step more would cost `spent`, over the budget; `share` is what a
share would have been; where no lot decides that, `added` and `dropped` are the options by which it differs,
and `earlier` those added that would be bought before their `instead`; of one such, `overtaken` would come right
after it, and `rate_now` was its rate when that was bought), `full` (no other option fits in the
budget), `all` (everything that anybody chose is bought) or `bound` (each share has become as large as the
whole budget).

`score` is a number of votes; `first`, `share`, `price`, `rest`, `had`, `had_then`, `had_after` and `spent` are money;
`rate`, `rate_then` and `rate_now` are ratios.

**Ties.** Where rates are equal and neither the tie order nor a lot parts the options, every order is
followed (`ballots/counting/rounds.py`). An order that makes no difference is no tie. Otherwise the
winners are those that win whatever the lot gives.

**Exact.** Money is whole numbers at any size, and no float is involved (`ballots/counting/purses.py`);
the ballots are read into arrays of numpy.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

from ballots.counting import greedy, rounds, ties
from ballots.counting.blocks import blocks
from ballots.counting.equals import luckiest
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.outcome import Outcome, Step
from ballots.counting.purses import Electorate
from ballots.counting.rounds import Election, Purchase, Raised, Result, Round
from ballots.counting.tally import Ballots, Marking
from ballots.counting.ties import Lots, TieKey
from ballots.paper import BLANK, Money, Option

if TYPE_CHECKING:
    from ballots.counting.blocks import Array


class Utility(StrEnum):
    """What a supporter has of an option that is bought."""

    COST = "cost"  # as much as it costs
    NUMBER = "number"  # one, whatever it costs


class Completion(StrEnum):
    """What happens to a budget that the shares do not use up."""

    NONE = "none"
    ADD1 = "add1"  # raise every share a step at a time, as long as the result can be paid
    ADD1U = "add1u"  # the same, and then most votes first whatever still fits


@dataclass(frozen=True)
class EqualSharesRule:
    """The rule; money in the unit of the options' costs.

    `step` is what add1 raises each share by at a time: 1 of a file's unit, 100 cents on a live paper.
    """

    budget: Money
    utility: Utility
    completion: Completion
    step: Money
    tie_order: tuple[TieKey, ...] = ()

    def __post_init__(self) -> None:
        if self.budget < 0:
            raise ValueError("a budget cannot be negative")
        if self.step <= 0:
            raise ValueError("a step must be more than nothing")
        ties.check(self.tie_order)


def count(options: Sequence[Option], ballots: Ballots, rule: EqualSharesRule, lots: Lots = ()) -> Outcome:
    """Return who wins the budget, what is left, and why.

    A ballot without options (blanco) has its share too. An option that stands on a ballot twice has
    two votes of it, and that voter as a supporter once. Raises ValueError for an option that costs less
    than nothing, twice the same id, an id that is not on the paper, and a negative weight.
    """
    if len({option.id for option in options}) != len(options):
        raise ValueError("two options with the same id")
    if any(option.cost < 0 for option in options):
        raise ValueError("an option cannot cost less than nothing")
    return _Count(options, ballots, rule, lots).outcome()


def _read(ids: Sequence[str], ballots: Ballots) -> tuple[dict[str, int], "Array", "Array"]:
    """Return the votes, which groups of voters chose each option, and how many voters are in each group."""
    import numpy as np

    groups: defaultdict[Marking, int] = defaultdict(int)
    for marking, weight in ballots:
        if weight < 0:
            raise ValueError("a ballot cannot weigh less than nothing")
        groups[marking] += weight
    votes = np.zeros(len(ids) + 1, np.int64)
    chose, weights = [np.empty((len(ids) + 1, 0), np.bool_)], [np.empty(0, np.int64)]
    for block in blocks(ids, groups.items()):
        table = np.zeros((len(ids) + 1, len(block.sizes)), np.bool_)
        table[block.marks, block.ballots] = True
        chose.append(table)
        weights.append(block.weights)
        np.add.at(votes, block.marks, block.weights.repeat(block.sizes))
    blank = {} if BLANK in ids else {BLANK: int(votes[-1])}
    by_id = dict(zip(ids, votes.tolist()[:-1], strict=True)) | blank
    return by_id, np.concatenate(chose, axis=1)[:-1], np.concatenate(weights)


@dataclass(frozen=True)
class _Passed:
    """An option went before another: which, what the other's supporters had just before and just after it was
    paid, and the other's rate before that, if any."""

    by: int
    had: Fraction
    after: Fraction
    rate: Fraction | None


class _Count:
    """One count: the election in units so fine that a first share is whole; then winners, ties and steps."""

    def __init__(
        self, options: Sequence[Option], ballots: Ballots, rule: EqualSharesRule, lots: Lots
    ) -> None:
        self.options, self.rule, self.lots = options, rule, lots
        self.place = {option.id: n for n, option in enumerate(options)}
        self.votes, chose, weights = _read(list(self.place), ballots)
        costs = [option.cost for option in options]
        fine = lcm(*(Fraction(amount).denominator for amount in (*costs, rule.budget, rule.step)))
        self.unit = fine * max(int(weights.sum()), 1)  # so many units make one of the options' unit
        electorate = Electorate(chose, weights, [int(cost * self.unit) for cost in costs])
        self.order = ties.order(options, self.votes, rule.tie_order, ())
        self.election = Election(
            electorate,
            worth=electorate.costs if rule.utility is Utility.COST else [1] * len(options),
            budget=int(rule.budget * self.unit),
            first_share=int(rule.budget * fine),
            step=int(rule.step * self.unit),
            luckiest=self._luckiest,
        )
        self.steps: list[Step] = []
        self.ties: list[tuple[str, ...]] = []

    def _luckiest(self, equals: Sequence[int]) -> set[int]:
        return {self.place[id] for id in luckiest(map(self._id, equals), self.order, self.lots)}

    def outcome(self) -> Outcome:
        rule = self.rule
        raised = rounds.raised(self.election, rule.completion is not Completion.NONE)
        self._tell_shares(raised)
        if raised.told.unknown:
            return self._unknown()
        sure = frozenset.intersection(*raised.results)
        maybe = frozenset.union(*raised.results) - sure
        winners = self._tell_bought(raised.told, sure)
        if maybe:
            self._tell_tie(raised, sure, maybe)
        passed = self._passed(raised.told)
        for n in range(len(self.options)):
            if n not in sure and n not in maybe:
                self._tell_lost(n, raised.told, passed)
        self._tell_stop(raised, passed)
        left = rule.budget - sum(self.options[n].cost for n in sure)
        if rule.completion is Completion.ADD1U:
            winners, left = self._add_more(winners, raised.results)
        self._step("left", None, left=left, budget=rule.budget)
        return self._outcome(winners, left)

    def _outcome(self, winners: Sequence[str], left: Money) -> Outcome:
        return Outcome(
            votes=self.votes,
            score={option.id: self.votes[option.id] for option in self.options},
            winners=tuple(winners),
            left=left,
            ties=tuple(self.ties),
            steps=tuple(self.steps),
        )

    def _id(self, n: int) -> str:
        return self.options[n].id

    def _ids(self, options: Iterable[int]) -> str:
        return ",".join(map(self._id, sorted(options)))

    def _money(self, units: int | Fraction) -> Money:
        amount = Fraction(units) / self.unit
        return int(amount) if amount.denominator == 1 else amount

    def _facts(self, n: int) -> dict[str, Money | str]:
        return {"score": self.votes[self._id(n)], "cost": self.options[n].cost}

    def _step(self, kind: str, n: int | None, **values: Money | str) -> None:
        self.steps.append(Step(kind, None if n is None else self._id(n), values))

    def _tell_shares(self, raised: Raised) -> None:
        voters, election = self.election.electorate.size, self.election
        self._step(
            "shares",
            None,
            budget=self.rule.budget,
            voters=voters,
            first=self._money(election.first_share) if voters else 0,
            raises=raised.raises,
            share=self._money(raised.told.share) if voters else 0,
        )

    def _tell_bought(self, told: Round, sure: Result) -> list[str]:
        """Report what is certainly bought, in the order of buying; what is free comes first."""
        free = [Purchase(n, Fraction(0), Fraction(0), 0) for n in self.election.free]
        certain = {purchase.option: purchase for purchase in (*free, *told.purchases)}
        left = self.rule.budget
        for n, purchase in certain.items():
            if n not in sure:
                continue
            left -= self.options[n].cost
            full = self.election.electorate.support[n] - purchase.poor
            price, rate = self._money(purchase.price), self._rate(purchase.rate)
            rest = self.options[n].cost - full * price
            payers = {"price": price, "rate": rate, "full": full, "poor": purchase.poor, "rest": rest}
            self._step("bought", n, **self._facts(n), **payers, left=left)
        # bought whatever a lot gives, but at a price or at a moment that hangs on it
        later = sorted(sure.difference(certain))
        for n in later:
            self._step("bought", n, **self._facts(n))
        return [self._id(n) for n in (*certain, *later) if n in sure]

    def _rate(self, rate: Fraction) -> Money:
        """Return a rate in the options' unit of money: by cost it has none, by number it is a price."""
        return self._money(rate) if self.rule.utility is Utility.NUMBER else rate

    def _tell_tie(self, raised: Raised, sure: Result, maybe: Result) -> None:
        """Report between which equals a lot decides, and what else hangs on it."""
        drawn = raised.drawn
        tied = [n for n in drawn.tied if n not in sure]
        if len(tied) < 2:  # the lot decides about others only
            tied = list(drawn.tied)
        ids = tuple(self._id(n) for n in tied)
        self.ties.append(ids)
        self._step(
            "tie",
            None,
            options=",".join(ids),
            score=self.votes[ids[0]],
            most=max(len(result.intersection(tied)) for result in raised.results),
            all=len(ids),
            rate=self._rate(drawn.rate),
        )
        for n in sorted(maybe.difference(tied)):
            self._step("depends", n, **self._facts(n))

    def _passed(self, told: Round) -> dict[int, _Passed]:
        """Return which options another with fewer supporters went before, because theirs had paid for others."""
        if told.tied:
            return {}
        electorate, worth = self.election.electorate, self.election.worth
        support, bought = electorate.support, [purchase.option for purchase in told.purchases]
        by_place: defaultdict[int, list[int]] = defaultdict(list)
        for start, n in self.election.starts():
            before = [
                (support[purchase.option], electorate.costs[purchase.option], place)
                for place, purchase in enumerate(told.purchases)
                if support[purchase.option] < support[n] and start < purchase.rate
            ]
            if before and n not in bought:
                by_place[max(before)[-1]].append(n)
        found, purses = {}, electorate.purses(told.share)
        for place, purchase in enumerate(told.purchases):
            then = {n: (purses.had(n), purses.price(n)) for n in by_place[place]}
            purses.pay(purchase.option, purchase.price)
            for n, (had, priced) in then.items():
                rate = priced[0] / worth[n] if priced else None
                if rate != purchase.rate:  # where equal, an order or a lot parted them
                    found[n] = _Passed(purchase.option, had, purses.had(n), rate)
        return found

    def _tell_lost(self, n: int, told: Round, passed: dict[int, _Passed]) -> None:
        if not self.election.electorate.support[n]:
            self._step("unsupported", n, **self._facts(n))
        elif told.tied:
            self._step("too-dear", n, **self._facts(n))
        else:
            supporters = self.election.electorate.support[n]
            had = self._money(told.purses.had(n))
            values: dict[str, Money | str] = {"supporters": supporters, "had": had}
            if n in passed:
                values |= {"instead": self._id(passed[n].by), "had_then": self._money(passed[n].had)}
                values["had_after"] = self._money(passed[n].after)
                if (rate := passed[n].rate) is not None:
                    values["rate_then"] = self._rate(rate)
            self._step("too-dear", n, **self._facts(n), **values)

    def _tell_stop(self, raised: Raised, passed: dict[int, _Passed]) -> None:
        values: dict[str, Money | str] = {"why": raised.why, "budget": self.rule.budget}
        if raised.why == "over":
            values |= {"share": self._money(raised.over), "spent": self._money(raised.spent)}
            if len(raised.results) == len(raised.beyond) == 1:
                (end,), (beyond,) = raised.results, raised.beyond
                then = [purchase.option for purchase in rounds.hold(self.election, raised.over).purchases]
                place = {n: at for at, n in enumerate(then)}
                earlier = [
                    n
                    for n in beyond - end
                    if n in passed and place.get(n, len(then)) < place.get(passed[n].by, len(then))
                ]
                values |= {"added": self._ids(beyond - end), "dropped": self._ids(end - beyond)}
                values["earlier"] = self._ids(earlier)
                if len(earlier) == 1:
                    values |= self._overtaken(earlier[0], then[place[earlier[0]] + 1 :], raised.told)
        if raised.why:
            self._step("raise-stopped", None, **values)

    def _overtaken(self, n: int, behind: Sequence[int], told: Round) -> dict[str, Money | str]:
        """Return which option that is bought now would come right after n with one step more, and n's rate now,
        just before that is bought."""
        purses = self.election.electorate.purses(told.share)
        overtaken = next(
            (other for other in behind if other in {each.option for each in told.purchases}), None
        )
        for purchase in told.purchases:
            if purchase.option == overtaken and (priced := purses.price(n)):
                rate = self._rate(priced[0] / self.election.worth[n])
                return {"overtaken": self._id(overtaken), "rate_now": rate}
            purses.pay(purchase.option, purchase.price)
        return {}

    def _add_more(self, winners: list[str], results: Iterable[Result]) -> tuple[list[str], Money]:
        """Add, most votes first, whatever fits in what is left; return all winners and what they leave."""
        ends = [(set(map(self._id, result)), self._more(result)) for result in sorted(results, key=sorted)]
        if len(ends) == 1:  # so the steps of the greedy rule tell it
            more = ends[0][1]
            for step in more.steps:
                if step.kind != "left":
                    self.steps.append(replace(step, kind="more") if step.kind == "won" else step)
            self.ties += more.ties
            winners = [*winners, *more.winners]
        else:
            sure = set.intersection(*(ids.union(more.winners) for ids, more in ends))
            may = set.union(*(ids.union(more.winners, _unsure(more.ties, more.steps)) for ids, more in ends))
            told = _unsure(self.ties, self.steps)
            for id, n in self.place.items():
                if id in sure and id not in winners:
                    winners = [*winners, id]
                    self._step("more", n, **self._facts(n))
                elif id in may - sure - told:
                    self._step("depends", n, **self._facts(n))
        return winners, self.rule.budget - sum(self.options[self.place[id]].cost for id in winners)

    def _more(self, result: Result) -> Outcome:
        """Return what the greedy rule makes of what one result of the shares leaves."""
        left = self.rule.budget - sum(self.options[n].cost for n in result)
        others = [option for n, option in enumerate(self.options) if n not in result]
        rule = GreedyRule(left, {}, {}, Leftover.NONE, self.rule.tie_order)
        # a lot between others says nothing here; the greedy rule would put who was in it last
        lots = [[id for id in lot if self.place[id] not in result] for lot in self.lots]
        return greedy.count(others, self.votes, rule, lots=[lot for lot in lots if len(lot) > 1])

    def _unknown(self) -> Outcome:
        """Report that there are too many orders to follow: everything that was chosen counts as tied."""
        for n in self.election.free:
            self._step("bought", n, **self._facts(n))
        ids = tuple(map(self._id, self.election.wanted))
        self.ties.append(ids)
        self._step("stopped", None, options=",".join(ids), score=max(self.votes[id] for id in ids))
        self._step("left", None, left=self.rule.budget, budget=self.rule.budget)
        return self._outcome([*map(self._id, self.election.free)], self.rule.budget)


def _unsure(ties: Iterable[tuple[str, ...]], steps: Iterable[Step]) -> set[str]:
    """Return the options of which these say that a lot decides whether they win."""
    return {step.option for step in steps if step.kind == "depends" and step.option}.union(*ties)
