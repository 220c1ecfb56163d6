"""The wiring of the database: one base class, one way to write, and nothing promised before it is on disk.

SQLite is embedded, and who writes there is alone. On PostgreSQL locks do what that does by itself.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, MetaData, event, text
from sqlalchemy.engine import Connection, Engine, ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

AnySession = Session | scoped_session[Any]


class Base(DeclarativeBase):
    """The base of every table of the house."""

    metadata = MetaData(naming_convention=NAMES)


db = SQLAlchemy(model_class=Base)


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite keeps no zone, so it goes in and comes out as UTC."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


@contextmanager
def writing(session: AnySession, alone: bool = True) -> Iterator[None]:
    """One verb, one transaction: take the write lock first, commit at the end, undo everything on an error.

    Inside another `writing` it joins that one. The read snapshot the session may hold is left first:
    SQLite cannot promote it, and what was checked before the lock must be read again under it.
    Not `alone`, on a database that can write many things at once, it takes no lock: `poll_lock` does.
    """
    if session.info.get("writing"):
        yield
        return
    session.rollback()
    connection = session.connection(execution_options={"write": True})
    if alone and connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _key(b"wijkstem")})
    session.info["writing"] = True
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("writing", None)


def leave(session: AnySession) -> None:
    """Let go of the read snapshot and its connection, before waiting for somebody else's write."""
    session.rollback()


def poll_lock(session: AnySession, poll: bytes, shared: bool) -> None:
    """Hold the lock of a poll until the end of this `writing`: voters share it, who mixes or voids does not.

    On SQLite there is nothing to do: who writes is alone there.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        take = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        connection.execute(text(f"SELECT {take}(:key)"), {"key": _key(poll)})


def _key(of: bytes) -> int:
    return int.from_bytes(hashlib.sha256(of).digest()[:8], "big", signed=True)


MOVED = ("inbox", "redemption", "leaf", "box")  # the tables that an answer and its letter went through


def wipe(session: AnySession) -> bool:
    """Write anew what answers went through after they were counted, and empty the log; say whether it could.

    The order of rows in a page and the log would tell what came with what, long after it was counted. It
    cannot while somebody else is writing for half a minute. On PostgreSQL it takes away deleted answers, not
    `xmin` (which rows were written together), nor a log that was archived: only mixing keeps a letter and an
    answer apart there.
    """
    session.rollback()
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    if engine.dialect.name == "postgresql":
        try:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as anew:
                anew.exec_driver_sql("SET lock_timeout = '30s'")
                try:
                    for table in MOVED:
                        anew.exec_driver_sql(f'VACUUM FULL "{table}"')
                finally:
                    anew.exec_driver_sql("RESET lock_timeout")
        except DBAPIError:
            return False
        return True
    raw = engine.raw_connection()
    try:
        connection: Any = raw.driver_connection
        connection.execute("VACUUM")
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    except sqlite3.OperationalError:
        return False
    finally:
        raw.close()


def url(given: str) -> str:
    """Return the address of a database as SQLAlchemy wants it: PostgreSQL by psycopg, whatever it was called."""
    for start in ("postgres://", "postgresql://"):
        if given.startswith(start):
            return "postgresql+psycopg://" + given.removeprefix(start)
    return given


# What every connection to PostgreSQL sets for itself, whatever the server was set to.
OURS = {
    "application_name": "wijkstem",
    "client_min_messages": "warning",
    "default_transaction_isolation": "read committed",  # what is read after a lock was taken must be fresh
    "synchronous_commit": "on",  # on disk before the answer
    "log_parameter_max_length_on_error": "0",
    "debug_print_parse": "off",
    "debug_print_rewritten": "off",
    "debug_print_plan": "off",
}


def prepare(engine: Engine) -> None:
    """Set up an engine: every commit on disk before the answer, and nothing that was in a row in an error.

    SQLite: WAL, deleted rows wiped. What only an administrator of PostgreSQL can set is looked at in
    `ballots/database_log.py`.
    """
    if engine.dialect.name == "postgresql":
        _prepare_postgresql(engine)
    elif engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)


def _prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: Any) -> None:
        for name, value in OURS.items():
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        connection.commit()

    @event.listens_for(engine, "handle_error")
    def terse(context: ExceptionContext) -> None:
        """Keep what went wrong, and leave out the row it went wrong with: PostgreSQL tells its values."""
        error = context.original_exception
        said = getattr(getattr(error, "diag", None), "message_primary", None)
        if said and context.sqlalchemy_exception:
            error.args = (said,)
            context.sqlalchemy_exception.args = (f"({type(error).__name__}) {said}",)


def _prepare_sqlite(engine: Engine) -> None:

    @event.listens_for(engine, "do_connect")
    def folder(dialect: Dialect, record: Any, arguments: Any, options: Any) -> None:
        if arguments[0] != ":memory:":
            path = Path(arguments[0])
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Nobody else on this machine reads along. A file that is there is left alone: closing any handle
            # of it would drop the locks of the whole process, and another one would take away its log.
            with suppress(FileExistsError):
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))

    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # we begin ourselves, below
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "secure_delete=ON",
            "foreign_keys=ON",
            "recursive_triggers=ON",  # else INSERT OR REPLACE passes the triggers that refuse DELETE
            "busy_timeout=30000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
