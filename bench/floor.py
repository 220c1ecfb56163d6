"""The floor under casting: a Flask view that does nothing but the two inserts, many in one durable commit.

No form, no code, no seal, no receipt: what is sent is written, under keys of random bytes. Never slow this down;
`bench/casting.py` measures casting beside it.
"""

import os
import sqlite3
import threading
from concurrent.futures import Future
from queue import SimpleQueue

from flask import Flask, request

MOST = 256  # in one commit, as ballots/turnstile.py

DURABLE = ("journal_mode=WAL", "synchronous=FULL")
TABLES = (
    "CREATE TABLE redemption (poll BLOB, h BLOB, p BLOB, channel TEXT, PRIMARY KEY (poll, h)) WITHOUT ROWID",
    "CREATE TABLE inbox (poll BLOB, id BLOB, question INTEGER, tag BLOB, sealed BLOB, PRIMARY KEY (poll, id), "
    "UNIQUE (poll, question, tag)) WITHOUT ROWID",
)
INSERTS = ("INSERT INTO redemption VALUES (?, ?, ?, 'web')", "INSERT INTO inbox VALUES (?, ?, 1, ?, ?)")
POLL = bytes(16)

Rows = tuple[tuple[bytes, ...], tuple[bytes, ...]]


def connect(path: str) -> sqlite3.Connection:
    """Open a database in which every commit is on disk before the answer."""
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in DURABLE:
        database.execute(f"PRAGMA {pragma}")
    return database


def rows(sealed: bytes) -> Rows:
    """Return a row for each of the two tables."""
    return (POLL, os.urandom(32), os.urandom(32)), (POLL, os.urandom(16), os.urandom(16), sealed)


def write(database: sqlite3.Connection, votes: list[Rows]) -> None:
    """Write these in one durable commit."""
    database.execute("BEGIN IMMEDIATE")
    for statement, some in zip(INSERTS, zip(*votes, strict=True), strict=True):
        database.executemany(statement, some)
    database.execute("COMMIT")


def create_app() -> Flask:
    """Return the floor on the database FLOOR_DATABASE."""
    app = Flask(__name__)
    arrived: SimpleQueue[tuple[Rows, Future[None]]] = SimpleQueue()
    database = connect(os.environ["FLOOR_DATABASE"])

    def pen() -> None:
        while True:
            batch = [arrived.get()]
            while not arrived.empty() and len(batch) < MOST:
                batch.append(arrived.get())
            write(database, [vote for vote, _ in batch])
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
