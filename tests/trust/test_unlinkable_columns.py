"""No column, key, time, counter or row order leads from a letter to a ballot."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import DateTime

from ballots import casting
from ballots.database import Moment, db
from tests.conftest import START, Held, close_poll, put

WHO = ("redemption", "letter", "print_run", "roll_entry", "roll_upload", "journal")
WHAT = ("inbox", "leaf", "box")
COLUMNS = {
    "redemption": {"poll_id", "h", "p", "channel"},
    "letter": {"h", "poll_id", "serial"},
    "inbox": {"poll_id", "id", "question", "tag", "sealed"},
    "leaf": {"poll_id", "position", "question", "control", "commitment", "sealed"},
    "box": {"poll_id", "question", "commitment", "secret", "marking"},
}


def columns(database: sqlite3.Connection, table: str) -> dict[str, str]:
    return {row[1]: row[2].upper() for row in database.execute(f'PRAGMA table_info("{table}")')}


def problems(database: sqlite3.Connection) -> list[str]:
    """Return every way in which this schema could tie a letter to a ballot."""
    found = []
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    without_rowid = {row[1]: bool(row[4]) for row in database.execute("PRAGMA table_list")}
    if "sqlite_sequence" in tables:
        found.append("a counter: AUTOINCREMENT")
    neighbours: dict[str, set[str]] = {name: set() for name in tables}
    for table in tables:
        for row in database.execute(f'PRAGMA foreign_key_list("{table}")'):
            neighbours[table].add(row[2])
            neighbours[row[2]].add(table)
    for table in WHAT:
        seen, waiting = {table, "poll"}, [table]  # the poll itself is what all have in common
        while waiting:
            for other in neighbours.get(waiting.pop(), set()) - seen:
                seen.add(other)
                waiting.append(other)
        found += [f"foreign keys lead from {who} to {table}" for who in WHO if who in seen]
        mine = columns(database, table)
        for who in WHO:
            shared = set(mine) & set(columns(database, who)) - {"poll_id"}
            if who in ("redemption", "letter") and shared:
                found.append(f"{who} and {table} share {sorted(shared)}")
    for table in ("redemption", "letter", *WHAT):
        if not without_rowid.get(table):
            found.append(f"{table} has a rowid: the order of coming in")
        for name, kind in columns(database, table).items():
            if "DATE" in kind or "TIME" in kind or name.endswith("_at"):
                found.append(f"{table}.{name} is a time")
        extra = set(columns(database, table)) - COLUMNS[table]
        if extra:
            found.append(f"{table} has columns nobody thought about: {sorted(extra)}")
    return found


@pytest.fixture
def schema(empty_database: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The schema as the migrations make it, in a database that may be spoiled."""
    with closing(sqlite3.connect(empty_database)) as real, closing(sqlite3.connect(":memory:")) as copy:
        real.backup(copy)
        yield copy


def test_nothing_leads_from_a_letter_to_a_ballot(schema: sqlite3.Connection) -> None:
    assert problems(schema) == []


def rebuilt(database: sqlite3.Connection, table: str, old: str, new: str) -> None:
    """Make a table again with its definition changed."""
    (sql,) = database.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    assert old in sql
    database.execute(f'DROP TABLE "{table}"')
    database.execute(sql.replace(old, new))


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        ("inbox", "tag BLOB", "h BLOB REFERENCES letter (h), tag BLOB", "foreign keys lead from redemption"),
        ("inbox", "tag BLOB", "h BLOB, tag BLOB", "redemption and inbox share ['h']"),
        ("inbox", "tag BLOB", "came_at DATETIME, tag BLOB", "inbox.came_at is a time"),
        ("box", "secret BLOB", "serial INTEGER, secret BLOB", "letter and box share ['serial']"),
        ("inbox", "WITHOUT ROWID", "", "inbox has a rowid"),
        ("redemption", "WITHOUT ROWID", "", "redemption has a rowid"),
        ("box", "WITHOUT ROWID", "", "box has a rowid"),
        ("redemption", "p BLOB", "nr INTEGER, p BLOB", "redemption has columns nobody thought about"),
        (
            "roll_entry",
            "position",
            "box_id BLOB REFERENCES box (commitment), position",
            "from roll_entry to box",
        ),
    ],
)
def test_weak_schemas_are_found(
    schema: sqlite3.Connection, table: str, old: str, new: str, said: str
) -> None:
    rebuilt(schema, table, old, new)
    assert any(said in problem for problem in problems(schema)), problems(schema)


def test_the_models_say_the_same_as_the_migrations() -> None:
    for table, expected in COLUMNS.items():
        model = db.metadata.tables[table]
        assert set(model.columns.keys()) == expected
        assert model.dialect_options["sqlite"]["with_rowid"] is False
        assert not any(isinstance(column.type, Moment | DateTime) for column in model.columns)
        assert all(column.autoincrement is not True for column in model.columns)


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def test_rows_lie_in_random_order(app: Flask, held: Held) -> None:
    """Read without ORDER BY, as an insider would: order of random bytes, whatever the order of voting."""
    for number, code in enumerate(held.codes):
        poll, p = casting.find(db.session, code)
        put(poll, p, [["voor"]], bytes([number]) * 32, START)
    database = Path(app.config["DATA_DIR"]) / "wijkstem.db"
    for query in ("SELECT id, sealed FROM inbox", "SELECT h, p, channel FROM redemption"):
        found = rows(database, query)
        assert found == sorted(found)
        assert len(found) == 12
    for table in ("inbox", "redemption", "leaf", "box", "letter"):
        with pytest.raises(sqlite3.OperationalError, match="rowid"):
            rows(database, f"SELECT rowid FROM {table}")
    close_poll(held.poll, held.poll.closes)
    for query in ("SELECT question, commitment FROM leaf", "SELECT question, commitment FROM box"):
        found = rows(database, query)
        assert found == sorted(found)
        assert len(found) == 12
    assert rows(database, "SELECT count(*) FROM inbox") == [(0,)]


def pieces(values: list[tuple[object, ...]], size: int = 6) -> set[bytes]:
    """Return every run of `size` bytes in these rows."""
    flat = [value for row in values for value in row if isinstance(value, bytes)]
    return {value[start : start + size] for value in flat for start in range(len(value) - size + 1)}


def test_no_value_of_a_letter_stands_in_a_ballot(app: Flask, held: Held) -> None:
    for number, code in enumerate(held.codes):
        poll, p = casting.find(db.session, code)
        put(poll, p, [["voor"]], bytes([number]) * 32, START)
    database = Path(app.config["DATA_DIR"]) / "wijkstem.db"
    who = pieces(rows(database, "SELECT h, p FROM redemption UNION ALL SELECT h, h FROM letter"))
    inbox = pieces(rows(database, "SELECT id, tag, sealed FROM inbox"))
    assert who
    assert inbox
    assert not who & inbox
    weak = pieces(
        rows(database, "SELECT id, CAST(tag || substr(h, 9, 8) AS BLOB) FROM inbox, redemption LIMIT 1")
    )
    assert weak & who  # with eight bytes of h in a ballot, the same look finds them
    close_poll(held.poll, held.poll.closes)
    what = pieces(
        rows(database, "SELECT commitment, sealed FROM leaf UNION ALL SELECT secret, secret FROM box")
    )
    assert what
    assert not who & what
    assert not inbox & what  # nor anything of an answer as it was cast in what became of it


def test_ids_of_answers_do_not_follow_the_order_of_voting(app: Flask, held: Held) -> None:
    """Twelve ids that rise or fall one after the other would be a counter (chance: two in 12!)."""
    database = Path(app.config["DATA_DIR"]) / "wijkstem.db"
    order: list[bytes] = []
    before: set[bytes] = set()
    for number, code in enumerate(held.codes):
        poll, p = casting.find(db.session, code)
        put(poll, p, [["voor"]], bytes([number]) * 32, START)
        now = {id for (id,) in rows(database, "SELECT id FROM inbox") if isinstance(id, bytes)}
        order += list(now - before)
        before = now
    rising = [one < two for one, two in pairwise(order)]
    assert len(order) == 12
    assert 0 < sum(rising) < 11
