"""PURE. Purses that know how fast they change as all shares rise, and so until when a count stays the same.

As long as the same options are bought in the same order and the same voters are poor, every purse and
every price is a straight line in the share. So for each comparison that decides something it can be
worked out until which extra share it comes out the same; the first to come out differently is the
horizon, and with any share before it the count makes the same choices. Everything is exact.
"""

from fractions import Fraction
from math import gcd

from ballots.counting.purses import Electorate, PlainPurses, Price


class Horizon:
    """The extra share before which all that was compared comes out the same; None where that is for ever."""

    def __init__(self) -> None:
        self.extra: Fraction | None = None

    def note(self, gap: int | Fraction, slope: int | Fraction) -> None:
        """Note that something hangs on the sign of `gap`, which changes by `slope` for each extra unit."""
        if gap < 0 or (gap == 0 and slope > 0):
            gap, slope = -gap, -slope
        if slope < 0 and (self.extra is None or gap < -slope * self.extra):
            self.extra = Fraction(gap) / -slope


class Moving(Fraction):
    """A price or rate as it is now, and its slope; comparing it is noted. It is hashed as it is now."""

    slope: Fraction
    horizon: Horizon

    @classmethod
    def of(cls, now: Fraction, slope: Fraction, horizon: Horizon) -> "Moving":
        """Return this number with this slope, to be watched on this horizon."""
        moving = cls(now)
        moving.slope, moving.horizon = slope, horizon
        return moving

    def _gap(self, other: object) -> Fraction:
        """Return how much more this is than another number, having noted until when it is, or is less."""
        assert isinstance(other, Fraction | int)
        gap = Fraction(self.numerator, self.denominator) - Fraction(other.numerator, other.denominator)
        self.horizon.note(gap, self.slope - (other.slope if isinstance(other, Moving) else 0))
        return gap

    def __truediv__(self, by: int) -> "Moving":  # type: ignore[override]  # nothing else divides a price
        return Moving.of(Fraction(self.numerator, self.denominator * by), self.slope / by, self.horizon)

    def __eq__(self, other: object) -> bool:
        return self._gap(other) == 0

    def __lt__(self, other: object) -> bool:
        return self._gap(other) < 0

    def __le__(self, other: object) -> bool:
        return self._gap(other) <= 0

    def __gt__(self, other: object) -> bool:
        return self._gap(other) > 0

    def __ge__(self, other: object) -> bool:
        return self._gap(other) >= 0

    __hash__ = Fraction.__hash__


class MovingPurses(PlainPurses):
    """Plain purses, and how much of each extra unit of share is still in them; over one denominator."""

    def __init__(self, electorate: Electorate, share: int, horizon: Horizon) -> None:
        super().__init__(electorate, share)
        self.horizon = horizon
        self.slopes = [1] * len(self.left)

    def price(self, n: int) -> Price | None:
        cost, supporters = self.electorate.costs[n] * self.denominator, self._supporters(n)
        found = super().price(n)
        if found is None:
            had = sum(self.left[group] * voters for group, voters in supporters)
            self.horizon.note(had - cost, sum(self.slopes[group] * voters for group, voters in supporters))
            return None
        now, poor = found
        payers = self.electorate.support[n] - poor
        rest = int(now * payers * self.denominator)  # what the poor leave to the payers, and how it changes
        short = [(group, voters) for group, voters in supporters if self.left[group] * payers < rest]
        slope = -sum(self.slopes[group] * voters for group, voters in short)
        for group, _ in supporters:  # whoever has less than this price is poor, and nobody else
            self.horizon.note(self.left[group] * payers - rest, self.slopes[group] * payers - slope)
        return Moving.of(now, Fraction(slope, payers * self.denominator), self.horizon), poor

    def pay(self, n: int, price: Fraction) -> None:
        assert isinstance(price, Moving)
        before = self.denominator
        for fraction in (price, price.slope):
            self.denominator *= fraction.denominator // gcd(fraction.denominator, self.denominator)
        factor = self.denominator // before
        if factor > 1:
            self.left = [amount * factor for amount in self.left]
            self.slopes = [slope * factor for slope in self.slopes]
        due = price.numerator * (self.denominator // price.denominator)
        slope = price.slope.numerator * (self.denominator // price.slope.denominator)
        for group, _ in self._supporters(n):
            self.horizon.note(self.left[group] - due, self.slopes[group] - slope)
            rich = self.left[group] >= due
            self.left[group] = self.left[group] - due if rich else 0
            self.slopes[group] = self.slopes[group] - slope if rich else 0

    def copy(self) -> "MovingPurses":
        other = MovingPurses(self.electorate, 0, self.horizon)
        other.left, other.slopes, other.denominator = list(self.left), list(self.slopes), self.denominator
        return other
