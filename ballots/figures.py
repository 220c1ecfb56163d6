"""Amounts, numbers, days and names as the reader's language writes them; Dutch outside a page.

Digits are the same in every language, since codes and amounts are compared with a letter in Dutch.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date as dutch_date
from flask_babel import format_date, get_locale, gettext

from ballots import money
from ballots.languages import DUTCH, LANGUAGES, Language

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
AMOUNT = re.compile(r"€ -?[0-9.,]+")
DAY = "EEEE d MMMM y"
ISOLATE, POP = "\u2068", "\u2069"  # what is between them keeps its own direction


def reader() -> Language:
    """Return the language that is translated to now."""
    return LANGUAGES.get(str(get_locale() or DUTCH.code), DUTCH)


def local(dutch: str) -> str:
    """Return a number in Dutch, `1.811` or `0,5`, with the marks of the reader's language."""
    return dutch.translate(str.maketrans(DUTCH.marks, reader().marks))


def euros(cents: int) -> str:
    """Return cents as an amount: `€ 4.500`, or `€ 4.500,50` where there are cents."""
    return local(money.euros(cents))


def values(dutch: Mapping[str, object]) -> dict[str, object]:
    """Return the values of a sentence that pure code made: amounts of money are written anew, the rest stays."""
    return {
        name: local(value) if isinstance(value, str) and AMOUNT.fullmatch(value) else value
        for name, value in dutch.items()
    }


def named(name: str) -> str:
    """Return a name inside a sentence: it does not mix with a language that is written from right to left."""
    return f"{ISOLATE}{name}{POP}" if reader().direction == "rtl" else name


def closing(said: str, closes: datetime) -> str:
    """Return until when one can vote: in Dutch as it was printed and frozen, `said`, "tot en met zondag 14 juni 2026".

    In another language the same, where `said` is those words and a day just before `closes`; else `said` itself.
    """
    if reader() is DUTCH:
        return said
    end = closes.astimezone(AMSTERDAM).date()
    for day in (end, end - timedelta(days=1)):
        if said == f"tot en met {dutch_date(day, DAY, locale=DUTCH.code)}":
            translated: str = gettext("tot en met %(day)s", day=format_date(day, DAY, rebase=False))
            return translated
    return named(said)
