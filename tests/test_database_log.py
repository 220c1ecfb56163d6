"""Nobody's vote is in the log of the database: what would write it there is noticed, and stops the vote."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ballots import database_log, polls
from ballots.database import OURS, db, prepare, url
from ballots.database_log import SETTINGS, check, loud, quiet
from ballots.refusals import StatementsLogged
from ballots.vault import Vault
from consult import consultations
from tests.cluster import Cluster
from tests.conftest import START, Held, yes_no

LOUD = {
    "log_statement": "mod",
    "log_min_duration_statement": "5000",
    "log_min_duration_sample": "100",
    "log_transaction_sample_rate": "0.01",
    "log_parameter_max_length_on_error": "-1",
    "debug_print_parse": "on",
    "debug_print_rewritten": "on",
    "debug_print_plan": "on",
    "auto_explain.log_min_duration": "0",
    "pgaudit.log": "write",
}
OWN = tuple(name for name in OURS if name in SETTINGS)  # what we set ourselves, so nobody else has to


@pytest.fixture
def backend() -> str:
    """Every app of these tests is on PostgreSQL."""
    return "postgresql"


def test_sqlite_has_no_such_log() -> None:
    with Session(create_engine("sqlite://")) as session:
        assert quiet(session) == []


def test_what_is_quiet() -> None:
    assert loud({}) == []
    assert loud({name: calm for name, (_, calm) in SETTINGS.items()}) == []
    assert loud({"log_statement": "ddl", "log_transaction_sample_rate": "0.0"}) == []


@pytest.mark.parametrize("name", SETTINGS)
def test_each_setting_that_tells_is_noticed(name: str) -> None:
    assert loud({name: LOUD[name]}) == [name]


# On a server, as an ordinary user of it


@contextmanager
def resident(cluster: Cluster, template: str) -> Iterator[str]:
    """Yield the address of a database of an ordinary user who owns it."""
    name = f"own_{secrets.token_hex(6)}"
    cluster.make(name, template)
    with psycopg.connect(cluster.url(name), autocommit=True) as admin:
        admin.execute(f'CREATE ROLE "{name}" LOGIN'.encode())
        admin.execute(f'ALTER DATABASE "{name}" OWNER TO "{name}"'.encode())
        admin.execute(f'GRANT ALL ON ALL TABLES IN SCHEMA public TO "{name}"'.encode())
    try:
        yield cluster.url(name).replace("postgres@", f"{name}@")
    finally:
        cluster.drop(name)
        cluster.run(f'DROP ROLE "{name}"')


@contextmanager
def connected(address: str) -> Iterator[Session]:
    """Yield a session of the service at this address, on a connection that was just made."""
    engine = create_engine(url(address), hide_parameters=True)
    prepare(engine)
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


@pytest.mark.parametrize("whole_server", [False, True])
@pytest.mark.parametrize("name", [name for name in SETTINGS if "." not in name])
def test_what_a_user_finds_and_what_it_says_to_do(
    cluster: Cluster, empty_template: str, name: str, whole_server: bool
) -> None:
    """What is set for the whole server or for one database is found, and the command that is told mends it."""
    with resident(cluster, empty_template) as address:
        database = address.rpartition("/")[2]
        with connected(address) as session:
            assert quiet(session) == []
        cluster.run(
            f"ALTER {'SYSTEM' if whole_server else f'DATABASE {database}'} SET {name} = '{LOUD[name]}'"
        )
        cluster.run("SELECT pg_reload_conf()")
        try:
            with connected(address) as session:
                until(session, name, LOUD[name] if name not in OWN else SETTINGS[name][1])
                said = quiet(session)
                assert len(said) == (name not in OWN)
                if said:
                    with pytest.raises(StatementsLogged, match=name):
                        check(session)
            for command in said:
                cluster.run(command)
            with connected(address) as session:
                assert quiet(session) == []
        finally:
            if whole_server:
                cluster.run(f"ALTER SYSTEM RESET {name}")
                cluster.run("SELECT pg_reload_conf()")


def test_a_tick_says_it(cluster: Cluster, empty_template: str, tmp_path: Path) -> None:
    """Whoever runs the tick hears it, also while nobody votes; what is due is done all the same."""
    with resident(cluster, empty_template) as address:
        with connected(address) as session:
            assert consultations.tick(session, Vault(tmp_path), START) == []
        cluster.run(f"ALTER DATABASE {address.rpartition('/')[2]} SET log_statement = 'mod'")
        with connected(address) as session:
            until(session, "log_statement", "mod")
            ((of, refusal),) = consultations.ticked(session, Vault(tmp_path), START).waits
            assert (of, type(refusal)) == ("de database", StatementsLogged)
            assert "SET log_statement = 'none'" in str(refusal)


def until(session: Session, name: str, value: str) -> None:
    """Return once this setting counts in the session: a server needs a moment to read its settings again."""
    for _ in range(500):
        found = session.scalar(text("SELECT setting FROM pg_settings WHERE name = :name"), {"name": name})
        session.rollback()
        if found == value:
            return
    raise AssertionError(f"{name} is {found}")


def test_auto_explain_is_noticed(cluster: Cluster, empty_template: str) -> None:
    with resident(cluster, empty_template) as address:
        database = address.rpartition("/")[2]
        cluster.run(f"ALTER DATABASE {database} SET session_preload_libraries = 'auto_explain'")
        with connected(address) as session:
            assert quiet(session) == []  # loaded, and silent
        cluster.run(f"ALTER DATABASE {database} SET auto_explain.log_min_duration = 0")
        with connected(address) as session:
            (command,) = quiet(session)
            assert "auto_explain.log_min_duration = '-1'" in command
        cluster.run(command)
        with connected(address) as session:
            assert quiet(session) == []


# What it stops


def say(cluster: Cluster, app: Flask, setting: str) -> None:
    """Set something for the database of this app, and let go of what was connected."""
    database = db.engine.url.database
    db.session.remove()
    cluster.run(f'ALTER DATABASE "{database}" SET {setting}')
    db.engine.dispose()
    database_log._looked.clear()


def test_no_poll_is_frozen(cluster: Cluster, app: Flask, vault: Vault) -> None:
    say(cluster, app, "log_statement = 'all'")
    with pytest.raises(StatementsLogged, match="SET log_statement = 'none'"):
        polls.freeze(db.session, vault, yes_no(), 3, START)
    assert list(vault.folder.glob("*")) == []
    say(cluster, app, "log_statement = 'none'")
    assert polls.freeze(db.session, vault, yes_no(), 3, START)


def test_nobody_votes(cluster: Cluster, app: Flask, client: FlaskClient, held: Held) -> None:
    form = {"code": held.codes[0], "q1": "voor", "r": secrets.token_hex(32)}
    say(cluster, app, "log_min_duration_statement = 0")
    for path in ("/s", "/s/controle", "/s/stem"):
        answer = client.post(path, data=form)
        assert answer.status_code == 503
        assert "Stemmen kan nu even niet" in answer.text
        assert "log_min_duration" not in answer.text  # that is for the office, not for a voter
    assert polls.turnout(db.session, held.poll).used == 0
    say(cluster, app, "log_min_duration_statement = -1")
    assert client.post("/s/stem", data=form).status_code == 303


# Why: what the log would hold


def vote_in_log(cluster: Cluster, client: FlaskClient, code: str) -> bool:
    """Vote, and say whether a value of the vote is in what the server logged meanwhile."""
    start = cluster.log.stat().st_size
    form = {"code": code, "q1": "voor", "r": secrets.token_hex(32)}
    assert client.post("/s/stem", data=form).status_code == 303
    redeemed = db.session.execute(text("SELECT p FROM redemption")).scalars().all()
    logged = Path(cluster.log).read_bytes()[start:]
    return any(bytes(p).hex().encode() in logged for p in redeemed)


@pytest.mark.parametrize("setting", ["log_statement = 'mod'", "log_min_duration_statement = 0"])
def test_a_log_that_is_on_holds_votes_and_one_that_is_off_does_not(
    cluster: Cluster,
    app: Flask,
    client: FlaskClient,
    held: Held,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
) -> None:
    assert not vote_in_log(cluster, client, held.codes[0])
    monkeypatch.setattr(
        database_log, "_commands", lambda connection: []
    )  # the weak variant: it does not look
    say(cluster, app, setting)
    assert vote_in_log(cluster, client, held.codes[1])


def test_an_error_tells_nothing_of_its_row(cluster: Cluster, app: Flask, held: Held) -> None:
    """What goes to our own log: PostgreSQL shows the failing row, and we leave that out."""
    p = secrets.token_bytes(32)
    wrong = text("INSERT INTO redemption (poll_id, h, p, channel) VALUES (:poll, NULL, :p, 'web')")
    with pytest.raises(IntegrityError) as shown:
        db.session.execute(wrong, {"poll": held.poll.id, "p": p})
    said = f"{shown.value} {shown.value.__cause__} {shown.value.orig}"
    assert 'null value in column "h"' in said
    assert p.hex() not in said
    db.session.rollback()
    address = db.engine.url.set(drivername="postgresql").render_as_string(False)
    query = "INSERT INTO redemption (poll_id, h, p, channel) VALUES (%s, NULL, %s, 'web')"
    with psycopg.connect(address) as plain, pytest.raises(psycopg.Error) as weak:
        plain.execute(query, (held.poll.id, p))
    assert p.hex()[:8] in str(weak.value)  # as PostgreSQL says it


def test_our_connections_are_as_we_want_them(cluster: Cluster, empty_template: str) -> None:
    with resident(cluster, empty_template) as address:
        database = address.rpartition("/")[2]
        for setting in ("synchronous_commit = off", "default_transaction_isolation = 'serializable'"):
            cluster.run(f"ALTER DATABASE {database} SET {setting}")
        with connected(address) as session:
            for name, value in OURS.items():
                assert session.scalar(text("SELECT current_setting(:name)"), {"name": name}) == value
            assert session.scalar(text("SHOW transaction_isolation")) == "read committed"
