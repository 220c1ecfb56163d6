"""A PostgreSQL that keeps what it is told gets no votes: its log would tie letters to answers."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import flask_migrate
import psycopg
import pytest
from flask import Flask

from app import create_app
from ballots import codes, database_log, letters, polls, turnstile, web
from ballots.casting import Sent
from ballots.database import db
from ballots.refusals import StatementsLogged
from tests.cluster import Cluster
from tests.conftest import yes_no

NOISY = {
    "log_statement": "all",
    "log_min_duration_statement": "0",
    "log_min_duration_sample": "10",
    "log_transaction_sample_rate": "0.5",
    "log_min_error_statement": "error",
    "log_parameter_max_length_on_error": "100",
    "debug_print_plan": "on",
}


@pytest.fixture
def app(cluster: Cluster, tmp_path: Path) -> Iterator[Flask]:
    """The app on a PostgreSQL database of its own, of which the settings may be spoiled."""
    name = f"noisy_{secrets.token_hex(4)}"
    settings = {"SECRET_KEY": "x" * 40, "DATA_DIR": str(tmp_path), "TESTING": True}
    app = create_app({**settings, "DATABASE_URL": cluster.make(name)})
    with app.app_context():
        flask_migrate.upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()
    cluster.drop(name)


def spoil(cluster: Cluster, name: str, value: str) -> None:
    """Let whoever owns the database turn something on for it."""
    database = db.engine.url.database
    cluster.run(f"ALTER DATABASE \"{database}\" SET {name} = '{value}'")
    db.session.remove()
    db.engine.dispose()


@pytest.mark.parametrize("name", list(NOISY))
def test_no_poll_is_frozen_while_statements_are_logged(cluster: Cluster, app: Flask, name: str) -> None:
    now = datetime.now(UTC)
    assert polls.freeze(db.session, web.vault(), yes_no(now), 1, now)
    spoil(cluster, name, NOISY[name])
    with pytest.raises(StatementsLogged, match=f"ALTER SYSTEM SET {name}"):
        polls.freeze(db.session, web.vault(), yes_no(now), 1, now)


def test_nobody_votes_while_statements_are_logged(cluster: Cluster, app: Flask) -> None:
    now = datetime.now(UTC)
    poll = polls.freeze(db.session, web.vault(), yes_no(now), 3, now)
    mine = [codes.read(code) for _, code in letters.printable(db.session, web.vault(), poll)]
    db.session.rollback()

    def cast(code: str) -> object:
        gate = turnstile.of(db.engine, web.vault(), lambda: datetime.now(UTC))
        return gate.cast(Sent(code, {"q1": ["voor"]}, secrets.token_bytes(32)))

    assert cast(mine[0])
    spoil(cluster, "log_statement", "all")
    with pytest.raises(StatementsLogged):
        cast(mine[1])
    spoil(cluster, "log_statement", "none")
    assert cast(mine[1])


def test_a_log_of_statements_would_have_told(cluster: Cluster, app: Flask) -> None:
    """The weak variant: without the check, what is written with a vote stands in the log, value by value."""
    spoil(cluster, "log_statement", "all")
    secret = secrets.token_bytes(32)
    with psycopg.connect(cluster.url(str(db.engine.url.database))) as connection:
        connection.execute("SELECT %s::bytea", (secret,), prepare=True)
    assert secret.hex() in cluster.log.read_text(errors="replace")
    with db.engine.connect() as connection_:
        assert database_log.wrong(connection_) == ["ALTER SYSTEM SET log_statement = 'none'"]
