"""PURE. A `.pb` file read: everything in it is kept, and what is wrong is refused with its line.

Pure but for `read_path`, which opens the file.
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from ballots.pabulib.file import (
    Meta,
    MissingColumn,
    PbError,
    PbFile,
    Project,
    Row,
    Votes,
    clean,
    money,
    place,
)
from ballots.refusals import Refusal
from ballots.words import N_

MOST_BYTES = 256 * 1024 * 1024


class NoSuchFile(Refusal):
    text = N_("Dit bestand bestaat niet.")


class IsDirectory(Refusal):
    text = N_("Dit is een map, geen bestand.")


class Unreadable(Refusal):
    text = N_("Dit bestand kan niet worden gelezen: %(why)s.")


class TooLarge(Refusal):
    text = N_("Dit bestand is groter dan %(megabytes)d MB; dat is geen .pb-bestand.")


class Empty(PbError):
    text = N_("Het bestand is leeg.")


class NotUtf8(PbError):
    text = N_("Regel %(line)d is geen UTF-8-tekst; sla het bestand opnieuw op als UTF-8.")


class NotText(PbError):
    text = N_("Regel %(line)d bevat tekens die niet in een tekstbestand horen; dit is geen .pb-bestand.")


class OpenQuote(PbError):
    text = N_("Op regel %(line)d begint een aanhalingsteken dat nergens sluit; is het bestand afgebroken?")


class WrongHeader(PbError):
    text = N_("Op regel %(line)d hoort “%(expected)s” te staan.")


class MissingSection(PbError):
    text = N_("Het bestand houdt na regel %(line)d op zonder het deel %(section)s; is het afgebroken?")


class RepeatedSection(PbError):
    text = N_("Op regel %(line)d begint het deel %(section)s op een plaats waar het niet hoort.")


class ShortRow(PbError):
    text = N_("Regel %(line)d houdt op vóór de kolom %(column)s; is het bestand afgebroken?")


class NoProjects(PbError):
    text = N_("Onder de kop op regel %(line)d staat geen enkel project.")


class NoId(PbError):
    text = N_("Het project op regel %(line)d heeft geen nummer.")


class RepeatedProject(PbError):
    text = N_("Project %(id)s op regel %(line)d stond al op regel %(first)d.")


class TwoValues(PbError):
    text = N_("De sleutel %(key)s op regel %(line)d staat al eerder in het bestand, met een andere waarde.")


def read_path(path: str) -> PbFile:
    """Return the `.pb` file at `path`. Raises a Refusal with one sentence when that cannot be done."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise NoSuchFile from None
    except IsADirectoryError:
        raise IsDirectory from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise Unreadable(why=getattr(error, "strerror", None) or str(error)) from None
    if len(content) > MOST_BYTES:
        raise TooLarge(megabytes=MOST_BYTES // 1024 // 1024)
    return read(content)


# -- the sections -----------------------------------------------------------------------------------

Numbered = tuple[int, list[str]]  # the line a row starts on, its cells


def read(source: str | bytes) -> PbFile:
    """Return the `.pb` file in this text (or UTF-8 bytes, with or without BOM); raises PbError."""
    text = _text(source)
    reader = _reader(text)
    rows = _rows(reader, 1)
    line, first = next(rows, (0, []))
    if not line:
        raise Empty
    if _title(first) != "META":
        raise WrongHeader(line=line, expected="META")
    meta, start = _until("PROJECTS", line, rows)
    entries = _meta(line, meta)
    projects, votes = _until("VOTES", start, rows)
    project_columns, found = _projects(start, projects)

    header = next(rows, None)
    if header is None:
        raise MissingSection(line=votes, section="VOTES")
    vote_columns, (at,) = _columns("VOTES", header, ("vote",))
    above = reader.line_num
    below = "".join(text.split("\n", above)[above:])
    ballots = _votes(below, above + 1, vote_columns, at)
    return PbFile(entries, project_columns, found, vote_columns, ballots, header[0])


def _until(section: str, line: int, rows: Iterator[Numbered]) -> tuple[list[Numbered], int]:
    """Return the rows before the title of `section`, and the line of that title."""
    before: list[Numbered] = []
    for row in rows:
        line, cells = row
        title = _title(cells)
        if title == section:
            return before, line
        if title:
            raise RepeatedSection(line=line, section=title)
        before.append(row)
    raise MissingSection(line=line, section=section)


_CONTROL = bytes((*range(0x09), *range(0x0E, 0x20), 0x7F))
_END = "\x1e"  # a control character, so never in a text that passed `_text`


def _text(source: str | bytes) -> str:
    data = source.encode(errors="surrogatepass") if isinstance(source, str) else source
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotUtf8(line=data.count(b"\n", 0, error.start) + 1) from None
    if len(data.translate(None, _CONTROL)) < len(data):
        junk = next(n for n, byte in enumerate(data) if byte in _CONTROL)
        raise NotText(line=data.count(b"\n", 0, junk) + 1)
    if "\r" in text and text.count("\r") > text.count("\r\n"):
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.removeprefix("\ufeff")


class _Reader(Protocol):
    """What `csv.reader` makes; `line_num` is how many lines it has read."""

    @property
    def line_num(self) -> int: ...
    def __next__(self) -> list[str]: ...


def _reader(text: str) -> _Reader:
    return csv.reader(_lines(text), delimiter=";", skipinitialspace=True)


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a text, and then `_END`; nothing is looked at before it is asked for."""
    at = 0
    while at <= len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        yield text[at:end] + "\n"
        at = end + 1
    yield _END + "\n"


def _rows(reader: _Reader, line: int) -> Iterator[Numbered]:
    """Yield the rows that say something, each with the number of the line it starts on.

    `line` is the number of the first line. The last one is `_END`, which shows whether a quote is
    still open: it would end up in the last cell.
    """
    before = line - 1
    while True:
        try:
            cells = next(reader)
        except (csv.Error, StopIteration):  # a quote left open fills a cell until it bursts
            raise OpenQuote(line=line) from None
        if cells == [_END]:
            return
        if cells and _END in cells[-1]:
            raise OpenQuote(line=line)
        if any(map(clean, cells)):
            yield line, cells
        line = before + reader.line_num + 1


def _title(cells: Sequence[str]) -> str:
    """Return META, PROJECTS or VOTES when this row is such a title, else the empty string."""
    title = clean(cells[0]).upper()
    return title if title in ("META", "PROJECTS", "VOTES") and not any(map(clean, cells[1:])) else ""


DECIDE = frozenset(
    {
        *("budget", "vote_type", "rule", "leftover_budget", "min_project_score_threshold", "max_length"),
        *("categories", "budget_per_category", "neighborhoods", "budget_per_neighborhood"),
    }
)


def _meta(start: int, rows: list[Numbered]) -> tuple[Meta, ...]:
    """Return the entries of META. Keys before the header `key;value` are read as keys all the same."""
    cleaned = [(line, [clean(cell) for cell in cells]) for line, cells in rows]
    header = next((n for n, (_, cells) in enumerate(cleaned) if _is_key_value(cells)), None)
    if header is None:
        raise WrongHeader(line=rows[0][0] if rows else start + 1, expected="key;value")
    del cleaned[header]
    entries = tuple(Meta(key, ";".join(_trimmed(values)), line) for line, (key, *values) in cleaned)
    first: dict[str, str] = {}
    for entry in entries:
        key = entry.key.lower()
        if first.setdefault(key, entry.value) != entry.value and key in DECIDE:
            raise TwoValues(line=entry.line, key=entry.key)
    return entries


def _is_key_value(cells: list[str]) -> bool:
    return [name.lower() for name in _trimmed(cells)] == ["key", "value"]


def _trimmed(cells: Sequence[str], least: int = 0) -> Sequence[str]:
    """Return the cells without the empty ones a spreadsheet leaves at the end; at least so many stay."""
    end = len(cells)
    while end > least and not cells[end - 1]:
        end -= 1
    return cells[:end]


def _columns(section: str, header: Numbered, needed: tuple[str, ...]) -> tuple[Row, list[int]]:
    """Return the columns of a section, and where the needed ones stand."""
    line, cells = header
    columns = tuple(_trimmed([clean(cell) for cell in cells]))
    places = []
    for name in needed:
        n = place(columns, name)
        if n is None:
            raise MissingColumn(line=line, section=section, column=name)
        places.append(n)
    return columns, places


def _fitted(line: int, cells: Sequence[str], columns: Row, needed: list[int]) -> Row:
    """Return the cells of a row, one a column. More cells than columns are kept behind them."""
    if len(cells) == len(columns):
        return tuple(cells)
    for n in needed:
        if n >= len(cells):
            raise ShortRow(line=line, column=columns[n])
    return tuple(_trimmed([*cells, *[""] * (len(columns) - len(cells))], len(columns)))


def _projects(start: int, rows: list[Numbered]) -> tuple[Row, tuple[Project, ...]]:
    if not rows:
        raise MissingSection(line=start, section="PROJECTS")
    columns, needed = _columns("PROJECTS", rows[0], ("project_id", "cost"))
    if len(rows) == 1:
        raise NoProjects(line=rows[0][0])
    projects: dict[str, Project] = {}
    for line, given in rows[1:]:
        cells = _fitted(line, [clean(cell) for cell in given], columns, needed)
        id, cost = (cells[n] for n in needed)
        if not id:
            raise NoId(line=line)
        if id in projects:
            raise RepeatedProject(line=line, id=id, first=projects[id].line)
        projects[id] = Project(id, money(cost, line, "cost"), cells, line)
    return columns, tuple(projects.values())


# -- the votes ---------------------------------------------------------------------------------------


def _votes(text: str, line: int, columns: Row, at: int) -> Votes:
    """Return the table of VOTES: `text` starts at number `line`, and the vote stands in column `at`.

    Nearly all files have no quotes here, and every row as wide as the header. Such a text is one list
    of cells with a line end after each row, and a column is every so manieth of them.
    """
    if '"' in text:
        return _tidied(list(_rows(_reader(text), line)), columns, at)
    body = (text.replace("\r\n", "\n") if "\r" in text else text).rstrip("\n")
    rows, width = body.count("\n") + 1, len(columns) + 1
    cells = body.replace("\n", ";\n;").split(";")
    cells.append("\n")
    if len(cells) == rows * width and cells[width - 1 :: width] == ["\n"] * rows:
        found = tuple(cells[n::width] for n in range(len(columns)))
        if _all_say(found, at):
            return Votes(found, range(line, line + rows))
    split = [each.split(";") for each in body.split("\n")]
    return _tidied(list(enumerate(split, line)), columns, at)


def _all_say(columns: Sequence[Sequence[str]], at: int) -> bool:
    """Return whether every row without a vote is a ballot all the same, and no title or empty row."""
    votes, others = columns[at], columns[1:]
    return all(votes) or all(
        vote or any(clean(column[n]) for column in others) for n, vote in enumerate(votes)
    )


def _tidied(numbered: Sequence[Numbered], columns: Row, at: int) -> Votes:
    """Return the rows that say something, each as wide as the header."""
    lines, rows = [], []
    for line, cells in numbered:
        if title := _title(cells):
            raise RepeatedSection(line=line, section=title)
        if any(map(clean, cells)):
            lines.append(line)
            rows.append(_fitted(line, cells, columns, [at]))
    return Votes.of(rows, len(columns), lines)
