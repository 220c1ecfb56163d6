"""PURE. A `.pb` file: what stands in it, in order and with every key and column, known or not.

A file has three sections: META (`key;value`), PROJECTS and VOTES, each a table with semicolons and
standard CSV quoting (https://pabulib.org/format). `reading.py` reads it, `write` writes it again.
What a file asks of a count stands in `rules.py`, what is on its ballots in `ballots.py`.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from io import StringIO

from ballots.paper import Money, Option
from ballots.refusals import Refusal
from ballots.words import N_

Row = tuple[str, ...]  # the cells of a row, one a column; more cells than columns stand behind them


@dataclass(frozen=True)
class Meta:
    """One `key;value` of META."""

    key: str
    value: str
    line: int = field(compare=False)


@dataclass(frozen=True)
class Project:
    """A row of PROJECTS; `line` is where it starts."""

    id: str
    cost: Money
    cells: Row
    line: int = field(compare=False)


@dataclass(frozen=True)
class Votes:
    """The rows of VOTES, kept by column: a count needs a few columns, and no row.

    `columns` have a cell for every row. `beyond` are the cells that stand behind the last column, by
    the number of their row (0 is the first). `lines` is where each row starts.
    """

    columns: tuple[list[str], ...]
    lines: Sequence[int] = field(compare=False)
    beyond: Mapping[int, Row] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Sequence[Row], width: int, lines: Sequence[int]) -> "Votes":
        """Return these rows, each at least so many columns wide."""
        columns = tuple([row[n] for row in rows] for n in range(width))
        return cls(columns, lines, {n: row[width:] for n, row in enumerate(rows) if len(row) > width})

    def __len__(self) -> int:
        return len(self.lines)

    def rows(self) -> Iterator[Row]:
        """Yield every row with all its cells."""
        for n, cells in enumerate(zip(*self.columns, strict=True)):
            yield cells + self.beyond.get(n, ())

    def only(self, numbers: Sequence[int]) -> "Votes":
        """Return the rows at these places (0 is the first)."""
        columns = tuple([column[n] for n in numbers] for column in self.columns)
        beyond = {new: self.beyond[n] for new, n in enumerate(numbers) if n in self.beyond}
        return Votes(columns, [self.lines[n] for n in numbers], beyond)


@dataclass(frozen=True)
class PbFile:
    """A whole file."""

    entries: tuple[Meta, ...]
    project_columns: Row
    projects: tuple[Project, ...]
    vote_columns: Row
    votes: Votes
    votes_header: int = field(compare=False, default=0)

    @cached_property
    def meta(self) -> Mapping[str, str]:
        """The values of META by lower-case key; of a repeated key the first."""
        return {entry.key.lower(): entry.value for entry in reversed(self.entries)}

    def line_of(self, key: str) -> int:
        """Return the line where `key` stands; the last line of META when it is absent."""
        last = max((entry.line for entry in self.entries), default=1)
        return next((entry.line for entry in self.entries if entry.key.lower() == key), last)

    def of_projects(self, name: str) -> dict[str, str] | None:
        """Return a column of PROJECTS by project id, or None where the file has no such column."""
        n = place(self.project_columns, name)
        return None if n is None else {project.id: project.cells[n] for project in self.projects}

    def of_votes(self, name: str) -> list[str] | None:
        """Return a column of VOTES, one cell a ballot, or None where the file has no such column."""
        n = place(self.vote_columns, name)
        return None if n is None else self.votes.columns[n]

    def only(self, numbers: Sequence[int]) -> "PbFile":
        """Return the file with only the ballots at these places (0 is the first)."""
        return replace(self, votes=self.votes.only(numbers))


def place(columns: Row, name: str) -> int | None:
    """Return where a column stands, or None; capitals make no difference."""
    return next((n for n, column in enumerate(columns) if column.lower() == name), None)


def options(pb: PbFile) -> tuple[Option, ...]:
    """Return the projects as options, in the order of the file; costs in the file's own unit."""
    names = pb.of_projects("name") or {}
    themes = pb.of_projects("category") or {}
    places = pb.of_projects("neighborhood") or pb.of_projects("neighbourhood") or {}
    return tuple(
        Option(p.id, names.get(p.id) or p.id, p.cost, themes.get(p.id, ""), places.get(p.id, ""))
        for p in pb.projects
    )


def write(pb: PbFile) -> str:
    """Return the file as text: `read(write(pb)) == pb`. Lines end in CRLF, as Pabulib's own do."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([("META",), ("key", "value")])
    writer.writerows((entry.key, entry.value) for entry in pb.entries)
    writer.writerows([("PROJECTS",), pb.project_columns])
    writer.writerows(project.cells for project in pb.projects)
    writer.writerows([("VOTES",), pb.vote_columns])
    writer.writerows(pb.votes.rows())
    return out.getvalue()


# -- what stands in a cell ---------------------------------------------------------------------------


class PbError(Refusal):
    """The file cannot be read or counted; the sentence names the line where there is one."""


class MissingColumn(PbError):
    text = N_("In de kop van %(section)s op regel %(line)d ontbreekt de kolom %(column)s.")


class NotMoney(PbError):
    text = N_("“%(given)s” op regel %(line)d is geen bedrag (%(what)s).")


class NegativeMoney(PbError):
    text = N_("Het bedrag %(given)s op regel %(line)d is kleiner dan nul (%(what)s).")


def clean(cell: str) -> str:
    """Return a cell without the space around it."""
    return cell.strip(" \t\r\n\ufeff\u00a0")


def items(cell: str) -> list[str]:
    """Return the items of a list in a cell."""
    return [item for part in cell.split(",") if (item := clean(part))]


_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,30}(?:[.,][0-9]{0,30})?|[.,][0-9]{1,30})(?:[eE][+-]?[0-9]{1,2})?")


def number(text: str) -> Money | None:
    """Return a number exactly, with a decimal point or a decimal comma; whole ones as int. None for no number."""
    if not _NUMBER.fullmatch(text):
        return None
    return plain(Fraction(text.replace(",", ".")))


def plain(value: Money) -> Money:
    """Return a number as int where it is whole."""
    return int(value) if value.denominator == 1 else value


def money(text: str, line: int, what: str) -> Money:
    """Return an amount exactly. Raises NotMoney or NegativeMoney, naming the line and what the amount is of."""
    value = number(text)
    if value is None:
        raise NotMoney(given=text[:40], line=line, what=what)
    if value < 0:
        raise NegativeMoney(given=text[:40], line=line, what=what)
    return value
