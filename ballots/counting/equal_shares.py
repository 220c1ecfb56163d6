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
| `too-dear` | yes | score, cost, had (what its supporters still had together, less than the cost) |
| `unsupported` | yes | score, cost: nobody chose it |
| `raise-stopped` | – | why, share, spent, budget: what one step more would have cost |
| `tie` | – | options, score, most, all, rate: equal rates, and it matters which is bought first |
| `depends` | yes | score, cost: whether it wins hangs on a lot |
| `stopped` | – | options, score: too many possible lots to work out; all these count as tied |
| `more`, `no-money`, `tie`, `depends`, `left` | | as in `ballots/counting/greedy.py`, of what add1u adds |

In `bought`, `price` is what each of the `full` supporters paid; `poor` supporters had less than that
left and paid all of it, `rest` together; `left` is what remains of the real budget after it. In
`raise-stopped`, `why` is `over` (one step more would cost `spent`, over the budget; `share` is what a
share would have been), `full` (no other option fits in the budget), `all` (everything that anybody
chose is bought) or `bound` (each share has become as large as the whole budget). `score` is a number of
votes; `first`, `share`, `price`, `rest`, `had` and `spent` are money; `rate` is a ratio.

**Ties.** Where rates are equal and the tie order does not part the options, every order is followed.
An order that makes no difference is no tie. Otherwise the winners are those that win whatever the
lot gives. Each round of shares is taken to draw its own lot, so nothing is called certain that is not.

**Exact.** Money is whole numbers over one common denominator, at any size. With many different
ballots numpy (where it is installed) keeps the purses in 64-bit whole numbers, each rounded up by
less than one unit a purchase; these only ever say what is certain (a bound below a price, a purse far
from a price), and all that decides is worked out from the exact prices. No float is involved.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from heapq import heapify, heappop, heappush
from importlib import import_module
from importlib.util import find_spec
from math import floor, gcd, lcm
from typing import Any, Protocol

from ballots.counting import greedy
from ballots.counting.greedy import GreedyRule, Leftover, TieKey
from ballots.counting.outcome import Outcome, Step
from ballots.counting.tally import Marking, tally
from ballots.paper import BLANK, Money, Option, chosen

MOST_BRANCHES = 500  # orders of equals followed in one round of shares before a tie is too large
QUICK_FROM = 400  # different ballots from which on numpy is worth it

Rate = Fraction


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
    step: Money = 1
    tie_order: tuple[TieKey, ...] = ()

    def __post_init__(self) -> None:
        if self.budget < 0:
            raise ValueError("a budget cannot be negative")
        if self.step <= 0:
            raise ValueError("a step must be more than nothing")
        if set(self.tie_order) - {"lower-cost", "more-votes", "paper-order"}:
            raise ValueError("unknown tie order")


def count(
    options: Sequence[Option], ballots: Iterable[tuple[Marking, int]], rule: EqualSharesRule
) -> Outcome:
    """Return who wins the budget, what is left, and why.

    `ballots` are pairs of a marking and how many voters gave it. A ballot without options (blanco)
    has its share too. An option that stands on a ballot twice has that voter as a supporter once.
    Raises ValueError for an option that costs less than nothing, twice the same id, and what `tally`
    raises it for.
    """
    if len({option.id for option in options}) != len(options):
        raise ValueError("two options with the same id")
    if any(option.cost < 0 for option in options):
        raise ValueError("an option cannot cost less than nothing")
    pairs = list(ballots)
    votes = tally((option.id for option in options), pairs)
    return _Report(_Election(options, votes, pairs, rule)).outcome()


# -- the voters and what they chose ------------------------------------------------------------------


class _Election:
    """Voters who chose the same are one group; money in units so fine that a first share is whole."""

    def __init__(
        self,
        options: Sequence[Option],
        votes: Mapping[str, int],
        ballots: Iterable[tuple[Marking, int]],
        rule: EqualSharesRule,
    ) -> None:
        self.options, self.votes, self.rule = options, votes, rule
        bits = {option.id: 1 << n for n, option in enumerate(options)}
        bits.setdefault(BLANK, 0)
        weights: dict[int, int] = {}  # by a bit for each option chosen
        for marking, weight in ballots:
            group = 0
            for id in marking if isinstance(marking, tuple) else chosen(marking):
                group |= bits[id]
            weights[group] = weights.get(group, 0) + weight
        self.voters = sum(weights.values())
        groups = [group for group, weight in weights.items() if group and weight]
        self.weights = [weights[group] for group in groups]
        self.supporters: list[list[int]] = [[] for _ in options]
        for number, group in enumerate(groups):
            while group:
                self.supporters[(group & -group).bit_length() - 1].append(number)
                group &= group - 1
        self.support = [sum(map(self.weights.__getitem__, numbers)) for numbers in self.supporters]

        fine = lcm(*(Fraction(sum).denominator for sum in (*self._costs(), rule.budget, rule.step)))
        self.unit = fine * max(self.voters, 1)  # so many units make one of the options' unit
        self.costs = [int(cost * self.unit) for cost in self._costs()]
        self.budget = int(rule.budget * self.unit)
        self.first_share = int(rule.budget * fine)
        self.step = int(rule.step * self.unit)
        self.worth = self.costs if rule.utility is Utility.COST else [1] * len(options)
        # bought from the start; and bought at some price, if at all
        self.free = [n for n, cost in enumerate(self.costs) if cost == 0 and self.support[n]]
        self.wanted = [n for n, cost in enumerate(self.costs) if cost and self.support[n]]

        parts: dict[TieKey, Callable[[int], Money]] = {
            "lower-cost": lambda n: self.costs[n],
            "more-votes": lambda n: -votes[options[n].id],
            "paper-order": lambda n: n,
        }
        self.order = [tuple(parts[key](n) for key in rule.tie_order) for n in range(len(options))]

    def _costs(self) -> list[Money]:
        return [option.cost for option in self.options]

    @cached_property
    def table(self) -> "_Table | None":
        """The ballots as arrays, where there are enough of them and numpy is installed."""
        if len(self.weights) < QUICK_FROM or find_spec("numpy") is None:
            return None
        return _Table(self)

    def purses(self, share: int) -> "_Purses":
        """Return the purses of all voters with this share in each."""
        return _PlainPurses(self, share) if self.table is None else _QuickPurses(self, self.table, share)

    def starts(self) -> list[tuple[Rate, int]]:
        """Return for each option that can be bought its rate if every supporter can pay, lowest first."""
        heap = [(Fraction(self.costs[n], self.support[n] * self.worth[n]), n) for n in self.wanted]
        heapify(heap)
        return heap


# -- purses ------------------------------------------------------------------------------------------


class _Purses(Protocol):
    """What every voter has left. What a voter has left is the share less all prices, or nothing."""

    def least(self, n: int) -> Fraction | None:
        """Return something the price of option `n` is certainly not under; None where it has no price."""

    def price(self, n: int) -> tuple[Fraction, int] | None:
        """Return the price of an option, and how many of its supporters cannot pay all of it.

        The price is the least that makes min(price, what is left), summed over the supporters, the
        cost. None where they have less than the cost together.
        """

    def had(self, n: int) -> Fraction:
        """Return what the supporters of an option have left together."""

    def pay(self, n: int, price: Fraction) -> None:
        """Take the price out of the purse of each supporter, or all there is when that is less."""

    def copy(self) -> "_Purses":
        """Return purses of the same contents."""


class _PlainPurses:
    """One whole number a group, all over one common denominator."""

    def __init__(self, election: _Election, share: int) -> None:
        self.election, self.denominator = election, 1
        self.left = [share] * len(election.weights)

    def least(self, n: int) -> Fraction | None:
        return Fraction(0)

    def price(self, n: int) -> tuple[Fraction, int] | None:
        weights, left = self.election.weights, self.left
        rest = self.election.costs[n] * self.denominator
        payers = self.election.support[n]
        for amount, weight in sorted((left[group], weights[group]) for group in self.election.supporters[n]):
            if amount * payers >= rest:  # the first who can pay an equal part of what the poorer leave
                return Fraction(rest, payers * self.denominator), self.election.support[n] - payers
            rest -= amount * weight
            payers -= weight
        return None

    def had(self, n: int) -> Fraction:
        weights, left = self.election.weights, self.left
        return Fraction(sum(left[g] * weights[g] for g in self.election.supporters[n]), self.denominator)

    def pay(self, n: int, price: Fraction) -> None:
        factor = price.denominator // gcd(price.denominator, self.denominator)
        if factor > 1:
            self.denominator *= factor
            self.left = [amount * factor for amount in self.left]
        due = price.numerator * (self.denominator // price.denominator)
        for group in self.election.supporters[n]:
            self.left[group] = max(0, self.left[group] - due)

    def copy(self) -> "_PlainPurses":
        other = _PlainPurses(self.election, 0)
        other.left, other.denominator = list(self.left), self.denominator
        return other


class _Table:
    """The ballots as numpy arrays, made once a count."""

    def __init__(self, election: _Election) -> None:
        np = self.np = import_module("numpy")
        groups = len(election.weights)
        self.weights = np.array(election.weights, dtype=np.int64)
        self.supporters = [np.array(numbers, dtype=np.intp) for numbers in election.supporters]
        self.chose = np.zeros((len(election.supporters), groups), dtype=np.bool_)
        for row, numbers in zip(self.chose, self.supporters, strict=True):
            row[numbers] = True
        self.voters = [self.weights[numbers] for numbers in self.supporters]  # in each of those groups
        self.full = 2**61 // max(election.voters, 1)  # a share, in units; so that sums stay in 64 bits


class _QuickPurses:
    """Purses in whole numbers of 64 bits, each a little too high, and the exact prices paid.

    A share is `full` units. Of each price the whole units are taken out, so after k purchases a
    purse holds less than k units more than it should (and may be under zero, where it should be
    nothing). What that cannot tell for certain is worked out from `paid`.
    """

    def __init__(self, election: _Election, table: _Table, share: int) -> None:
        self.election, self.table, self.share = election, table, share
        self.units = table.np.full(len(election.weights), table.full, dtype=table.np.int64)
        self.floor = [0] * len(election.costs)  # units that the price of an option is not under, ever after
        self.denominator = 1
        self.paid: list[tuple[int, int]] = []  # option and price, over the denominator

    def _in_units(self, amount: Money) -> int:
        return floor(Fraction(amount * self.table.full, self.share))

    def least(self, n: int) -> Fraction | None:
        # Purses are not too low here. Who has less than a bound below the price pays at most what is
        # there, so the others pay at least the rest between them: a bound that is no lower.
        if not self.share:
            return None
        table, voters = self.table, self.table.voters[n]
        units = table.np.maximum(self.units[table.supporters[n]], 0)
        together = units * voters
        cost, bound = self._in_units(self.election.costs[n]), self.floor[n]
        while True:
            poor = units < bound
            payers = self.election.support[n] - int(voters[poor].sum())
            if not payers:  # nobody could pay the price, so there is none
                return None
            higher = (cost - int(together[poor].sum())) // payers
            if higher <= bound:
                break
            bound = higher
        self.floor[n] = bound
        return Fraction(bound * self.share, table.full)

    def price(self, n: int) -> tuple[Fraction, int] | None:
        if not self.share:
            return None
        np, table, groups = self.table.np, self.table, self.table.supporters[n]
        voters, units, cost = table.voters[n], self.units[groups], self.election.costs[n] * self.denominator
        poor = units < self.floor[n]
        while True:
            payers = self.election.support[n] - int(voters[poor].sum())
            if not payers:
                return None
            rest = cost - self._exact(groups[poor])
            edge = rest * table.full // (payers * self.denominator * self.share)
            new = ~poor & (units < edge)
            for at in np.flatnonzero(~poor & (units >= edge) & (units <= edge + len(self.paid))):
                new[at] = self._exactly(groups[at]) * payers < rest
            if not new.any():
                price = Fraction(rest, payers * self.denominator)
                return price, self.election.support[n] - payers
            poor |= new

    def had(self, n: int) -> Fraction:
        return Fraction(self._exact(self.table.supporters[n]), self.denominator)

    def _exact(self, groups: Any) -> int:
        """Return what the voters in these groups have left together, over the denominator."""
        np, table, units = self.table.np, self.table, self.units[groups]
        sure = units >= len(self.paid)
        positive = groups[sure]
        voters = table.weights[positive]
        total = int(voters.sum()) * self.share * self.denominator
        for n, price in self.paid:
            total -= price * int(voters[table.chose[n][positive]].sum())
        for group in groups[np.flatnonzero(~sure & (units > 0))]:
            total += max(0, self._exactly(group)) * int(table.weights[group])
        return total

    def _exactly(self, group: Any) -> int:
        """Return what one voter of a group has left, over the denominator; under zero is nothing."""
        chose = self.table.chose
        return self.share * self.denominator - sum(price for n, price in self.paid if chose[n][group])

    def pay(self, n: int, price: Fraction) -> None:
        factor = price.denominator // gcd(price.denominator, self.denominator)
        if factor > 1:
            self.denominator *= factor
            self.paid = [(n, price * factor) for n, price in self.paid]
        self.paid.append((n, price.numerator * (self.denominator // price.denominator)))
        self.units[self.table.supporters[n]] -= self._in_units(price)

    def copy(self) -> "_QuickPurses":
        other = _QuickPurses(self.election, self.table, self.share)
        other.units, other.floor = self.units.copy(), list(self.floor)
        other.denominator, other.paid = self.denominator, list(self.paid)
        return other


# -- one round of shares -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Purchase:
    """An option that was bought; `poor` supporters could not pay the whole price."""

    option: int
    price: Fraction
    rate: Rate
    poor: int


@dataclass(frozen=True)
class _Round:
    """What shares of one size lead to.

    `results` are all sets of options that could be bought; one, unless a lot decides. `purchases`
    are told in order, up to `tied`: the equals between which the first such lot would be drawn.
    `purses` are what is left after the purchases. `unknown`: too many orders to follow.
    """

    share: int
    purchases: tuple[_Purchase, ...]
    results: frozenset[frozenset[int]]
    purses: _Purses
    tied: tuple[int, ...] = ()
    rate: Rate = Fraction(0)
    unknown: bool = False


class _TooMany(Exception):
    """More possible orders than can be followed."""


class _Shares:
    """One round: shares of one size, all purchases they lead to."""

    def __init__(self, election: _Election, share: int) -> None:
        self.election, self.share = election, share
        self.known: dict[frozenset[tuple[int, Fraction]], _Round] = {}

    def round(self) -> _Round:
        return self._follow(self.election.purses(self.share), self.election.starts(), [])

    def _follow(self, purses: _Purses, waiting: list[tuple[Rate, int]], before: list[_Purchase]) -> _Round:
        """Buy until nothing can be bought; `before` was bought already and `waiting` was not."""
        bought = list(before)
        while True:
            equal = self._lowest(purses, waiting)
            if not equal:
                return self._end(purses, bought, before)
            if len(equal) > 1 and self._matters(purses, equal):
                return self._branch(purses, waiting, bought, equal, len(before))
            for purchase in equal:
                purses.pay(purchase.option, purchase.price)
            bought += equal

    def _lowest(self, purses: _Purses, waiting: list[tuple[Rate, int]]) -> list[_Purchase]:
        """Return the options of the lowest rate, and keep the others waiting.

        Purses only get emptier, so a rate only rises: one seen earlier is a bound below it, and an
        option that cannot be paid now never can. So only the options that might be lowest are worked
        out. Of those of an equal rate, the tie order may choose one.
        """
        worth = self.election.worth
        seen: list[_Purchase] = []
        bounded: set[int] = set()
        while waiting and (not seen or waiting[0][0] <= min(purchase.rate for purchase in seen)):
            bound, n = heappop(waiting)
            if n not in bounded:
                bounded.add(n)
                least = purses.least(n)
                if least is None:
                    continue
                if least > bound * worth[n]:
                    heappush(waiting, (least / worth[n], n))
                    continue
            if priced := purses.price(n):
                seen.append(_Purchase(n, priced[0], priced[0] / worth[n], priced[1]))
        if not seen:
            return []
        lowest = min(purchase.rate for purchase in seen)
        order = self.election.order
        first = min(order[purchase.option] for purchase in seen if purchase.rate == lowest)
        equal = []
        for purchase in sorted(seen, key=lambda purchase: purchase.option):
            if purchase.rate == lowest and order[purchase.option] == first:
                equal.append(purchase)
            else:
                heappush(waiting, (purchase.rate, purchase.option))
        return equal

    def _matters(self, purses: _Purses, equal: list[_Purchase]) -> bool:
        """Return whether buying one of these equals changes the price of another.

        When each keeps its price after those before it, every voter who chose several can pay all of
        them (or pays nothing), and then it does so in any other order too.
        """
        trial = purses.copy()
        for purchase in equal:
            if trial.price(purchase.option) != (purchase.price, purchase.poor):
                return True
            trial.pay(purchase.option, purchase.price)
        return False

    def _branch(
        self,
        purses: _Purses,
        waiting: list[tuple[Rate, int]],
        bought: list[_Purchase],
        equal: list[_Purchase],
        told: int,
    ) -> _Round:
        """Follow every choice among equals; no tie where all come to the same options."""
        rounds = []
        for purchase in equal:
            # what is in a purse hangs on the prices paid, not on their order
            key = frozenset((other.option, other.price) for other in (*bought, purchase))
            if key not in self.known:
                if len(self.known) >= MOST_BRANCHES:
                    raise _TooMany
                after, rest = purses.copy(), list(waiting)
                after.pay(purchase.option, purchase.price)
                for other in equal:
                    if other is not purchase:
                        heappush(rest, (other.rate, other.option))
                self.known[key] = self._follow(after, rest, [*bought, purchase])
            rounds.append(self.known[key])
        results = frozenset(result for round in rounds for result in round.results)
        done = tuple(bought[told:])
        if len(results) == 1:
            first = rounds[0]
            return replace(first, purchases=(*done, equal[0], *first.purchases), results=results)
        tied = tuple(purchase.option for purchase in equal)
        return _Round(self.share, done, results, purses, tied, equal[0].rate)

    def _end(self, purses: _Purses, bought: list[_Purchase], before: list[_Purchase]) -> _Round:
        result = frozenset(self.election.free).union(purchase.option for purchase in bought)
        return _Round(self.share, tuple(bought[len(before) :]), frozenset({result}), purses)


def _round(election: _Election, share: int) -> _Round:
    """Return what shares of this size lead to; one that is `unknown` where that is too much work."""
    shares = _Shares(election, share)
    try:
        return shares.round()
    except _TooMany:
        return _Round(share, (), frozenset({frozenset()}), election.purses(share), unknown=True)


# -- raising the shares ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Raised:
    """The end of raising: what could win, the round to tell, and why it stopped."""

    results: frozenset[frozenset[int]]
    told: _Round
    raises: int
    why: str = ""
    next: int = 0  # the share that was a step too far, and
    spent: int = 0  # what that would have cost


def _raise(election: _Election) -> _Raised:
    """Return the last round the budget can bear, or where lots lead to different ones, all of those."""
    share, raises = election.first_share, 0
    earlier = _round(election, share)
    if earlier.unknown or election.rule.completion is Completion.NONE:
        return _Raised(earlier.results, earlier, 0)
    alive = earlier.results
    over = frozenset(result for result in alive if election.budget < _cost(election, result))
    assert not over, "first shares together are the budget"
    found: set[frozenset[int]] = set()
    first: _Raised | None = None  # the first round in which some lot ends it

    while True:
        ends = {result: why for result in alive if (why := _complete(election, result))}
        if ends:
            found |= set(ends)
            first = first or _Raised(frozenset(), earlier, raises, ends[min(ends, key=sorted)])
            alive = alive - set(ends)
        if alive and (share + election.step) * election.voters > election.budget * (election.voters + 1):
            found |= alive
            first = first or _Raised(frozenset(), earlier, raises, "bound")
            alive = frozenset()
        if not alive:
            break
        later = _round(election, share + election.step)
        if later.unknown:
            return _Raised(frozenset(found | alive), later, raises + 1)
        costs = {result: _cost(election, result) for result in later.results}
        if max(costs.values()) > election.budget:
            found |= alive
            spent = max(costs.values())
            first = first or _Raised(frozenset(), earlier, raises, "over", share + election.step, spent)
        alive = frozenset(result for result, cost in costs.items() if cost <= election.budget)
        if not alive:
            break
        share, raises, earlier = share + election.step, raises + 1, later
    assert first is not None
    return replace(first, results=frozenset(found))


def _cost(election: _Election, result: Iterable[int]) -> int:
    return sum(election.costs[n] for n in result)


def _complete(election: _Election, result: frozenset[int]) -> str:
    """Return why no more can be bought than this: `full`, `all`, or the empty string."""
    left = election.budget - _cost(election, result)
    if all(n in result or cost > left for n, cost in enumerate(election.costs)):
        return "full"
    return "all" if result.issuperset(election.wanted) else ""


# -- what is told ------------------------------------------------------------------------------------


class _Report:
    """Turns the rounds into winners, ties and steps."""

    def __init__(self, election: _Election) -> None:
        self.election = election
        self.steps: list[Step] = []
        self.ties: list[tuple[str, ...]] = []

    def outcome(self) -> Outcome:
        election, rule = self.election, self.election.rule
        raised = _raise(election)
        told = raised.told
        self._step(
            "shares",
            None,
            budget=rule.budget,
            voters=election.voters,
            first=self._money(election.first_share) if election.voters else 0,
            raises=raised.raises,
            share=self._money(told.share) if election.voters else 0,
        )
        if told.unknown:
            return self._unknown()
        sure = frozenset.intersection(*raised.results)
        maybe = frozenset.union(*raised.results) - sure
        winners = self._tell_bought(told, sure)
        if told.tied:
            self._tell_tie(told, sure, raised.results)
        elif maybe:  # this round is certain, but whether it is the last one hangs on a lot
            self._tie(sorted(maybe), told.rate, max(len(result & maybe) for result in raised.results))
        in_tie = {id for tie in self.ties for id in tie}
        for n in sorted(maybe):
            if self._id(n) not in in_tie:
                self._step("depends", n, **self._facts(n))
        for n in range(len(election.options)):
            if n not in sure and n not in maybe:
                self._tell_lost(n, told)
        self._tell_stop(raised)

        left = rule.budget - sum(election.options[n].cost for n in sure)
        if rule.completion is Completion.ADD1U:
            winners, left = self._complete(winners, maybe, raised.results)
        self.steps.append(Step("left", None, {"left": left, "budget": rule.budget}))
        return self._outcome(winners, left)

    def _outcome(self, winners: Sequence[str], left: Money) -> Outcome:
        votes = self.election.votes
        return Outcome(
            votes=dict(votes),
            score={option.id: votes[option.id] for option in self.election.options},
            winners=tuple(winners),
            left=left,
            ties=tuple(self.ties),
            steps=tuple(self.steps),
        )

    def _id(self, n: int) -> str:
        return self.election.options[n].id

    def _money(self, units: int | Fraction) -> Money:
        amount = Fraction(units) / self.election.unit
        return int(amount) if amount.denominator == 1 else amount

    def _facts(self, n: int) -> dict[str, Money | str]:
        option = self.election.options[n]
        return {"score": self.election.votes[option.id], "cost": option.cost}

    def _step(self, kind: str, n: int | None, **values: Money | str) -> None:
        self.steps.append(Step(kind, None if n is None else self._id(n), values))

    def _tell_bought(self, told: _Round, sure: frozenset[int]) -> list[str]:
        """Report what is certainly bought, in the order of buying; what is free comes first."""
        election = self.election
        free = [_Purchase(n, Fraction(0), Fraction(0), 0) for n in election.free]
        left, winners = election.rule.budget, []
        for purchase in (*free, *told.purchases):
            n, full = purchase.option, election.support[purchase.option] - purchase.poor
            if n not in sure:
                continue
            winners.append(self._id(n))
            left -= election.options[n].cost
            price, rate = self._money(purchase.price), self._rate(purchase.rate)
            rest = election.options[n].cost - full * price
            payers = {"price": price, "rate": rate, "full": full, "poor": purchase.poor, "rest": rest}
            self._step("bought", n, **self._facts(n), **payers, left=left)
        # bought whatever a lot gives, but at a price or at a moment that hangs on it
        for n in sorted(sure - {self._place(id) for id in winners}):
            winners.append(self._id(n))
            self._step("bought", n, **self._facts(n))
        return winners

    def _place(self, id: str) -> int:
        return next(n for n, option in enumerate(self.election.options) if option.id == id)

    def _rate(self, rate: Rate) -> Money:
        """Return a rate in the options' unit of money: by cost it has none, by number it is a price."""
        return self._money(rate) if self.election.rule.utility is Utility.NUMBER else rate

    def _tell_tie(self, told: _Round, sure: frozenset[int], results: Iterable[frozenset[int]]) -> None:
        tied = [n for n in told.tied if n not in sure]
        if len(tied) < 2:  # the lot decides about others only
            tied = list(told.tied)
        self._tie(tied, told.rate, max(len(result.intersection(tied)) for result in results))

    def _tie(self, tied: Sequence[int], rate: Rate, most: int) -> None:
        ids = tuple(self._id(n) for n in tied)
        self.ties.append(ids)
        score = self.election.votes[ids[0]]
        values: dict[str, Money | str] = {"options": ",".join(ids), "score": score, "most": most}
        self._step("tie", None, **values, all=len(ids), rate=self._rate(rate))

    def _tell_lost(self, n: int, told: _Round) -> None:
        if not self.election.support[n]:
            self._step("unsupported", n, **self._facts(n))
        elif told.tied:
            self._step("too-dear", n, **self._facts(n))
        else:
            self._step("too-dear", n, **self._facts(n), had=self._money(told.purses.had(n)))

    def _tell_stop(self, raised: _Raised) -> None:
        if raised.why == "over":
            share, spent = self._money(raised.next), self._money(raised.spent)
            budget = self.election.rule.budget
            self._step("raise-stopped", None, why=raised.why, share=share, spent=spent, budget=budget)
        elif raised.why:
            self._step("raise-stopped", None, why=raised.why, budget=self.election.rule.budget)

    def _complete(
        self, winners: list[str], maybe: frozenset[int], results: Iterable[frozenset[int]]
    ) -> tuple[list[str], Money]:
        """Add, most votes first, whatever fits in what is left; return all winners and what they leave."""
        election = self.election
        ends = [self._add(result) for result in sorted(results, key=sorted)]
        possible = set.union(*(won | tied for won, tied, _ in ends))
        sure = set.intersection(*(won for won, _, _ in ends))
        if not maybe:  # one result, so the steps of the greedy rule tell it
            for step in ends[0][2].steps:
                if step.kind != "left":
                    self.steps.append(replace(step, kind="more") if step.kind == "won" else step)
            self.ties += ends[0][2].ties
            winners = [*winners, *ends[0][2].winners]
        else:
            told = {step.option for step in self.steps if step.kind == "depends"}
            told |= {id for tie in self.ties for id in tie}
            for option in election.options:
                if option.id in sure and option.id not in winners:
                    winners = [*winners, option.id]
                    self._step("more", self._place(option.id), **self._facts(self._place(option.id)))
                elif option.id in possible - sure - told:
                    self._step("depends", self._place(option.id), **self._facts(self._place(option.id)))
        cost = {option.id: option.cost for option in election.options}
        return winners, election.rule.budget - sum(cost[id] for id in winners)

    def _add(self, result: frozenset[int]) -> tuple[set[str], set[str], Outcome]:
        """Return after one result of the shares: who certainly won, who might, and the greedy outcome."""
        election = self.election
        bought = {self._id(n) for n in result}
        left = election.rule.budget - sum(election.options[n].cost for n in result)
        others = [option for option in election.options if option.id not in bought]
        votes = {option.id: election.votes[option.id] for option in others}
        rule = GreedyRule(left, {}, {}, Leftover.NONE, election.rule.tie_order)
        added = greedy.count(others, votes, rule)
        maybe = {id for tie in added.ties for id in tie}
        maybe |= {step.option for step in added.steps if step.kind == "depends" and step.option}
        return bought | set(added.winners), maybe, added

    def _unknown(self) -> Outcome:
        """Report that there are too many orders to follow: everything that was chosen counts as tied."""
        free = [self._id(n) for n in self.election.free]
        for n in self.election.free:
            self._step("bought", n, **self._facts(n))
        ids = tuple(self._id(n) for n in self.election.wanted)
        self.ties.append(ids)
        score = max(self.election.votes[id] for id in ids)
        self._step("stopped", None, options=",".join(ids), score=score)
        budget = self.election.rule.budget
        self._step("left", None, left=budget, budget=budget)
        return self._outcome(free, budget)
