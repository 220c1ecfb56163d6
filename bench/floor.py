"""The floor under casting: a Flask view that does nothing but the two inserts, many in one durable commit.

No form, no code, no seal, no receipt: what is sent is written, under keys of random bytes. Never slow this down;
`bench/casting.py` measures casting beside it, on SQLite and on PostgreSQL.
"""

import os
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue

import psycopg
from flask import Flask, request

MOST = 256  # in one commit, as ballots/turnstile.py

DURABLE = ("journal_mode=WAL", "synchronous=FULL")
TABLES = (
    "CREATE TABLE IF NOT EXISTS redemption (poll BLOB, h BLOB, p BLOB, channel TEXT, PRIMARY KEY (poll, h))",
    "CREATE TABLE IF NOT EXISTS inbox (poll BLOB, id BLOB, question INTEGER, tag BLOB, sealed BLOB, "
    "PRIMARY KEY (poll, id), UNIQUE (poll, question, tag))",
)
INSERTS = ("INSERT INTO redemption VALUES (?, ?, ?, 'web')", "INSERT INTO inbox VALUES (?, ?, 1, ?, ?)")
POLL = bytes(16)

Rows = tuple[tuple[bytes, ...], tuple[bytes, ...]]
Write = Callable[[list[Rows]], None]


def rows(sealed: bytes) -> Rows:
    """Return a row for each of the two tables."""
    return (POLL, os.urandom(32), os.urandom(32)), (POLL, os.urandom(16), os.urandom(16), sealed)


def opened(address: str) -> Write:
    """Make the tables in this database, and return what writes votes there in one durable commit.

    `address` is that of a PostgreSQL database, or the path of a file for SQLite.
    """
    return _postgresql(address) if address.startswith("postgresql:") else _sqlite(address)


def _sqlite(path: str) -> Write:
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in DURABLE:
        database.execute(f"PRAGMA {pragma}")
    for table in TABLES:
        database.execute(f"{table} WITHOUT ROWID")

    def write(votes: list[Rows]) -> None:
        database.execute("BEGIN IMMEDIATE")
        for statement, some in zip(INSERTS, zip(*votes, strict=True), strict=True):
            database.executemany(statement, some)
        database.execute("COMMIT")

    return write


def _postgresql(address: str) -> Write:
    database = psycopg.connect(address)
    for table in TABLES:
        database.execute(table.replace("BLOB", "BYTEA").encode())
    database.commit()

    def write(votes: list[Rows]) -> None:
        with database.cursor() as cursor:
            for statement, some in zip(INSERTS, zip(*votes, strict=True), strict=True):
                cursor.executemany(statement.replace("?", "%s").encode(), some)
        database.commit()

    return write


def create_app() -> Flask:
    """Return the floor on the database FLOOR_DATABASE."""
    app = Flask(__name__)
    arrived: SimpleQueue[tuple[Rows, Future[None]]] = SimpleQueue()
    write = opened(os.environ["FLOOR_DATABASE"])

    def pen() -> None:
        while True:
            batch = [arrived.get()]
            while not arrived.empty() and len(batch) < MOST:
                batch.append(arrived.get())
            write([vote for vote, _ in batch])
            for _, written in batch:
                written.set_result(None)

    threading.Thread(target=pen, daemon=True).start()

    @app.post("/s/stem")
    def cast() -> tuple[str, int]:
        written: Future[None] = Future()
        arrived.put((rows(request.get_data()), written))
        written.result()
        return "", 303

    @app.get("/s")
    def there() -> str:
        return ""

    return app
