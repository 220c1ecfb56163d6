"""PURE. The quick way to many options: a line each, `naam; bedrag; thema; plek`.

Columns copied from a spreadsheet come with tabs between them and are read the same way.
"""

from dataclasses import dataclass

from ballots.money import parse
from ballots.refusals import Refusal
from ballots.words import N_
from consult.sentences import Sentence

LONGEST = {"label": 120, "theme": 60, "place": 60}
COLUMNS = 4


@dataclass(frozen=True)
class Line:
    """What a line holds; `cost` in cents, None where no amount stands there."""

    label: str
    cost: int | None = None
    theme: str = ""
    place: str = ""


@dataclass(frozen=True)
class Fault:
    """A line (1, 2, …) that cannot be read, and why."""

    number: int
    why: Sentence


def read(text: str) -> tuple[list[Line], list[Fault]]:
    """Return what the lines hold, and every fault; empty lines are skipped."""
    lines, faults = list[Line](), list[Fault]()
    for number, row in enumerate(text.splitlines(), 1):
        if not row.strip():
            continue
        try:
            lines.append(_line(row))
        except _Wrong as wrong:
            faults.append(Fault(number, wrong.why))
    return lines, faults


class _Wrong(Exception):
    def __init__(self, text: str, **values: object) -> None:
        self.why = Sentence(text, values)


def _line(row: str) -> Line:
    parts = [" ".join(part.split()) for part in row.split("\t" if "\t" in row else ";")]
    while len(parts) > COLUMNS and not parts[-1]:
        parts.pop()
    if len(parts) > COLUMNS:
        raise _Wrong(
            N_("er staan %(found)d delen; hoogstens vier passen: naam; bedrag; thema; plek"), found=len(parts)
        )
    label, amount, theme, place = (*parts, "", "", "", "")[:COLUMNS]
    if not label:
        raise _Wrong(N_("de naam ontbreekt"))
    for name, text in (("label", label), ("theme", theme), ("place", place)):
        if len(text) > LONGEST[name]:
            raise _Wrong(
                N_("“%(start)s…” is langer dan %(most)d tekens"), start=text[:30], most=LONGEST[name]
            )
    try:
        return Line(label, parse(amount) if amount else None, theme, place)
    except Refusal:
        raise _Wrong(N_("“%(amount)s” is geen bedrag"), amount=amount[:40]) from None
