"""What the tests of trust share: a look at every row there is, and a paper with more than one question."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from ballots.counting.greedy import GreedyRule, Leftover
from ballots.definition import Terms
from ballots.paper import Kind, Option, Question
from tests.conftest import yes_no

GREEDY = GreedyRule(
    budget=100_00, theme_caps={}, place_caps={}, leftover=Leftover.NONE, tie_order=("lower-cost",)
)
PLANS = (
    Option("bomen", "Bomen & banken", 40_00),
    Option("plein-7", "Een <script>alert(1)</script> plein", 60_00),
    Option("x", "حديقة", 30_00),
)


def dump(path: Path) -> dict[str, list[str]]:
    """Return every row of every table of an SQLite database, and its schema."""
    with closing(sqlite3.connect(path)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: sorted(map(repr, database.execute(f'SELECT * FROM "{name}"'))) for name in tables}
        return rows | {"sqlite_master": sorted(map(repr, database.execute("SELECT * FROM sqlite_master")))}


def added(before: dict[str, list[str]], after: dict[str, list[str]]) -> dict[str, int]:
    """Return how many rows each table gained; raise when a row went or changed."""
    for table, rows in before.items():
        assert not set(rows) - set(after[table]), f"{table}: a row is gone"
    return {
        table: len(rows) - len(before.get(table, []))
        for table, rows in after.items()
        if rows != before.get(table)
    }


def approve(questions: int = 1, least: int = 1, most: int = 2) -> Terms:
    """Return terms of an open poll with this many questions to approve plans."""
    question = Question("Welke plannen?", Kind.APPROVE, PLANS, least, most)
    return replace(yes_no(), questions=(question,) * questions, rule=GREEDY)
