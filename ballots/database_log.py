"""Verb: ask PostgreSQL whether it keeps what it is told: a log of statements would tie letters to votes.

SQLite keeps no such log. What a superuser may change while a poll runs is asked again at every new connection.
"""

from collections.abc import Callable, Mapping

from sqlalchemy import text
from sqlalchemy.engine import Connection

from ballots.refusals import StatementsLogged


def _off(value: str) -> bool:
    return value in ("off", "none", "", "0")


def _never(value: str) -> bool:
    return value == "-1"


# Each setting that can put a statement, or the values in it, in the log: when it does not, and what to set instead.
QUIET: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "log_statement": (lambda value: value in ("none", "ddl"), "none"),
    "log_min_duration_statement": (_never, "-1"),
    "log_min_duration_sample": (_never, "-1"),
    "log_transaction_sample_rate": (lambda value: float(value) == 0, "0"),
    "log_min_error_statement": (lambda value: value in ("fatal", "panic"), "panic"),
    "log_parameter_max_length_on_error": (_off, "0"),
    "debug_print_parse": (_off, "off"),
    "debug_print_rewritten": (_off, "off"),
    "debug_print_plan": (_off, "off"),
}
# Extensions that keep statements; some with their values.
KEEPS = ("auto_explain", "pgaudit", "pg_stat_monitor")


def wrong(connection: Connection) -> list[str]:
    """Return each setting that must change, as the statement that changes it; none on SQLite."""
    if connection.dialect.name != "postgresql":
        return []
    rows = connection.execute(
        text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)"),
        {"names": [*QUIET, "shared_preload_libraries", "session_preload_libraries"]},
    )
    found: dict[str, str] = {row.name: row.setting for row in rows}
    changes = [
        f"ALTER SYSTEM SET {name} = '{instead}'"
        for name, (quiet, instead) in QUIET.items()
        if name in found and not quiet(found[name])
    ]
    for name in ("shared_preload_libraries", "session_preload_libraries"):
        if kept := [each for each in KEEPS if each in found.get(name, "")]:
            changes.append(f"{name} zonder {', '.join(kept)}")
    return changes


def demand_quiet(connection: Connection) -> None:
    """Return when nothing is logged. Raises StatementsLogged, which names what must change."""
    if changes := wrong(connection):
        raise StatementsLogged(changes="; ".join(changes))
