"""PURE. Equal Shares round by round: what shares of one size buy, and how far the shares are raised.

In a round the option of the lowest rate is bought, time and again, until no option's supporters have
its cost left together. Where rates are equal, and neither the tie order nor a lot parts the options,
every order is followed; an order that makes no difference is no tie. Each round is taken to draw its
own lot, so nothing is called certain that is not.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from heapq import heapify, heappop, heappush
from math import ceil

from ballots.counting.moving import Horizon, MovingPurses
from ballots.counting.purses import Electorate, Purses

MOST_BRANCHES = 500  # orders of equals followed in one round before a tie is too large
PATIENCE = 100  # raises that are counted one by one before it is worth looking how many change nothing
MOST_DEEP = 150  # and lots that may follow each other in one order

Rate = Fraction
Result = frozenset[int]  # options by number


@dataclass(frozen=True)
class Election:
    """What a round needs to know; money in the electorate's units, options by number.

    `worth` is what a supporter has of each option: the rate is its price for each of that. `luckiest`
    says who of equals may come first.
    """

    electorate: Electorate
    worth: Sequence[int]
    budget: int
    first_share: int
    step: int
    luckiest: Callable[[Sequence[int]], Collection[int]]

    @cached_property
    def free(self) -> list[int]:
        """What costs nothing and somebody wants: bought from the start."""
        return [n for n, cost in enumerate(self.electorate.costs) if not cost and self.electorate.support[n]]

    @cached_property
    def wanted(self) -> list[int]:
        """What costs something and somebody wants: bought at some price, if at all."""
        return [n for n, cost in enumerate(self.electorate.costs) if cost and self.electorate.support[n]]

    def cost(self, options: Iterable[int]) -> int:
        """Return what these options cost together."""
        return sum(self.electorate.costs[n] for n in options)

    def starts(self) -> list[tuple[Rate, int]]:
        """Return for each wanted option its rate if every supporter can pay, as a heap."""
        costs, support = self.electorate.costs, self.electorate.support
        heap = [(Fraction(costs[n], support[n] * self.worth[n]), n) for n in self.wanted]
        heapify(heap)
        return heap


@dataclass(frozen=True)
class Purchase:
    """An option that was bought; `poor` supporters could not pay the whole price."""

    option: int
    price: Fraction
    rate: Rate
    poor: int


@dataclass(frozen=True)
class Round:
    """What shares of one size lead to.

    `results` are all sets of options that could be bought; one, unless a lot decides. `purchases`
    are told in order, up to `tied`: the equals between which the first such lot would be drawn.
    `purses` are what is left after the purchases. `unknown`: too many orders to follow.
    """

    share: int
    purchases: tuple[Purchase, ...]
    results: frozenset[Result]
    purses: Purses
    tied: tuple[int, ...] = ()
    rate: Rate = Fraction(0)
    unknown: bool = False


class _TooMany(Exception):
    """More possible orders than can be followed."""


def hold(election: Election, share: int) -> Round:
    """Return what shares of this size lead to; `unknown` where that is too much work."""
    return _hold(election, share, election.electorate.purses(share))


def _hold(election: Election, share: int, purses: Purses) -> Round:
    try:
        return _Shares(election, share).round(purses.copy())
    except _TooMany:
        return Round(share, (), frozenset({Result()}), purses, unknown=True)


class _Shares:
    """A round under way."""

    def __init__(self, election: Election, share: int) -> None:
        self.election, self.share = election, share
        self.known: dict[frozenset[tuple[int, Fraction]], Round] = {}
        self.deep = 0

    def round(self, purses: Purses) -> Round:
        return self._follow(purses, self.election.starts(), [])

    def _follow(self, purses: Purses, waiting: list[tuple[Rate, int]], before: list[Purchase]) -> Round:
        """Buy until nothing can be bought; `before` was bought already and `waiting` was not."""
        bought = list(before)
        while equal := self._lowest(purses, waiting):
            if len(equal) > 1 and self._matters(purses, equal):
                return self._branch(purses, waiting, bought, equal, len(before))
            for purchase in equal:
                purses.pay(purchase.option, purchase.price)
            bought += equal
        result = Result((*self.election.free, *(purchase.option for purchase in bought)))
        return Round(self.share, tuple(bought[len(before) :]), frozenset({result}), purses)

    def _lowest(self, purses: Purses, waiting: list[tuple[Rate, int]]) -> list[Purchase]:
        """Return the luckiest options of the lowest rate, and keep the others waiting.

        Purses only get emptier, so a rate only rises: one seen earlier is a bound below it, and an
        option that cannot be paid now never can. So only the options that might be lowest are worked
        out.
        """
        worth = self.election.worth
        seen: list[Purchase] = []
        bounded: set[int] = set()
        lowest: Rate | None = None
        while waiting and (lowest is None or waiting[0][0] <= lowest):
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
                rate = priced[0] / worth[n]
                lowest = rate if lowest is None else min(lowest, rate)
                seen.append(Purchase(n, priced[0], rate, priced[1]))
        if not seen:
            return []
        equals = sorted(purchase.option for purchase in seen if purchase.rate == lowest)
        first = self.election.luckiest(equals)
        for purchase in seen:
            if purchase.option not in first:
                heappush(waiting, (purchase.rate, purchase.option))
        by_option = {purchase.option: purchase for purchase in seen}
        return [by_option[n] for n in equals if n in first]

    def _matters(self, purses: Purses, equal: list[Purchase]) -> bool:
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
        purses: Purses,
        waiting: list[tuple[Rate, int]],
        bought: list[Purchase],
        equal: list[Purchase],
        told: int,
    ) -> Round:
        """Follow every choice among equals; no tie where all come to the same options."""
        rounds = []
        self.deep += 1
        for purchase in equal:
            # what is in a purse hangs on the prices paid, not on their order
            key = frozenset((other.option, other.price) for other in (*bought, purchase))
            if key not in self.known:
                if len(self.known) >= MOST_BRANCHES or self.deep > MOST_DEEP:
                    raise _TooMany
                after, rest = purses.copy(), list(waiting)
                after.pay(purchase.option, purchase.price)
                for other in equal:
                    if other is not purchase:
                        heappush(rest, (other.rate, other.option))
                self.known[key] = self._follow(after, rest, [*bought, purchase])
            rounds.append(self.known[key])
        self.deep -= 1
        results = frozenset(result for round in rounds for result in round.results)
        done = tuple(bought[told:])
        if len(results) == 1:
            first = rounds[0]
            return replace(first, purchases=(*done, equal[0], *first.purchases), results=results)
        tied = tuple(purchase.option for purchase in equal)
        return Round(self.share, done, results, purses, tied, equal[0].rate)


@dataclass(frozen=True)
class Raised:
    """The end of raising.

    `results` are all that could win. `told` is the first round that may be the last one, `raises` how
    often shares were raised before it, and `why` it may be. `drawn` is the round whose lot decides
    where there are several results; it may be the one after. `over` is the share that was a step too
    far, `spent` what that would have cost, and `beyond` the results it would have had.
    """

    results: frozenset[Result]
    told: Round
    raises: int
    drawn: Round
    why: str = ""
    over: int = 0
    spent: int = 0
    beyond: frozenset[Result] = frozenset()


def raised(election: Election, raising: bool) -> Raised:
    """Raise the shares a step at a time, if at all; return the last round the budget can bear.

    Where lots lead to different results, some may end the raising and others go on. Rounds of which it
    is certain that they come to the same results as the one before are passed over: they change nothing.
    """
    at, raises = hold(election, election.first_share), 0
    if at.unknown or not raising:
        return Raised(at.results, at, raises, at)
    alive, found = at.results, frozenset[Result]()
    first: Raised | None = None  # the first round that some lot makes the last
    alike, patience = 0, PATIENCE  # looking ahead is dear: only after so many rounds in which nothing changed
    while alive:
        ended = {result: why for result in alive if (why := _why_stop(election, at.share, result))}
        if ended:
            first = first or Raised(found, at, raises, at, ended[min(ended, key=sorted)])
            found, alive = found.union(ended), alive.difference(ended)
        if not alive:
            break
        if alike >= patience:
            alike, passed = 0, certain(election, at.share)
            patience = 1 if passed > patience else 2 * patience
            if passed:
                at, raises = hold(election, at.share + passed * election.step), raises + passed
                continue
        later = hold(election, at.share + election.step)
        if later.unknown:
            return Raised(found | alive, later, raises + 1, later)
        spent = max(map(election.cost, later.results))
        if spent > election.budget:
            drawn = at if at.tied else later
            first = first or Raised(found, at, raises, drawn, "over", later.share, spent, later.results)
            found |= alive
        alive = frozenset(result for result in later.results if election.cost(result) <= election.budget)
        alike = alike + 1 if later.results == at.results else 0
        at, raises = later, raises + 1
    assert first is not None  # nothing was left alive, so something had ended
    return replace(first, results=found)


def certain(election: Election, share: int) -> int:
    """Return how many times this share can be raised with certainly the same results, and none `bound` before.

    The round is counted with purses that note until which extra share each comparison that decides
    anything comes out the same (`ballots/counting/moving.py`). By induction a round with less extra than
    the first of those makes the same choices one after another, in every order of equals. So it comes
    to the same results; the orders it follows are no more, for equal purses are followed once.
    """
    horizon, electorate = Horizon(), election.electorate
    if _hold(election, share, MovingPurses(electorate, share, horizon)).unknown:
        return 0
    room = election.budget * (electorate.size + 1) - share * electorate.size
    most = max(0, room // (election.step * electorate.size))
    return most if horizon.extra is None else max(0, min(most, ceil(horizon.extra / election.step) - 1))


def _why_stop(election: Election, share: int, result: Result) -> str:
    """Return why no more can be bought than this; the empty string where a step more might do it."""
    left = election.budget - election.cost(result)
    if all(n in result or cost > left for n, cost in enumerate(election.electorate.costs)):
        return "full"
    if result.issuperset(election.wanted):
        return "all"
    voters = election.electorate.size
    return "bound" if (share + election.step) * voters > election.budget * (voters + 1) else ""
