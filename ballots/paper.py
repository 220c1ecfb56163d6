"""PURE. The ballot paper: questions, options, limits; is a marking valid, and if not, why.

A *marking* is what a voter filled in for one question. Its canonical text lists the ids of
the chosen options in the order of the paper, separated by commas; `blanco` stands alone.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

BLANK = "blanco"
Money = int | Fraction

_OPTION_ID = re.compile(r"[A-Za-z0-9/_.-]{1,40}")


class Kind(StrEnum):
    """Kinds of question the paper knows."""

    YES_NO = "yes-no"  # voor, tegen or blanco
    CHOOSE_ONE = "choose-one"
    APPROVE = "approve"  # between `least` and `most` options
    BASKET = "basket"  # approve, and together not over `budget`


@dataclass(frozen=True)
class Option:
    """One thing to choose. `cost` in cents on a live paper; in the file's unit when read from a file."""

    id: str
    label: str
    cost: Money = 0
    theme: str = ""
    place: str = ""


YES_NO_OPTIONS = (Option("voor", "Voor"), Option("tegen", "Tegen"))


@dataclass(frozen=True)
class Question:
    """One question with its options and limits; `blanco` is always a valid answer and never an option."""

    text: str
    kind: Kind
    options: tuple[Option, ...]
    least: int = 1
    most: int = 1
    budget: Money | None = None

    def __post_init__(self) -> None:
        ids = [option.id for option in self.options]
        if len(set(ids)) != len(ids):
            raise ValueError("two options with the same id")
        for id in ids:
            if id == BLANK or not _OPTION_ID.fullmatch(id):
                raise ValueError(f"not an option id: {id!r}")
        if not 0 <= self.least <= self.most <= len(ids):
            raise ValueError("limits: 0 <= least <= most <= number of options")
        if self.kind in (Kind.YES_NO, Kind.CHOOSE_ONE) and self.most != 1:
            raise ValueError("one answer, no more")
        if (self.kind is Kind.BASKET) != (self.budget is not None):
            raise ValueError("a basket, and only a basket, has a budget")


@dataclass(frozen=True)
class Problem:
    """What is wrong with a marking; `kind` is one of unknown, twice, nothing, mixed, too-few, too-many, over-budget.

    `amount` is how many options (or how much money) it is off by.
    """

    kind: str
    amount: Money = 0


def marking(question: Question, chosen: Iterable[str]) -> str:
    """Return the canonical text for the chosen option ids: order of the paper, commas between.

    Raises ValueError when `check` would name a problem.
    """
    picked = list(chosen)
    problem = check(question, picked)
    if problem:
        raise ValueError(problem.kind)
    if picked == [BLANK]:
        return BLANK
    place = {option.id: n for n, option in enumerate(question.options)}
    return ",".join(sorted(picked, key=place.__getitem__))


def check(question: Question, chosen: Sequence[str]) -> Problem | None:
    """Return what is wrong with these chosen option ids, or None when they are a valid answer."""
    if list(chosen) == [BLANK]:
        return None
    if not chosen:
        return Problem("nothing")
    if BLANK in chosen:
        return Problem("mixed")
    options: Mapping[str, Option] = {option.id: option for option in question.options}
    if any(id not in options for id in chosen):
        return Problem("unknown")
    if len(set(chosen)) != len(chosen):
        return Problem("twice")
    if len(chosen) < question.least:
        return Problem("too-few", question.least - len(chosen))
    if len(chosen) > question.most:
        return Problem("too-many", len(chosen) - question.most)
    if question.budget is not None:
        over = sum(options[id].cost for id in chosen) - question.budget
        if over > 0:
            return Problem("over-budget", over)
    return None


def chosen(text: str) -> tuple[str, ...]:
    """Return the option ids in a canonical marking; empty for blanco."""
    return () if text == BLANK else tuple(text.split(","))


def longest(question: Question) -> int:
    """Return the length in bytes that every marking of this question is padded to.

    The `most` longest ids with commas between; a basket's money is left out of this, so the
    length never depends on what things cost. At least the length of `blanco`.
    """
    lengths = sorted((len(option.id) for option in question.options), reverse=True)[: question.most]
    return max(len(BLANK), sum(lengths) + max(0, len(lengths) - 1))
