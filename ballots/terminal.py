"""What every command shares: what goes wrong becomes one sentence and exit code 1."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app
from sqlalchemy.exc import DBAPIError

from ballots.refusals import Refusal


@contextmanager
def plainly() -> Iterator[None]:
    """Turn what can go wrong in a command that uses the database into one sentence."""
    if problem := current_app.config.get("DATABASE_PROBLEM"):
        raise click.ClickException(problem)
    try:
        yield
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    except DBAPIError as error:
        raise click.ClickException(
            "De database is er niet, of is niet bijgewerkt. Doe eerst: flask db upgrade"
        ) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'Het bestand'}: {error.strerror}.") from error
