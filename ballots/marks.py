"""PURE. Between the paper and its form: in which order a voter sees it, and what the fields come to as marks.

In the form of question 1 the field `q1` holds what was picked: option ids, `blanco`, or a whole marking
with commas. On a points paper and a ranking each option has a field of its own, `q1-ID`, for its points
or its place. An empty field and 0 are the same: none.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ballots import paper
from ballots.digest import H
from ballots.paper import BLANK, Kind, Option, Problem, Question

TYPED = (Kind.POINTS, Kind.RANKING)  # kinds with a field of its own for each option

_WHOLE = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Filled:
    """What stands in the form of one question: the values picked, and the text at each option by its id."""

    picked: tuple[str, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)


def taken(question: Question, number: int, fields: Mapping[str, Sequence[str]]) -> Filled:
    """Return what the fields that were sent hold of this question."""
    values = (each.strip() for value in fields.get(f"q{number}", ()) for each in value.split(","))
    options = question.options if question.kind in TYPED else ()
    typed = {
        option.id: next(iter(fields.get(f"q{number}-{option.id}", ())), "").strip() for option in options
    }
    return Filled(tuple(filter(None, values)), {id: text for id, text in typed.items() if text})


def filled(question: Question, marks: Sequence[str]) -> Filled:
    """Return the form in which these marks are filled in: the other way round of `marks_of`."""
    if list(marks) == [BLANK] or question.kind not in TYPED:
        return Filled(tuple(marks))
    if question.kind is Kind.RANKING:
        return Filled(typed={id: str(place) for place, id in enumerate(marks, 1)})
    return Filled(typed=dict(mark.split(":") for mark in marks))


def marks_of(question: Question, form: Filled) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """Return the marks in this form, and everything that is wrong with them.

    A question of which nothing need be chosen may be left open: that is blanco.

    | kind, next to those of `paper.Problem` | amount |
    |---|---|
    | `no-place`: what stands at this option is not a place | – |
    | `same-place`: another option has the same place | the place |
    | `gap`: nothing has the place before that of this option | the first place that is missing |
    """
    numbers = {id: _number(text) for id, text in form.typed.items() if _number(text) != 0}
    if question.kind is Kind.RANKING:
        placed = sorted(numbers, key=lambda id: numbers[id] or 0)
        marks = (*form.picked, *placed)
        problems = () if BLANK in form.picked else tuple(_places(numbers))
    else:
        given = (f"{id}:{form.typed[id] if points is None else points}" for id, points in numbers.items())
        marks, problems = (*form.picked, *given), ()
    if not marks and not problems and question.least == 0:
        marks = (BLANK,)
    return marks, problems or paper.check(question, marks)


def _places(places: Mapping[str, int | None]) -> Iterable[Problem]:
    """Yield what is wrong with the places of a ranking: nothing but the first kind that there is."""
    if wrong := [id for id, place in places.items() if place is None]:
        yield from (Problem("no-place", option=id) for id in wrong)
        return
    by_place = {place: id for id, place in places.items() if place}
    if len(by_place) < len(places):
        given = list(places.values())
        yield from (Problem("same-place", p or 0, id) for id, p in places.items() if given.count(p) > 1)
        return
    before = 0
    for place in sorted(by_place):
        if place > before + 1:
            yield Problem("gap", before + 1, by_place[place])
        before = place


def _number(text: str) -> int | None:
    """Return the whole number that was typed, or None where it is not one."""
    return int(text) if _WHOLE.fullmatch(text) else None


def themes(question: Question, number: int = 0, seed: bytes = b"") -> list[tuple[str, tuple[Option, ...]]]:
    """Return the options by theme, in the order they are shown; those without a theme come last.

    The paper's own order, or where the question is shuffled and there is a `seed`, an order that
    follows from it: the same letter sees the same page again, and nothing has to be kept.
    """
    options: Sequence[Option] = question.options
    names = dict.fromkeys(option.theme for option in options)
    order = list(names)
    if question.shuffled and seed:
        order.sort(key=lambda theme: H(seed, str(number), theme))
        options = sorted(options, key=lambda option: H(seed, str(number), option.theme, option.id))
    order.sort(key=lambda theme: not theme)
    return [(theme, tuple(option for option in options if option.theme == theme)) for theme in order]
