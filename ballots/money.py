"""PURE. Euros as people write and read them: `€ 4.500` or `€ 4.500,50`. Inside, money is whole cents."""

import re
from fractions import Fraction

from ballots.paper import Money
from ballots.refusals import Refusal
from ballots.words import N_

MOST_CENTS = 1_000_000_000_00  # a thousand million euros: above it, it is a slip of the keyboard

_AMOUNT = re.compile(
    r"(?:€|EUR)?\s*"
    r"(?P<whole>[1-9][0-9]{0,2}(?P<grouped>(?P<by>[. ])[0-9]{3}(?:(?P=by)[0-9]{3})*)|[0-9]+)"
    r"(?:,-{1,2}|(?P<mark>[.,])(?P<cents>[0-9]{2}))?"
    r"(?:\s*(?:€|EUR|euro))?",
    re.IGNORECASE | re.ASCII,
)
_SPACES = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009", " "))  # as spreadsheets put them in amounts


class NotAnAmount(Refusal):
    """The text is not an amount of money, or can be read in two ways."""

    text = N_("“%(given)s” is geen bedrag dat wij begrijpen; schrijf bijvoorbeeld 4500, 4.500 of 4.500,50.")


class TooMuchMoney(Refusal):
    """The amount is too large to be meant."""

    text = N_("Dit bedrag is te groot; kijk of er een cijfer te veel staat.")


def euros(cents: int) -> str:
    """Return cents as a Dutch amount: `€ 4.500`, or `€ 4.500,50` where there are cents."""
    return in_words(Fraction(cents, 100), "€")


def in_words(amount: Money, currency: str = "€") -> str:
    """Return an amount in whole units of `currency` (not cents) as Dutch text.

    More than two decimals are kept, never rounded: what is printed is what was counted.
    """
    value = Fraction(amount)
    whole, rest = divmod(abs(value), 1)
    text = f"{whole:,}".replace(",", ".")
    if rest:
        places = 2
        while (rest * 10**places).denominator != 1 and places < 12:
            places += 1
        text += f",{int(rest * 10**places):0{places}d}"
    return f"{currency} {'-' if value < 0 else ''}{text}"


def parse(text: str) -> int:
    """Return the cents in a typed amount: `10000`, `10.000`, `10 000,01`, `9999.99`, `€ 5,-`, `500 euro`.

    A dot or a space before exactly three digits groups thousands; a comma or dot before exactly two digits
    starts the cents. Raises NotAnAmount for anything else (`10,000` and `1.5` can be read in two
    ways) and TooMuchMoney above `MOST_CENTS`.
    """
    found = _AMOUNT.fullmatch(text.translate(_SPACES).strip())
    if found is None or (found["by"] == "." and found["mark"] == "."):
        raise NotAnAmount(given=text.strip()[:40])
    whole = found["whole"].replace(".", "").replace(" ", "").lstrip("0") or "0"
    if len(whole) > 12:
        raise TooMuchMoney
    cents = int(whole) * 100 + int(found["cents"] or 0)
    if cents > MOST_CENTS:
        raise TooMuchMoney
    return cents
