"""Verb: see that the database writes nobody's vote in its own log.

A line with a statement and its values would say which letter came with which envelope, in the order of arrival,
long after both were counted. SQLite has no such log. PostgreSQL has several: what our own connection may set is
set in `ballots/database.py`; the rest belongs to whoever runs the server, and is looked at here. An error in that
log is no trouble: of a statement that fails it holds the text, in which every value is a `$1`. Nor is
pg_stat_statements, which keeps the same text.
"""

from collections.abc import Callable, Mapping
from time import monotonic
from weakref import WeakKeyDictionary

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

from ballots.database import AnySession
from ballots.refusals import StatementsLogged

OFTEN = 60  # seconds; whoever turns a log on while people vote is noticed within this time

Quiet = Callable[[str], bool]


def _is(*values: str) -> Quiet:
    return lambda value: value in values


def _none(value: str) -> bool:
    return float(value) == 0


# Each setting by which a statement or its values are kept: when it is quiet, and the value that makes it so.
SETTINGS: Mapping[str, tuple[Quiet, str]] = {
    "log_statement": (_is("none", "ddl"), "none"),
    "log_min_duration_statement": (_is("-1"), "-1"),
    "log_min_duration_sample": (_is("-1"), "-1"),  # with log_statement_sample_rate, which matters to it alone
    "log_transaction_sample_rate": (_none, "0"),
    "log_parameter_max_length_on_error": (_is("0"), "0"),  # the values beside the text of what failed
    "debug_print_parse": (_is("off"), "off"),
    "debug_print_rewritten": (_is("off"), "off"),
    "debug_print_plan": (_is("off"), "off"),
    "auto_explain.log_min_duration": (_is("-1"), "-1"),  # there when that library is loaded, and so on
    "pgaudit.log": (_is("none"), "none"),
}


def loud(settings: Mapping[str, str]) -> list[str]:
    """Return which of these settings (as `pg_settings` shows them, by name) keep statements or values."""
    return [name for name, (quiet, _) in SETTINGS.items() if name in settings and not quiet(settings[name])]


def quiet(session: AnySession) -> list[str]:
    """Return what has to be run, by an administrator of the database, before it keeps no statement; or nothing.

    One command a setting, that counts for our own user in our own database only, and above what is set for the
    whole server. What counts is what this connection has: commands show in the next one.
    """
    return _commands(session.connection())


def check(session: AnySession) -> None:
    """Return when the database keeps no statement. Raises StatementsLogged, which says what to run."""
    _refuse(session.connection())


_looked: WeakKeyDictionary[Engine, float] = WeakKeyDictionary()  # when it was quiet last, by a clock of ours


def check_often(connection: Connection) -> None:
    """Do the same, without asking again within a minute: for whoever does it at every vote."""
    if (
        connection.dialect.name == "postgresql"
        and monotonic() > _looked.get(connection.engine, -OFTEN) + OFTEN
    ):
        _refuse(connection)
        _looked[connection.engine] = monotonic()


def _refuse(connection: Connection) -> None:
    if commands := _commands(connection):
        raise StatementsLogged(commands=" ".join(f"{command};" for command in commands))


def _commands(connection: Connection) -> list[str]:
    if connection.dialect.name != "postgresql":
        return []
    query = text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)")
    rows = connection.execute(query, {"names": list(SETTINGS)})
    found = loud({row.name: row.setting for row in rows})
    if not found:
        return []
    us = text("SELECT quote_ident(current_user), quote_ident(current_database())")
    user, database = connection.execute(us).one()
    return [f"ALTER ROLE {user} IN DATABASE {database} SET {name} = '{SETTINGS[name][1]}'" for name in found]
