"""PURE. The ballot paper: questions, options, limits; is a marking valid, and if not, why.

A *marking* is what a voter filled in for one question, as a list of *marks*: the id of an option,
or on a points paper `id:points`. Its canonical text is the marks with commas between them: in the
order of the paper, or on a ranking in the order of the voter, the most wanted first. `blanco`
stands alone.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from ballots.words import N_

BLANK = "blanco"
UNUSABLE = "ongeldig"  # a paper that is missing, or cannot be read or counted
Money = int | Fraction

_OPTION_ID = re.compile(r"[A-Za-z0-9/_.-]{1,40}")
_POINTS = re.compile(r"[1-9][0-9]{0,8}")


class Kind(StrEnum):
    """Kinds of question the paper knows."""

    YES_NO = "yes-no"  # voor, tegen or blanco
    CHOOSE_ONE = "choose-one"
    APPROVE = "approve"  # between `least` and `most` options
    BASKET = "basket"  # the same, and together not over a budget, in all or per theme
    POINTS = "points"  # divide points among at most `most` options
    RANKING = "ranking"  # put between `least` and `most` options in order


@dataclass(frozen=True)
class Option:
    """One thing to choose. `cost` in cents on a live paper; in the file's unit when read from a file."""

    id: str
    label: str
    cost: Money = 0
    theme: str = ""
    place: str = ""


YES_NO_OPTIONS = (Option("voor", N_("Voor")), Option("tegen", N_("Tegen")))


@dataclass(frozen=True)
class Points:
    """How many points there are to divide, how many must be given, and the most for one option."""

    sum: int
    least: int
    each: int

    def __post_init__(self) -> None:
        if not 1 <= self.least <= self.sum or not 1 <= self.each <= self.sum:
            raise ValueError("points: 1 <= least <= sum and 1 <= each <= sum")


@dataclass(frozen=True)
class Question:
    """One question with its options and limits; `blanco` is always a valid answer and never an option.

    `least` and `most` bound the number of options; `theme_most` that of a theme, by its name. Where `least`
    is 0 the question may be left open, which is blanco (`ballots/marks.py`).
    `budget` and `theme_budget` bound what a basket costs. `shuffled`: every voter sees the options
    in an order of their own, so that no option profits from standing first.
    """

    text: str
    kind: Kind
    options: tuple[Option, ...]
    least: int = 1
    most: int = 1
    budget: Money | None = None
    theme_most: Mapping[str, int] = field(default_factory=dict)
    theme_budget: Mapping[str, Money] = field(default_factory=dict)
    points: Points | None = None
    shuffled: bool = False

    def __post_init__(self) -> None:
        ids = [option.id for option in self.options]
        if len(set(ids)) != len(ids):
            raise ValueError("two options with the same id")
        for id in ids:
            if id in (BLANK, UNUSABLE) or not _OPTION_ID.fullmatch(id):
                raise ValueError(f"not an option id: {id!r}")
        if self.kind is Kind.YES_NO and ids != ["voor", "tegen"]:
            raise ValueError("a yes/no question is answered with voor or tegen")
        if not 0 <= self.least <= self.most <= len(ids):
            raise ValueError("limits: 0 <= least <= most <= number of options")
        if self.kind in (Kind.YES_NO, Kind.CHOOSE_ONE) and self.most != 1:
            raise ValueError("one answer, no more")
        money = self.budget is not None or bool(self.theme_budget)
        if (self.kind is Kind.BASKET) != money:
            raise ValueError("a basket, and only a basket, has a budget")
        if (self.kind is Kind.POINTS) != (self.points is not None):
            raise ValueError("a points paper, and only that, has points")
        if self.points and self.points.least > self.points.each * self.most:
            raise ValueError("more points must be given than options can take")
        if self.theme_most and self.kind not in (Kind.APPROVE, Kind.BASKET):
            raise ValueError("only approving has limits per theme")
        if min(self.theme_most.values(), default=0) < 0:
            raise ValueError("a limit per theme cannot be negative")
        if min(self.budget or 0, min(self.theme_budget.values(), default=0)) < 0:
            raise ValueError("a budget cannot be negative")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a marking, and where: at an option, in a theme, or in all.

    | kind | amount |
    |---|---|
    | `nothing`: no option and not blanco | – |
    | `mixed`: blanco and something else | – |
    | `unknown`: an option that is not on the paper | – |
    | `twice`: an option that stands there more than once | – |
    | `too-few`, `too-many` | options that lack, or are too many |
    | `theme-too-many` | options of this theme that are too many |
    | `over-budget`, `theme-over-budget` | money that is too much |
    | `no-points`: what stands with this option is not a number of points | – |
    | `too-few-points`, `too-many-points` | points that lack, or are too many |
    | `option-over` | points that are too many for this option |
    """

    kind: str
    amount: Money = 0
    option: str = ""
    theme: str = ""


def marking(question: Question, marks: Iterable[str]) -> str:
    """Return the canonical text of these marks. Raises ValueError when `check` names a problem."""
    given = list(marks)
    if problems := check(question, given):
        raise ValueError(problems[0].kind)
    if question.kind is not Kind.RANKING and given != [BLANK]:
        place = {option.id: n for n, option in enumerate(question.options)}
        given.sort(key=lambda mark: place[_split(mark)[0]])
    return ",".join(given)


def check(question: Question, marks: Sequence[str]) -> tuple[Problem, ...]:
    """Return everything that is wrong with these marks; nothing when they are a valid answer."""
    if list(marks) == [BLANK]:
        return ()
    if not marks:
        return (Problem("nothing"),)
    if BLANK in marks:
        return (Problem("mixed"),)
    by_id = {option.id: option for option in question.options}
    ids = [_split(mark)[0] if question.points else mark for mark in marks]
    if strange := [id for id in ids if id not in by_id]:
        return (Problem("unknown", option=strange[0]),)
    if twice := [id for id in dict.fromkeys(ids) if ids.count(id) > 1]:
        return tuple(Problem("twice", option=id) for id in twice)
    options = [by_id[id] for id in ids]
    return (*_number(question, options), *_money(question, options), *_points(question, marks))


def _number(question: Question, options: Sequence[Option]) -> Iterable[Problem]:
    """Yield what is wrong with how many options were chosen."""
    if len(options) < question.least:
        yield Problem("too-few", question.least - len(options))
    if len(options) > question.most:
        yield Problem("too-many", len(options) - question.most)
    for theme, most in question.theme_most.items():
        over = sum(option.theme == theme for option in options) - most
        if over > 0:
            yield Problem("theme-too-many", over, theme=theme)


def _money(question: Question, options: Sequence[Option]) -> Iterable[Problem]:
    """Yield what is wrong with what the chosen options cost."""
    if question.budget is not None:
        over = sum(option.cost for option in options) - question.budget
        if over > 0:
            yield Problem("over-budget", over)
    for theme, budget in question.theme_budget.items():
        over = sum(option.cost for option in options if option.theme == theme) - budget
        if over > 0:
            yield Problem("theme-over-budget", over, theme=theme)


def _points(question: Question, marks: Sequence[str]) -> Iterable[Problem]:
    """Yield what is wrong with the points."""
    if question.points is None:
        return
    given = [_split(mark) for mark in marks]
    if wrong := [id for id, points in given if not _POINTS.fullmatch(points)]:
        yield from (Problem("no-points", option=id) for id in wrong)
        return
    for id, points in given:
        if int(points) > question.points.each:
            yield Problem("option-over", int(points) - question.points.each, option=id)
    sum_given = sum(int(points) for _, points in given)
    if sum_given > question.points.sum:
        yield Problem("too-many-points", sum_given - question.points.sum)
    if sum_given < question.points.least:
        yield Problem("too-few-points", question.points.least - sum_given)


def _split(mark: str) -> tuple[str, str]:
    """Return the option id and the points of a mark on a points paper, as they stand there."""
    id, _, points = mark.partition(":")
    return id, points


def answerable(question: Question) -> bool:
    """Say whether anything but blanco is a valid answer: the cheapest options first, as far as limits allow.

    Within a theme nothing holds more options than its cheapest, so if they are not enough nothing is.
    """
    chosen: list[Option] = []
    needed = max(question.least, 1)
    for option in sorted(question.options, key=lambda option: option.cost):
        wider = [*chosen, option]
        found = {problem.kind for problem in (*_number(question, wider), *_money(question, wider))}
        if len(chosen) < needed and found <= {"too-few", "too-many"}:
            chosen = wider
    fits = len(chosen) >= needed <= question.most
    return fits and (question.points is None or question.points.sum >= needed)


def chosen(text: str) -> tuple[str, ...]:
    """Return the marks in a canonical text; none for blanco."""
    return () if text == BLANK else tuple(text.split(","))


def longest(question: Question) -> int:
    """Return the length in bytes that every marking of this question is padded to.

    The `most` longest marks with commas between; what options cost is left out of this, so the
    length never depends on money. At least the length of `blanco`.
    """
    digits = 1 + len(str(question.points.each)) if question.points else 0
    lengths = sorted((len(option.id) + digits for option in question.options), reverse=True)[: question.most]
    return max(len(BLANK), sum(lengths) + max(0, len(lengths) - 1))
