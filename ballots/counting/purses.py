"""PURE. What every voter has left under Equal Shares, exactly; with numpy where many ballots differ.

Money is whole numbers over one common denominator, at any size. Where many ballots differ numpy keeps
the purses in 64-bit whole numbers, each rounded up by less than one unit a purchase; these only ever
say what is certain (a bound below a price, a purse far from a price), and all that decides is worked
out from the exact prices. No float is involved.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import floor, gcd
from typing import TYPE_CHECKING, Protocol

from ballots.paper import Money

if TYPE_CHECKING:
    from ballots.counting.blocks import Array

QUICK_FROM = 400  # different ballots from which on arrays are quicker

Price = tuple[Fraction, int]  # what an option costs each supporter, and how many have less than that left


@dataclass(frozen=True)
class Electorate:
    """Voters who chose the same are one group; money is in units so fine that a first share is whole.

    `chose` says in row n which groups support option n, `weights` how many voters each group has and
    `costs` what the options cost.
    """

    chose: "Array"
    weights: "Array"
    costs: Sequence[int]

    @cached_property
    def size(self) -> int:
        """How many voters there are."""
        return int(self.weights.sum())

    @cached_property
    def supporters(self) -> list["Array"]:
        """The groups that support each option, by number."""
        return [row.nonzero()[0] for row in self.chose]

    @cached_property
    def voters(self) -> list["Array"]:
        """How many voters each of those groups has."""
        return [self.weights[groups] for groups in self.supporters]

    @cached_property
    def support(self) -> list[int]:
        """How many voters support each option."""
        return [int(voters.sum()) for voters in self.voters]

    @cached_property
    def listed(self) -> list[list[tuple[int, int]]]:
        """The groups that support each option, and how many voters each has, as plain numbers."""
        pairs = zip(self.supporters, self.voters, strict=True)
        return [list(zip(groups.tolist(), voters.tolist(), strict=True)) for groups, voters in pairs]

    def purses(self, share: int) -> "Purses":
        """Return the purses of all voters with this share in each."""
        return PlainPurses(self, share) if len(self.weights) < QUICK_FROM else QuickPurses(self, share)


class Purses(Protocol):
    """What every voter has left: the share less all prices, or nothing."""

    def least(self, n: int) -> Fraction | None:
        """Return something the price of option `n` is certainly not under; None where it has no price."""

    def price(self, n: int) -> Price | None:
        """Return the least that makes min(price, what is left), summed over the supporters, the cost.

        None where they have less than the cost together.
        """

    def had(self, n: int) -> Fraction:
        """Return what the supporters of an option have left together."""

    def pay(self, n: int, price: Fraction) -> None:
        """Take the price out of the purse of each supporter, or all there is when that is less."""

    def copy(self) -> "Purses":
        """Return purses of the same contents."""


class PlainPurses:
    """One whole number a group, all over one common denominator."""

    def __init__(self, electorate: Electorate, share: int) -> None:
        self.electorate, self.denominator = electorate, 1
        self.left = [share] * len(electorate.weights)

    def least(self, n: int) -> Fraction | None:
        return Fraction(0)

    def price(self, n: int) -> Price | None:
        support = payers = self.electorate.support[n]
        rest = self.electorate.costs[n] * self.denominator
        for amount, voters in sorted((self.left[group], voters) for group, voters in self._supporters(n)):
            if amount * payers >= rest:  # the first who can pay an equal part of what the poorer leave
                return Fraction(rest, payers * self.denominator), support - payers
            rest -= amount * voters
            payers -= voters
        return None

    def had(self, n: int) -> Fraction:
        together = sum(self.left[group] * voters for group, voters in self._supporters(n))
        return Fraction(together, self.denominator)

    def pay(self, n: int, price: Fraction) -> None:
        factor = price.denominator // gcd(price.denominator, self.denominator)
        if factor > 1:
            self.denominator *= factor
            self.left = [amount * factor for amount in self.left]
        due = price.numerator * (self.denominator // price.denominator)
        for group, _ in self._supporters(n):
            self.left[group] = max(0, self.left[group] - due)

    def copy(self) -> "PlainPurses":
        other = PlainPurses(self.electorate, 0)
        other.left, other.denominator = list(self.left), self.denominator
        return other

    def _supporters(self, n: int) -> list[tuple[int, int]]:
        return self.electorate.listed[n]


class QuickPurses:
    """Purses in whole numbers of 64 bits, each a little too high, and the exact prices paid.

    A share is `full` units, so few that sums stay in 64 bits. Of each price the whole units are taken
    out, so after k purchases a purse holds less than k units more than it should (and may be under
    zero, where it should be nothing). What that cannot tell for certain is worked out from `paid`.
    """

    def __init__(self, electorate: Electorate, share: int) -> None:
        import numpy as np

        self.electorate, self.share = electorate, share
        self.full = 2**61 // max(electorate.size, 1)
        self.units = np.full(len(electorate.weights), self.full, np.int64)
        self.floor = [0] * len(electorate.costs)  # units the price of an option is not under, ever after
        self.denominator = 1
        self.paid: list[tuple[int, int]] = []  # option and price, over the denominator

    def least(self, n: int) -> Fraction | None:
        # Purses are not too low here. Who has less than a bound below the price pays at most what is
        # there, so the others pay at least the rest between them: a bound that is no lower.
        if not self.share:
            return None
        voters = self.electorate.voters[n]
        units = self.units[self.electorate.supporters[n]].clip(0)
        together = units * voters
        cost, bound = self._in_units(self.electorate.costs[n]), self.floor[n]
        while True:
            poor = units < bound
            payers = self.electorate.support[n] - int((voters * poor).sum())
            if not payers:  # nobody could pay the price, so there is none
                return None
            higher = (cost - int((together * poor).sum())) // payers
            if higher <= bound:
                break
            bound = higher
        self.floor[n] = bound
        return Fraction(bound * self.share, self.full)

    def price(self, n: int) -> Price | None:
        if not self.share:
            return None
        groups, voters = self.electorate.supporters[n], self.electorate.voters[n]
        units, cost = self.units[groups], self.electorate.costs[n] * self.denominator
        poor = units < self.floor[n]
        while True:
            payers = self.electorate.support[n] - int((voters * poor).sum())
            if not payers:
                return None
            rest = cost - self._exact(groups[poor])
            edge = rest * self.full // (payers * self.denominator * self.share)
            new = ~poor & (units < edge)
            for at in (~poor & (units >= edge) & (units <= edge + len(self.paid))).nonzero()[0]:
                new[at] = self._exactly(groups[at]) * payers < rest
            if not new.any():
                price = Fraction(rest, payers * self.denominator)
                return price, self.electorate.support[n] - payers
            poor |= new

    def had(self, n: int) -> Fraction:
        return Fraction(self._exact(self.electorate.supporters[n]), self.denominator)

    def _in_units(self, amount: Money) -> int:
        return floor(Fraction(amount * self.full, self.share))

    def _exact(self, groups: "Array") -> int:
        """Return what the voters in these groups have left together, over the denominator."""
        weights, chose, units = self.electorate.weights, self.electorate.chose, self.units[groups]
        sure = units >= len(self.paid)
        positive = groups[sure]
        voters = weights[positive]
        total = int(voters.sum()) * self.share * self.denominator
        for n, price in self.paid:
            total -= price * int((voters * chose[n][positive]).sum())
        for group in groups[~sure & (units > 0)]:
            total += max(0, self._exactly(group)) * int(weights[group])
        return total

    def _exactly(self, group: int) -> int:
        """Return what one voter of a group has left, over the denominator; under zero is nothing."""
        chose = self.electorate.chose
        return self.share * self.denominator - sum(price for n, price in self.paid if chose[n, group])

    def pay(self, n: int, price: Fraction) -> None:
        factor = price.denominator // gcd(price.denominator, self.denominator)
        if factor > 1:
            self.denominator *= factor
            self.paid = [(n, price * factor) for n, price in self.paid]
        self.paid.append((n, price.numerator * (self.denominator // price.denominator)))
        self.units[self.electorate.supporters[n]] -= self._in_units(price)

    def copy(self) -> "QuickPurses":
        other = QuickPurses(self.electorate, self.share)
        other.units, other.floor = self.units.copy(), list(self.floor)
        other.denominator, other.paid = self.denominator, list(self.paid)
        return other
