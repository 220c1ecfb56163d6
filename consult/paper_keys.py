"""PURE. Papers by keyboard: every choice of a question has a number, and typing numbers chooses.

The numbers are those of the page: 1, 2, … for the options in its order, then one for blank and one for unusable.
"""

import re
from collections.abc import Sequence

from ballots.paper import BLANK, UNUSABLE

SEPARATORS = re.compile(r"[\s,;+]+")
_NUMBER = re.compile(r"[0-9]{1,4}")


def choices(options: Sequence[str]) -> tuple[str, ...]:
    """Return what each number stands for, the first for 1: the ids of the options in the order of the page first."""
    return (*options, BLANK, UNUSABLE)


def chosen(text: str, options: Sequence[str]) -> tuple[str, ...] | None:
    """Return what the numbers typed choose, in the order typed and each once; None where one of them is no choice.

    Numbers are parted by spaces, commas, semicolons or plus signs. Nothing typed chooses nothing: `()`.
    """
    there = choices(options)
    typed = [each for each in SEPARATORS.split(text) if each]
    if not all(_NUMBER.fullmatch(each) and 1 <= int(each) <= len(there) for each in typed):
        return None
    return tuple(dict.fromkeys(there[int(each) - 1] for each in typed))


def numbers(picked: Sequence[str], options: Sequence[str]) -> str:
    """Return the numbers that choose this: the other way round of `chosen`. What has no number is left out."""
    there = choices(options)
    return " ".join(str(there.index(each) + 1) for each in picked if each in there)
