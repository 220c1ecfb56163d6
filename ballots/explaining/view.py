"""PURE. What a result page shows of an outcome: finished sentences, rows, tables, money.

`ballots/explain.py` makes a `Result`; a page (`templates/ballots/_outcome.html`) and the command line
(`ballots/explaining/text.py`) draw it. Nothing here is counted or translated any more.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What became of an option."""

    WON = "won"
    PART = "part"
    LOT = "lot"  # a lot still has to decide about it
    LOST = "lost"
    NONE = "none"  # nothing is won or lost by it, as with blanco


@dataclass(frozen=True)
class Row:
    """One option in the chart, which is a table too.

    `place` is its number in the order of counting, None where it has none. `group` names its theme or place
    where those have a limit. `score` is the number and
    `scored` the same in words; `cost` and `given` are money in words, empty where there is none.
    `bar` is 0 to 100. `why` says in a sentence or two why it won or not; `more` what stands
    behind that, and is folded away on a page.
    """

    id: str
    place: int | None
    label: str
    group: str
    cost: str
    given: str
    score: str
    scored: str
    bar: int
    state: State
    verdict: str
    why: tuple[str, ...]
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cell:
    """A cell of a table; `strong` where it holds what decided."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Table:
    """A table: a heading for each column, and rows of which the first cell is the row's heading."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Chapter:
    """A part of the course of the count: sentences, and a table where numbers say it better.

    `folded`: not needed to understand the outcome; a page shows it when asked.
    """

    heading: str
    sentences: tuple[str, ...] = ()
    table: Table | None = None
    folded: bool = False


@dataclass(frozen=True)
class MoneyLine:
    """One line of the account; `kind` is "", `minus` or `total`."""

    label: str
    amount: str
    kind: str = ""


@dataclass(frozen=True)
class Result:
    """An outcome as people read it. What is empty does not apply.

    `how` tells the rule in short paragraphs under `how_head`, and `example` two cases of it. `left_why`
    says why money is left. `score_head` names the numbers of the rows; `decided`: whether a rule chose at all.
    """

    headline: str
    turnout: str
    blank: str
    how_head: str
    how: tuple[str, ...]
    example: tuple[str, ...]
    caption: str
    score_head: str
    rows: tuple[Row, ...]
    money: tuple[MoneyLine, ...]
    left_why: tuple[str, ...]
    caps: Table | None
    channels: Chapter | None
    course: tuple[Chapter, ...]
    lots: tuple[str, ...]

    @property
    def decided(self) -> bool:
        """Return whether any row has a verdict."""
        return any(row.verdict for row in self.rows)
