"""A whole PostgreSQL cluster: what a poll leaves in its files and its log, and what a dump put back is noticed by."""

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app import create_app
from ballots import guard, web
from ballots.database import db
from ballots.models import Poll
from ballots.refusals import BackupPutBack
from tests.cluster import Cluster, client, dumped, running
from tests.conftest import cluster_folder, migrated
from tests.trust.helpers import Live, serve
from tests.trust.test_no_secret_kept import (
    ASKED,
    MARKINGS,
    close_and_publish,
    confirm_printing,
    plain_rows,
    plant,
    search,
    walk,
)
from tests.trust.test_restore import vote

MakeLive = Callable[..., Live]


@pytest.fixture
def own() -> Iterator[Cluster]:
    """A cluster of this test alone, so that nothing of another stands in its files."""
    with cluster_folder() as folder, running(folder) as made:
        yield made


@pytest.fixture
def database_url(own: Cluster, tmp_path: Path) -> str:
    """The address of an empty database in it."""
    address = own.make("wijkstem")
    migrated(tmp_path / "template", DATABASE_URL=address)
    return address


def test_no_file_of_the_cluster_keeps_a_secret(live: MakeLive, own: Cluster, tmp_path: Path) -> None:
    """Codes, keys and the random numbers of voters, in tables, indexes, the write-ahead log and the server's log."""
    made = live(8, ASKED)
    planted = plant(made)
    plain_rows(planted, made, [6, 7])
    confirm_printing(made)
    with serve(made) as server:
        for number in range(5):
            walk(server.port, made, planted, number, MARKINGS[number % 2])
        assert search(own.folder, planted.never) == set()
    close_and_publish(made, tmp_path)
    db.session.remove()
    own.run("CHECKPOINT")  # what waits in memory too is in the files from here on
    assert search(own.folder, planted.never) == set()
    # The search finds what is there: the p of a used letter, in its table and in the write-ahead log.
    used = {file for _, file in search(own.folder, {"p 0": planted.not_in_logs["p 0"]})}
    assert {file.split("/")[1] for file in used} == {"base", "pg_wal"}
    assert (
        search(own.folder, planted.not_in_logs, "log")
        - {(name, file) for name in planted.not_in_logs for file in used}
        == set()
    )


def backup(own: Cluster, to: Path) -> Path:
    to.write_bytes(dumped(own.url("wijkstem"), "custom"))
    return to


def restored(own: Cluster, dump: Path, made: Live, name: str) -> Live:
    """Put a dump back in a fresh database, with the folder of the service as it is; return the poll there."""
    address = own.make(name, "template0")
    subprocess.run([client("pg_restore"), f"--dbname={address}", dump], check=True)
    return Live(made.folder, made.log, made.poll, address, made.codes, made.secret)


def test_a_dump_put_back_keeps_the_booth_shut(live: MakeLive, own: Cluster, tmp_path: Path) -> None:
    made = live(12)
    with serve(made) as server:
        assert [vote(server.port, code)[0] for code in made.codes[:4]] == [303] * 4
        older = backup(own, tmp_path / "older.dump")
        assert [vote(server.port, code)[0] for code in made.codes[4:7]] == [303] * 3
        latest = backup(own, tmp_path / "latest.dump")
        guard.mark(db.session, web.vault(), db.session.get_one(Poll, made.poll))
    whole = restored(own, latest, made, "whole")
    with serve(whole) as server:  # it is the lost votes that shut it, not the dump
        assert vote(server.port, made.codes[8])[0] == 303
    behind = restored(own, older, made, "behind")
    with serve(behind) as server:
        for code in (made.codes[5], made.codes[10]):  # one that voted already, and one that did not
            assert vote(server.port, code)[0] == 503
    assert behind.count("redemption") == 4
    with create_app({**behind.settings, "TESTING": True}).app_context():
        poll = db.session.get_one(Poll, made.poll)
        with pytest.raises(BackupPutBack):
            guard.mark(db.session, web.vault(), poll)
        assert poll.closes > datetime.now(UTC)
        db.session.remove()
        db.engine.dispose()
