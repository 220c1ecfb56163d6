"""A result as lines of plain text, for a command line: at most 100 columns wide."""

from collections.abc import Iterable, Sequence
from textwrap import wrap

from ballots.explaining.view import Cell, Chapter, Result, Row, Table
from ballots.explaining.words import gettext

WIDE = 100
INDENT = "  "
GAP = "  "
NARROWEST = 16  # columns for the first cell of a row; where less is left, the table is told in words


def as_text(result: Result) -> str:
    """Return a result as text."""
    parts = [
        [line for line in (result.headline, result.turnout, result.blank) if line],
        _titled(result.how_head, [*result.how, *(f"- {each}" for each in result.example)]),
        _table(_chart(result)),
        _why(result.rows),
        _account(result),
        _table(result.caps) if result.caps else [],
        *(_chapter(each) for each in (result.channels, *result.course) if each),
        _titled(gettext("Loting"), result.lots),
    ]
    text = "\n\n".join("\n".join(_wrapped(part)) for part in parts if part) + "\n"
    return text.replace("\N{NO-BREAK SPACE}", " ")  # it did its work while lines were wrapped


def _wrapped(lines: Iterable[str]) -> Iterable[str]:
    """Yield lines no wider than they may be; what is wrapped goes in as far as its line did."""
    for line in lines:
        inwards = " " * (len(line) - len(line.lstrip(" -")))
        yield from [line] if len(line) <= WIDE else wrap(line, WIDE, subsequent_indent=inwards)


def _titled(title: str, sentences: Sequence[str]) -> list[str]:
    return [title, *(INDENT + sentence for sentence in sentences)] if sentences else []


def _chart(result: Result) -> Table:
    """Return the rows of a result as a table: no bars, the verdict in words."""
    costs = any(row.cost for row in result.rows)
    head = [gettext("Keuze"), result.score_head]
    head += [gettext("Kosten")] if costs else []
    head += [gettext("Uitslag")] if result.decided else []
    rows = []
    for row in result.rows:
        label = f"{row.place}. {row.label}" if row.place else row.label
        verdict = f"{row.verdict}: {row.given}" if row.given else row.verdict
        cells = [label, row.score, *([row.cost] if costs else []), *([verdict] if result.decided else [])]
        rows.append(tuple(map(Cell, cells)))
    return Table(result.caption, tuple(head), tuple(rows))


def _why(rows: Sequence[Row]) -> list[str]:
    lines = []
    for row in rows:
        if row.why:
            facts = ", ".join(filter(None, (row.scored, row.cost, row.group)))
            lines += [
                f"{INDENT}{row.label} ({facts})",
                *(INDENT * 2 + sentence for sentence in (*row.why, *row.more)),
            ]
    return [gettext("Waarom"), *lines] if lines else []


def _account(result: Result) -> list[str]:
    lines = [(line.label, line.amount) for line in result.money]
    if not lines:
        return []
    labels, amounts = (max(map(len, column)) for column in zip(*lines, strict=True))
    return [
        gettext("Het geld"),
        *(f"{INDENT}{label:{labels}}{GAP}{amount:>{amounts}}" for label, amount in lines),
        *(INDENT + sentence for sentence in result.left_why),
    ]


def _chapter(chapter: Chapter) -> list[str]:
    table = _table(chapter.table) if chapter.table else []
    return [
        *_titled(chapter.heading, chapter.sentences),
        *([""] if table and chapter.sentences else []),
        *table,
    ]


def _table(table: Table) -> list[str]:
    """Return a table in columns, its first cells cut where they must be; or told in words."""
    texts = [table.head, *(tuple(cell.text for cell in row) for row in table.rows)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    others = sum(widths[1:]) + len(GAP) * len(widths[1:]) + len(INDENT)
    widths[0] = min(widths[0], WIDE - others)
    if widths[0] < min(NARROWEST, max(len(row[0]) for row in texts)):
        lines = [_in_words(table.head, row) for row in texts[1:]]
    else:
        lines = [_in_columns(row, widths) for row in texts]
    return [table.caption, *lines, *([INDENT + table.note] if table.note else [])]


def _in_columns(row: Sequence[str], widths: Sequence[int]) -> str:
    first = row[0] if len(row[0]) <= widths[0] else row[0][: widths[0] - 1] + "…"
    rest = [f"{text:>{width}}" for text, width in zip(row[1:], widths[1:], strict=True)]
    return INDENT + GAP.join([f"{first:{widths[0]}}", *rest])


def _in_words(head: Sequence[str], row: Sequence[str]) -> str:
    cells = [f"{name} {text}" for name, text in zip(head[1:], row[1:], strict=True)]
    return f"{INDENT}{row[0]}: {', '.join(cells)}"
