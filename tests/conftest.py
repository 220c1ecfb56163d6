"""What the tests share: a migrated database, a clock that goes where it is put, a town, a poll."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from sqlalchemy import select

from app import create_app
from ballots import casting, keys, letters, polls, sealing, web
from ballots.casting import Receipt
from ballots.counting.majority import Base, Majority, MajorityRule, MissedQuorum, Quorum
from ballots.database import db
from ballots.definition import Terms
from ballots.models import Inbox, Poll
from ballots.paper import YES_NO_OPTIONS, Kind, Question
from ballots.sealing import Opening
from ballots.terms import frozen
from ballots.vault import Vault
from tests.cluster import Cluster, running

settings.register_profile("tests", deadline=None, derandomize=True)
settings.load_profile("tests")

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))  # signs what no poll signs
START = datetime(2026, 6, 1, 12, tzinfo=UTC)
RULE = MajorityRule(Majority.SIMPLE, Base.VOTES, False, Quorum.NONE, Fraction(0), False, MissedQuorum.REASONS)


class Clock:
    """A clock that goes where it is put."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def put(
    poll: Poll,
    p: bytes,
    chosen: Sequence[Sequence[str]],
    r: bytes,
    now: datetime,
    randomness: Callable[[int], bytes] = os.urandom,
) -> Receipt:
    """Seal a vote and cast it."""
    mix = casting.mix_keys(web.vault(), poll.id)
    return casting.cast(db.session, casting.sealed(mix, frozen(poll), p, chosen, r, randomness), now)


def close_poll(poll: Poll, now: datetime) -> bool:
    """Close a poll of which the service holds the key."""
    return polls.close(db.session, web.vault(), poll, now)


def in_the_inbox(poll: Poll) -> list[Opening]:
    """Open what waits in the inbox with the secret keys, as nobody does before close."""
    vault = web.vault()
    outer, inner = keys.mix_keys(vault.read(poll.id, "mix")), keys.opening_key(vault.read(poll.id, "open"))
    answers = []
    for row in db.session.scalars(select(Inbox).where(Inbox.poll_id == poll.id)):
        commitment, within = sealing.outer_opened(poll.id, row.question, row.sealed, outer)
        answer = sealing.inner_opened(poll.id, row.question, within, inner)
        assert answer.commitment(poll.id) == commitment
        answers.append(answer)
    return answers


@dataclass
class Held:
    """A frozen poll of the tests with the codes of its letters."""

    poll: Poll
    codes: list[str]


def migrated(
    folder: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC), **settings: object
) -> Flask:
    """Return an app on a fresh database in this folder."""
    given = {
        "SECRET_KEY": "secret of the tests",
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'wijkstem.db'}",
        "SESSION_COOKIE_SECURE": False,
        "TESTING": True,
        **settings,
    }
    app = create_app(given, clock)
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()
    return app


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all migrations and nothing in it, to copy."""
    folder = tmp_path_factory.mktemp("empty")
    migrated(folder)
    return folder / "wijkstem.db"


# On SQLite, and where a test is marked `both`, on PostgreSQL too.

BACKENDS = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both"):
        metafunc.parametrize("backend", BACKENDS, indirect=True)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """The kind of database a test runs on."""
    kind: str = getattr(request, "param", BACKENDS[0])
    return kind


@contextmanager
def cluster_folder() -> Iterator[Path]:
    """Yield a folder for a cluster that lasts as long as this."""
    with tempfile.TemporaryDirectory(prefix="wijkstem-postgres-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as somebody else
        yield Path(folder) / "cluster"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL cluster for all tests that need one; it waits for no disk, since none pulls its plug."""
    with cluster_folder() as folder, running(folder, {"fsync": "off"}) as made:
        yield made


@pytest.fixture(scope="session")
def empty_template(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a PostgreSQL database with all migrations and nothing in it, to copy."""
    migrated(tmp_path_factory.mktemp("template"), DATABASE_URL=cluster.make("empty"))
    return "empty"


@contextmanager
def postgres_copy(cluster: Cluster, template: str) -> Iterator[str]:
    """Yield the address of a copy of a PostgreSQL database, gone afterwards."""
    name = f"copy_{secrets.token_hex(6)}"
    yield cluster.make(name, template)
    cluster.drop(name)


@pytest.fixture
def database_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database of this test alone."""
    if backend == "postgresql":
        template = request.getfixturevalue("empty_template")
        with postgres_copy(request.getfixturevalue("cluster"), template) as url:
            yield url
    else:
        shutil.copy(request.getfixturevalue("empty_database"), tmp_path / "wijkstem.db")
        yield f"sqlite:///{tmp_path / 'wijkstem.db'}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(database_url: str, tmp_path: Path, clock: Clock) -> Iterator[Flask]:
    """The app on a database of its own, with an app context pushed."""
    app = create_app(
        {
            "SECRET_KEY": "secret of the tests",
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": database_url,
            "SESSION_COOKIE_SECURE": False,
            "TESTING": True,
        },
        clock,
    )
    served = app.wsgi_app

    def fresh(environ: Any, start_response: Any) -> Any:
        """Requests share the session of the test here: what one of them read must not hide what the next wrote."""
        db.session.rollback()
        try:
            return served(environ, start_response)
        finally:
            db.session.rollback()

    app.wsgi_app = fresh  # type: ignore[method-assign]
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "keys")


def yes_no(opens: datetime = START, days: int = 14) -> Terms:
    """Return terms of a yes/no poll that is open from `opens` for so many days."""
    return Terms(
        title="Speelplek aan de Lindelaan",
        questions=(Question("Bent u voor of tegen een speelplek?", Kind.YES_NO, YES_NO_OPTIONS),),
        rules=(RULE,),
        opens=opens,
        closes=opens + timedelta(days=days),
        closes_text="tot en met zondag 14 juni 2026",
        floor=3,
    )


def hold(vault: Vault, terms: Terms, count: int = 12) -> Held:
    """Return a poll that was frozen at the start, with the codes of its letters."""
    poll = polls.freeze(db.session, vault, terms, count, START)
    return Held(poll, [code for _, code in letters.printable(db.session, vault, poll)])


@pytest.fixture
def held(app: Flask, vault: Vault) -> Held:
    """An open yes/no poll with twelve letters, and their codes."""
    return hold(vault, yes_no())
