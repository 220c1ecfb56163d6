"""PURE. Pabulib's `.pb` files: the field's exchange format for participatory budgets, in and out.

A file has three sections: META (`key;value`), PROJECTS and VOTES, each a table with semicolons and
standard CSV quoting (https://pabulib.org/format). `read` keeps everything, `write` writes it again,
and the last functions say what the file asks of a paper (`live_question`) and of a count
(`options`, `greedy_rule`, `ballots`). Money is exact; the `comment` of a file is never interpreted.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from io import StringIO

from ballots.counting.greedy import GreedyRule, Leftover
from ballots.paper import Kind, Money, Option, Question
from ballots.refusals import Refusal
from ballots.words import N_


class PbError(Refusal):
    """The file is not a readable `.pb` file; the sentence names the line where there is one."""


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


class MissingColumn(PbError):
    text = N_("In de kop van %(section)s op regel %(line)d ontbreekt de kolom %(column)s.")


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


class NotMoney(PbError):
    text = N_("“%(given)s” op regel %(line)d is geen bedrag (%(what)s).")


class NegativeMoney(PbError):
    text = N_("Het bedrag %(given)s op regel %(line)d is kleiner dan nul (%(what)s).")


class UnknownProject(PbError):
    text = N_("De stem op regel %(line)d noemt project %(id)s, maar dat project staat niet in het bestand.")


class NoBudget(PbError):
    text = N_("In het deel META, tot en met regel %(line)d, ontbreekt het budget (budget).")


class NoVoteType(PbError):
    text = N_("In het deel META, tot en met regel %(line)d, ontbreekt hoe er is gestemd (vote_type).")


class TwoValues(PbError):
    text = N_("De sleutel %(key)s op regel %(line)d staat al eerder in het bestand, met een andere waarde.")


class UnequalNames(PbError):
    text = N_("Op regel %(line)d staan %(values)d waarden voor %(key)s, maar er zijn %(names)d namen.")


class ComesLater(Refusal):
    """The file is in order, but of a kind this house cannot count or rehearse yet."""

    text = N_("Deze soort stemming (%(what)s) kan Wijkstem nog niet tellen; dat komt later.")


class NotOnPaper(Refusal):
    """The file can be counted, but its limits or ids cannot be put on a live paper."""

    text = N_("Met dit bestand kan nog geen echte stemming worden nagespeeld: %(what)s.")


# -- the file ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Project:
    """A row of PROJECTS: `cells` are its columns as they stand in the file; `line` is where."""

    id: str
    cost: Money
    cells: tuple[str, ...]
    line: int = field(compare=False)


@dataclass(frozen=True)
class Vote:
    """A row of VOTES: the ids in the order of the file, as often as they stand there."""

    chosen: tuple[str, ...]
    cells: tuple[str, ...]
    line: int = field(compare=False)


@dataclass(frozen=True)
class Meta:
    """One `key;value` of META."""

    key: str
    value: str
    line: int = field(compare=False)


@dataclass(frozen=True)
class PbFile:
    """A whole file, in order and with every key and column, known or not."""

    entries: tuple[Meta, ...]
    project_columns: tuple[str, ...]
    projects: tuple[Project, ...]
    vote_columns: tuple[str, ...]
    votes: tuple[Vote, ...]

    @cached_property
    def meta(self) -> Mapping[str, str]:
        """The values of META by lower-case key; of a repeated key the first."""
        return {entry.key.lower(): entry.value for entry in reversed(self.entries)}

    def line_of(self, key: str) -> int:
        """Return the line where `key` stands; the last line of META when it is absent."""
        return next((entry.line for entry in self.entries if entry.key.lower() == key), self.last_line)

    @property
    def last_line(self) -> int:
        """The line of the last key of META."""
        return max((entry.line for entry in self.entries), default=1)

    def column(self, name: str) -> dict[str, str] | None:
        """Return a column of PROJECTS by project id, or None where the file has no such column."""
        n = _at(self.project_columns, name)
        return None if n is None else {project.id: project.cells[n] for project in self.projects}


Row = tuple[int, list[str]]  # line number, cells


def read(source: str | bytes) -> PbFile:
    """Return the `.pb` file in this text (or UTF-8 bytes, with or without BOM); raises PbError."""
    rows = _rows(_text(source))
    line, first = next(rows, (0, []))
    if not line:
        raise Empty
    if _section(first) != "META":
        raise WrongHeader(line=line, expected="META")

    found: dict[str, tuple[int, list[Row]]] = {"META": (line, [])}
    here = "META"
    for line, cells in rows:
        section = _section(cells)
        if section:
            if section != {"META": "PROJECTS", "PROJECTS": "VOTES"}.get(here):
                raise RepeatedSection(line=line, section=section)
            here = section
            found[here] = (line, [])
        else:
            found[here][1].append((line, cells))
    for section in ("PROJECTS", "VOTES"):
        if section not in found:
            raise MissingSection(line=line, section=section)

    entries = _meta(*found["META"])
    project_columns, projects = _projects(*found["PROJECTS"])
    vote_columns, votes = _votes(*found["VOTES"], known={project.id for project in projects})
    return PbFile(entries, project_columns, projects, vote_columns, votes)


def write(pb: PbFile) -> str:
    """Return the file as text: `read(write(pb)) == pb`. Lines end in CRLF, as Pabulib's own do."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([("META",), ("key", "value")])
    writer.writerows((entry.key, entry.value) for entry in pb.entries)
    writer.writerows([("PROJECTS",), pb.project_columns])
    writer.writerows(project.cells for project in pb.projects)
    writer.writerows([("VOTES",), pb.vote_columns])
    writer.writerows(vote.cells for vote in pb.votes)
    return out.getvalue()


_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_END = "\x1e"  # a control character, so never in a text that passed `_text`


def _text(source: str | bytes) -> str:
    try:
        text = source if isinstance(source, str) else source.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotUtf8(line=error.object.count(b"\n", 0, error.start) + 1) from None
    text = text.removeprefix("\ufeff")
    if junk := _CONTROL.search(text):
        raise NotText(line=text.count("\n", 0, junk.start()) + 1)
    return text


def _rows(text: str) -> Iterator[Row]:
    """Yield the rows that say something, each with the number of the line it starts on.

    A last row of our own shows whether a quote is still open: it would disappear into it.
    """
    reader = csv.reader(StringIO(f"{text}\n{_END}", newline=""), delimiter=";", skipinitialspace=True)
    line = 1
    while True:
        try:
            cells = [cell.strip(" \t\r\n\ufeff\u00a0") for cell in next(reader)]
        except (csv.Error, StopIteration):  # a quote left open fills a cell until it bursts
            raise OpenQuote(line=line) from None
        if cells == [_END]:
            return
        if any(_END in cell for cell in cells):
            raise OpenQuote(line=line)
        if any(cells):
            yield line, cells
        line = reader.line_num + 1


def _section(cells: list[str]) -> str:
    """Return META, PROJECTS or VOTES when this row is such a title, else the empty string."""
    title = cells[0].upper()
    return title if title in ("META", "PROJECTS", "VOTES") and not any(cells[1:]) else ""


DECIDES = ("budget", "vote_type", "rule", "leftover_budget", "categories", "budget_per_category")


def _meta(start: int, rows: list[Row]) -> tuple[Meta, ...]:
    """Return the entries of META. Keys before the header `key;value` are read as keys all the same."""
    header = next((n for n, (_, cells) in enumerate(rows) if _is_key_value(cells)), None)
    if header is None:
        raise WrongHeader(line=rows[0][0] if rows else start + 1, expected="key;value")
    entries = []
    for line, (key, *values) in rows[:header] + rows[header + 1 :]:
        entries.append(Meta(key, ";".join(_trimmed(values)), line))
    first: dict[str, str] = {}
    for entry in entries:
        key = entry.key.lower()
        if first.setdefault(key, entry.value) != entry.value and key in DECIDES:
            raise TwoValues(line=entry.line, key=entry.key)
    return tuple(entries)


def _is_key_value(cells: list[str]) -> bool:
    return [name.lower() for name in _trimmed(cells)] == ["key", "value"]


def _trimmed(cells: list[str], least: int = 0) -> list[str]:
    """Return the cells without the empty ones a spreadsheet leaves at the end; at least so many stay."""
    end = len(cells)
    while end > least and not cells[end - 1]:
        end -= 1
    return cells[:end]


def _at(columns: tuple[str, ...], name: str) -> int | None:
    """Return where a column stands, or None; capitals make no difference."""
    return next((n for n, column in enumerate(columns) if column.lower() == name), None)


def _columns(
    section: str, start: int, rows: list[Row], needed: tuple[str, ...]
) -> tuple[tuple[str, ...], list[int]]:
    """Return the columns of a section, and where the needed ones stand."""
    if not rows:
        raise MissingSection(line=start, section=section)
    line, cells = rows[0]
    columns = tuple(_trimmed(cells))
    places = []
    for name in needed:
        n = _at(columns, name)
        if n is None:
            raise MissingColumn(line=line, section=section, column=name)
        places.append(n)
    return columns, places


def _cells(row: Row, columns: tuple[str, ...], needed: list[int]) -> tuple[str, ...]:
    """Return the cells of a row, one a column. More cells than columns are kept behind them."""
    line, cells = row
    for n in needed:
        if n >= len(cells):
            raise ShortRow(line=line, column=columns[n])
    return tuple(_trimmed(cells + [""] * (len(columns) - len(cells)), len(columns)))


def _projects(start: int, rows: list[Row]) -> tuple[tuple[str, ...], tuple[Project, ...]]:
    columns, needed = _columns("PROJECTS", start, rows, ("project_id", "cost"))
    if len(rows) == 1:
        raise NoProjects(line=rows[0][0])
    projects: dict[str, Project] = {}
    for row in rows[1:]:
        line, cells = row[0], _cells(row, columns, needed)
        id, cost = (cells[n] for n in needed)
        if not id:
            raise NoId(line=line)
        if id in projects:
            raise RepeatedProject(line=line, id=id, first=projects[id].line)
        projects[id] = Project(id, money(cost, line, "cost"), cells, line)
    return columns, tuple(projects.values())


def _votes(start: int, rows: list[Row], known: set[str]) -> tuple[tuple[str, ...], tuple[Vote, ...]]:
    columns, needed = _columns("VOTES", start, rows, ("vote",))
    votes = []
    for row in rows[1:]:
        line, cells = row[0], _cells(row, columns, needed)
        chosen = tuple(id.strip() for id in cells[needed[0]].split(",") if id.strip())
        for id in chosen:
            if id not in known:
                raise UnknownProject(line=line, id=id)
        votes.append(Vote(chosen, cells, line))
    return columns, tuple(votes)


_MONEY = re.compile(r"[+-]?(?:[0-9]{1,30}(?:[.,][0-9]{0,30})?|[.,][0-9]{1,30})(?:[eE][+-]?[0-9]{1,2})?")


def money(text: str, line: int, what: str) -> Money:
    """Return an amount exactly, with a decimal point or a decimal comma; whole amounts as int.

    Raises NotMoney or NegativeMoney, naming the line and what the amount is of.
    """
    if not _MONEY.fullmatch(text):
        raise NotMoney(given=text[:40], line=line, what=what)
    value = Fraction(text.replace(",", "."))
    if value < 0:
        raise NegativeMoney(given=text[:40], line=line, what=what)
    return int(value) if value.denominator == 1 else value


# -- what the file asks ------------------------------------------------------------------------------


def vote_type(pb: PbFile) -> str:
    """Return `approval` or `choose-1`. Raises ComesLater for another kind, PbError where it is absent."""
    kind = pb.meta.get("vote_type", "").lower()
    if not kind:
        raise NoVoteType(line=pb.last_line)
    if kind not in ("approval", "choose-1"):
        raise ComesLater(what=kind)
    return kind


def rule_is_known(pb: PbFile) -> bool:
    """Return whether the file names its rule. Raises ComesLater for a rule other than `greedy`."""
    rule = pb.meta.get("rule", "").lower()
    if rule in ("", "unknown"):
        return False
    if rule != "greedy":
        raise ComesLater(what=rule)
    if pb.meta.get("min_project_score_threshold"):
        raise ComesLater(what="greedy, min_project_score_threshold")
    return True


def ballots(pb: PbFile) -> list[tuple[str, ...]]:
    """Return the ids on every ballot, in the order of the file and as often as they stand there."""
    return [vote.chosen for vote in pb.votes]


def options(pb: PbFile) -> tuple[Option, ...]:
    """Return the projects as options, in the order of the file; costs in the file's own unit."""
    names = pb.column("name") or {}
    themes = pb.column("category") or {}
    places = pb.column("neighborhood") or pb.column("neighbourhood") or {}
    return tuple(
        Option(p.id, names.get(p.id) or p.id, p.cost, themes.get(p.id, ""), places.get(p.id, ""))
        for p in pb.projects
    )


def budget(pb: PbFile) -> Money:
    """Return the budget in the file's unit. Raises PbError where it is absent or no amount."""
    if "budget" not in pb.meta:
        raise NoBudget(line=pb.last_line)
    return money(pb.meta["budget"], pb.line_of("budget"), "budget")


def greedy_rule(pb: PbFile) -> GreedyRule:
    """Return how the file divides its budget, money in the file's unit.

    The format has no tie order, so none is assumed: equal is equal.
    """
    return GreedyRule(
        budget=budget(pb),
        theme_caps=_per_name(pb, "budget_per_category", THEMES),
        place_caps=_per_name(pb, "budget_per_neighborhood", PLACES)
        or _per_name(pb, "budget_per_neighbourhood", PLACES),
        leftover=leftover(pb) or Leftover.NONE,
        tie_order=(),
    )


def leftover(pb: PbFile) -> Leftover | None:
    """Return what the file does with left-over money; None where it says something not known here."""
    text = pb.meta.get("leftover_budget", "").lower()
    if not text:
        return Leftover.NONE
    if text.startswith("fund additional project"):
        return Leftover.MORE
    if text.startswith("partially fund one"):
        return Leftover.PART
    return None


THEMES = (("categories",), "category")  # keys that name them, column that holds them
PLACES = (("neighborhoods", "neighbourhoods"), "neighborhood")


def _per_name(pb: PbFile, key: str, names_of: tuple[tuple[str, ...], str]) -> dict[str, Money]:
    """Return an amount per theme or place: the file gives one value for all, or one per name."""
    given = pb.meta.get(key, "")
    if not given:
        return {}
    line = pb.line_of(key)
    values = [money(value.strip(), line, key) for value in given.split(",")]
    keys, column = names_of
    listed = next((pb.meta[name] for name in keys if pb.meta.get(name)), "")
    names = [name.strip() for name in listed.split(",") if name.strip()]
    if not names:
        found = (pb.column(column) or {}).values()
        names = list(dict.fromkeys(name for name in found if name))
    if len(values) == 1:
        values = values * len(names)
    if len(values) != len(names):
        raise UnequalNames(line=line, key=key, values=len(values), names=len(names))
    return dict(zip(names, values, strict=True))


@dataclass(frozen=True)
class Limit:
    """A limit a file sets on a ballot, for all its projects or (`names`) per theme."""

    key: str
    least: bool  # a least number, else a most
    of_money: bool  # of the sum of costs, else of the number of projects
    amounts: Mapping[str, Money]  # by theme; for the whole ballot under the empty name


def limits(pb: PbFile) -> tuple[list[Limit], list[str]]:
    """Return the limits the file sets on a ballot, and the keys of those that cannot be understood."""
    found, unclear = [], []
    for key in (
        "min_length",
        "max_length",
        "min_sum_cost",
        "max_sum_cost",
        "min_length_per_category",
        "max_length_per_category",
        "min_sum_cost_per_category",
        "max_sum_cost_per_category",
    ):
        try:
            if not pb.meta.get(key):
                continue
            if key.endswith("_per_category"):
                amounts = _per_name(pb, key, THEMES)
            else:
                amounts = {"": money(pb.meta[key], pb.line_of(key), key)}
            found.append(Limit(key, key.startswith("min"), "_sum_cost" in key, amounts))
        except PbError:
            unclear.append(key)
    return found, unclear


# -- on a live paper ---------------------------------------------------------------------------------


def live_question(pb: PbFile) -> Question:
    """Return the file's question as a live paper, money in cents.

    choose-1 is CHOOSE_ONE; `max_sum_cost` makes a BASKET; else it is APPROVE, with `min_length`
    (1 where absent) and `max_length` (all projects where absent). Raises ComesLater for another
    kind of vote and NotOnPaper for what a paper cannot hold yet: limits per theme, a least amount,
    ids with other characters, amounts finer than a cent.
    """
    kind = vote_type(pb)
    on_paper = tuple(_in_cents(option) for option in options(pb))
    bounds = {"min_length": 1, "max_length": len(on_paper)}
    spend = None
    found, unclear = limits(pb)
    for limit in found:
        if limit.key in bounds and limit.amounts[""].denominator == 1:
            bounds[limit.key] = int(limit.amounts[""])
        elif limit.key == "max_sum_cost":
            spend = _cents(limit.amounts[""])
        elif limit.key not in bounds and limit.least and not any(limit.amounts.values()):
            continue  # a least of nothing is no limit
        else:
            unclear.append(limit.key)
    if unclear:
        raise NotOnPaper(what=unclear[0])
    if kind == "choose-1":
        paper, least, most, spend = Kind.CHOOSE_ONE, 1, 1, None
    else:
        paper = Kind.APPROVE if spend is None else Kind.BASKET
        least, most = bounds["min_length"], min(bounds["max_length"], len(on_paper))
    try:
        return Question(pb.meta.get("description") or "Pabulib", paper, on_paper, least, most, spend)
    except ValueError as error:
        raise NotOnPaper(what=str(error)) from None


def live_rule(pb: PbFile) -> GreedyRule:
    """Return the file's rule for a live poll: as `greedy_rule`, money in cents.

    Raises ComesLater for another rule, also where the file does not name its rule.
    """
    if not rule_is_known(pb):
        raise ComesLater(what="rule;unknown")
    rule = greedy_rule(pb)
    return replace(
        rule,
        budget=_cents(rule.budget),
        theme_caps={name: _cents(cap) for name, cap in rule.theme_caps.items()},
        place_caps={name: _cents(cap) for name, cap in rule.place_caps.items()},
    )


def _in_cents(option: Option) -> Option:
    return replace(option, cost=_cents(option.cost))


def _cents(amount: Money) -> int:
    cents = amount * 100
    if cents.denominator != 1:
        raise NotOnPaper(what=N_("een bedrag is fijner dan een cent"))
    return int(cents)
