"""What every command shares: what goes wrong becomes one sentence and exit code 1."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app
from sqlalchemy.exc import DBAPIError, OperationalError

from ballots.database import db
from ballots.refusals import Refusal


@contextmanager
def reached() -> Iterator[None]:
    """Turn a database that is full, or cannot be reached, into one sentence, and leave everything else as it is."""
    if problem := current_app.config.get("DATABASE_PROBLEM"):
        raise click.ClickException(problem)
    try:
        yield
    except OperationalError as error:
        if _full(error):
            raise click.ClickException(
                "De schijf van de database is vol. Wat al klaar was, is bewaard; de rest niet. "
                "Maak ruimte en probeer het opnieuw."
            ) from error
        if db.engine.dialect.name != "postgresql":
            raise
        reason = str(error.orig).strip().partition("\n")[0]
        raise click.ClickException(
            f"De database is niet te bereiken. Kijk of PostgreSQL draait en of DATABASE_URL klopt ({reason})."
        ) from error


def _full(error: OperationalError) -> bool:
    """Say whether there was no room: PostgreSQL and SQLite each have a code of their own for that."""
    codes = (getattr(error.orig, name, None) for name in ("sqlstate", "sqlite_errorname"))
    return not {"53100", "SQLITE_FULL"}.isdisjoint(codes)


@contextmanager
def plainly() -> Iterator[None]:
    """Turn what can go wrong in a command that uses the database into one sentence."""
    try:
        with reached():
            yield
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    except DBAPIError as error:
        raise click.ClickException(
            "De database is er niet, of is niet bijgewerkt. Doe eerst: flask db upgrade"
        ) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'Het bestand'}: {error.strerror}.") from error
