"""A poll behind the server we run, in a folder of its own: to attack, kill and search."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from app import create_app
from ballots import letters, mixing, polls
from ballots.database import db
from ballots.definition import Terms
from ballots.vault import Vault
from tests.conftest import yes_no
from tests.consult.conftest import (  # noqa: F401 (fixtures, for here too)
    full,
    full_on_postgresql,
    furnished,
    furnished_template,
    place,
)
from tests.trust.bundles import PROGRAM
from tests.trust.helpers import FIGURES, Live
from tests.trust.recounting import load

MakeLive = Callable[..., Live]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests found."""
    if FIGURES:
        terminalreporter.section("trust")
    for found, number in FIGURES.items():
        terminalreporter.write_line(f"{number:6,} {found}")


@pytest.fixture
def live(database_url: str, tmp_path: Path) -> Iterator[MakeLive]:
    """Return what makes an open poll with so many letters (and other terms), in a database for a server."""
    with ExitStack() as stack:

        def make(count: int, terms: Terms | None = None) -> Live:
            folder = tmp_path / "data"
            folder.mkdir()
            made = Live(folder, tmp_path / "server.log", address=database_url)
            if database_url.startswith("sqlite"):
                shutil.move(tmp_path / "wijkstem.db", made.database)
                made.address = ""
            stack.enter_context(create_app({**made.settings, "TESTING": True}).app_context())
            stack.callback(db.engine.dispose)
            stack.callback(db.session.remove)
            vault, now = Vault(folder / "keys"), datetime.now(UTC)
            asked = terms or yes_no(now)
            poll = polls.freeze(db.session, vault, asked, count, min(now, asked.opens))
            made.poll = poll.id
            made.codes = [code for _, code in letters.printable(db.session, vault, poll)]
            db.session.rollback()
            return made

        yield make


@pytest.fixture(scope="module")
def program() -> ModuleType:
    """narekenen.py, to run inside this process."""
    return load(PROGRAM.read_text())


@pytest.fixture(scope="module")
def unsigned() -> ModuleType:
    """The program without its check of signatures: what it catches then, it catches by content."""
    weak = load(PROGRAM.read_text())
    weak.verify = lambda key, message, signature: True  # type: ignore[attr-defined]
    return weak


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let mixing and opening take many transactions, to be killed in and between."""
    monkeypatch.setattr(mixing, "CROWD", 5)
    monkeypatch.setattr(mixing, "PORTION", 6)
    monkeypatch.setattr(mixing, "OPENED_AT_ONCE", 7)
