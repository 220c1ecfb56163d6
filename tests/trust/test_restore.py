"""A backup put back: nobody votes until it was compared with the last published checkpoint."""

import json
import secrets
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ballots import archive, checkpoints, guard, mixing, published, receipts, records, web
from ballots.database import db
from ballots.models import Poll
from ballots.record import Kind
from ballots.refusals import BackupBehind, BackupNone, BackupPutBack, CheckpointForged, ReasonMissing
from tests.conftest import close_poll
from tests.trust.helpers import ROOT, Live, send, serve

MakeLive = Callable[[int], Live]
WHY = "De schijf ging kapot; wij zetten de kopie van vannacht terug."


def vote(port: int, code: str, r: str = "") -> tuple[int, str]:
    form = {"code": code, "q1": "voor", "r": r or secrets.token_hex(32)}
    status, location, _ = send(port, "POST", "/s/stem", form)
    return status, location


def copied(made: Live, to: Path) -> None:
    """Make a backup, as SQLite's own command does."""
    with closing(sqlite3.connect(made.database)) as here, closing(sqlite3.connect(to)) as there:
        here.backup(there)


def put_back(made: Live, backup: Path) -> None:
    db.session.remove()
    db.engine.dispose()
    for left in made.folder.glob("wijkstem.db*"):
        left.unlink()
    shutil.copy(backup, made.database)


def poll_of(made: Live) -> Poll:
    return db.session.get_one(Poll, made.poll)


def test_the_booth_stays_shut_until_it_was_compared(live: MakeLive, tmp_path: Path) -> None:
    made, backup = live(20), tmp_path / "backup.db"
    with serve(made) as server:
        for code in made.codes[:4]:
            assert vote(server.port, code)[0] == 303
        copied(made, backup)
        lost = [vote(server.port, code) for code in made.codes[4:7]]
        assert {status for status, _ in lost} == {303}
        guard.mark(db.session, web.vault(), poll_of(made))
    put_back(made, backup)
    with serve(made) as server:
        for code in (made.codes[5], made.codes[10]):  # one that voted already, and one that did not
            assert vote(server.port, code)[0] == 503
        assert made.count("redemption") == 4
        with pytest.raises(BackupPutBack):
            guard.mark(db.session, web.vault(), poll_of(made))
        note = checkpoints.latest(db.session, poll_of(made))
        assert note
        with pytest.raises(ReasonMissing):
            guard.reopen(db.session, web.vault(), poll_of(made), note.note, " ", datetime.now(UTC))
        now = datetime.now(UTC)
        assert guard.reopen(db.session, web.vault(), poll_of(made), note.note, WHY, now) == 3
        assert vote(server.port, made.codes[5])[0] == 303
        assert vote(server.port, made.codes[10])[0] == 303
        with pytest.raises(BackupNone):
            guard.reopen(db.session, web.vault(), poll_of(made), note.note, WHY, now)
        guard.mark(db.session, web.vault(), poll_of(made))
    (told,) = published.records_of(db.session, poll_of(made))
    assert (told.kind, told.facts, told.reason) == (Kind.RESTORED, {"missing": 3}, WHY)
    close_poll(poll_of(made), poll_of(made).closes)
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(published.bundled(db.session, web.vault(), poll_of(made)))
    done = subprocess.run([sys.executable, ROOT / "static" / "narekenen.py", bundle], check=False)
    assert done.returncode == 0
    # The voter whose vote was lost and did not come back has a receipt that is missing from the board.
    _, location = lost[0]
    found = receipts.unwrap(made.secret, datetime.now(UTC).date(), location.rpartition("/")[2])
    assert found
    assert published.found(db.session, poll_of(made), found[1][0][:10]) is None


def test_put_back_under_a_running_service_it_shuts_too(live: MakeLive, tmp_path: Path) -> None:
    """The connections of the booth looked before, and stay: the tick that notices it reaches them as well."""
    made, backup = live(20), tmp_path / "backup.db"
    with serve(made) as server:
        guard.mark(db.session, web.vault(), poll_of(made))
        assert vote(server.port, made.codes[0])[0] == 303
        copied(made, backup)
        for code in made.codes[1:4]:
            assert vote(server.port, code)[0] == 303
        db.session.rollback()
        guard.mark(db.session, web.vault(), poll_of(made))
        assert vote(server.port, made.codes[4])[0] == 303
        db.session.remove()
        with closing(sqlite3.connect(backup)) as here, closing(sqlite3.connect(made.database)) as there:
            here.backup(there)  # no file is replaced: every connection reads on, and sees the copy
        assert made.count("redemption") == 1
        with pytest.raises(BackupPutBack):
            guard.mark(db.session, web.vault(), poll_of(made))
        assert vote(server.port, made.codes[5])[0] == 503
        assert made.count("redemption") == 1
        note = checkpoints.latest(db.session, poll_of(made))
        assert note
        assert guard.reopen(db.session, web.vault(), poll_of(made), note.note, WHY, datetime.now(UTC)) == 3
        assert vote(server.port, made.codes[5])[0] == 303


def test_without_what_is_kept_outside_nobody_would_notice(live: MakeLive, tmp_path: Path) -> None:
    """The weak variant: the same backup put back, and no mark beside it."""
    made, backup = live(5), tmp_path / "backup.db"
    copied(made, backup)
    with serve(made) as server:
        assert vote(server.port, made.codes[0])[0] == 303
        guard.mark(db.session, web.vault(), poll_of(made))
    put_back(made, backup)
    shutil.rmtree(made.folder / "board")
    with serve(made) as server:
        assert vote(server.port, made.codes[1])[0] == 303


def test_a_board_that_lost_votes_cannot_go_on(live: MakeLive, tmp_path: Path) -> None:
    made, backup = live(110), tmp_path / "backup.db"
    with serve(made) as server:
        for code in made.codes[:104]:
            assert vote(server.port, code)[0] == 303
    copied(made, backup)
    assert mixing.mix(db.session, web.vault(), poll_of(made), datetime.now(UTC))
    guard.mark(db.session, web.vault(), poll_of(made))
    latest = checkpoints.latest(db.session, poll_of(made))
    assert latest
    note = latest.note
    put_back(made, backup)
    with serve(made) as server:
        assert vote(server.port, made.codes[105])[0] == 503
    mine = checkpoints.latest(db.session, poll_of(made))
    assert mine
    for given in (
        note,
        mine.note,
    ):  # what the older board says of itself does not help: the service kept the last
        with pytest.raises(BackupBehind):
            guard.reopen(db.session, web.vault(), poll_of(made), given, WHY, datetime.now(UTC))
    other = note.replace("\n54\n", "\n53\n")
    assert other != note
    with pytest.raises(CheckpointForged):
        guard.reopen(db.session, web.vault(), poll_of(made), other, WHY, datetime.now(UTC))
    assert records.standing(db.session, poll_of(made)).number == 0


def test_a_mark_never_goes_back(live: MakeLive) -> None:
    made = live(3)
    guard.mark(db.session, web.vault(), poll_of(made))
    first = archive.remembered(web.vault(), made.poll)
    with serve(made) as server:
        vote(server.port, made.codes[0])
    db.session.rollback()
    guard.mark(db.session, web.vault(), poll_of(made))
    second = archive.remembered(web.vault(), made.poll)
    assert first
    assert second
    assert (first["redeemed"], second["redeemed"]) == (0, 1)
    path = made.folder / "board" / f"{made.poll.hex()}.json"
    path.write_text(json.dumps({**second, "redeemed": 2, "used": 2}))
    with pytest.raises(BackupPutBack):
        guard.mark(db.session, web.vault(), poll_of(made))
    assert json.loads(path.read_text())["redeemed"] == 2


def test_what_was_seen_stays_seen(live: MakeLive) -> None:
    """Work at the desk that makes the numbers equal again does not open the booth: only a comparison does."""
    made = live(3)
    guard.mark(db.session, web.vault(), poll_of(made))
    path = made.folder / "board" / f"{made.poll.hex()}.json"
    right = path.read_text()
    path.write_text(json.dumps({**json.loads(right), "redeemed": 1, "used": 1}))
    with pytest.raises(BackupPutBack):
        guard.mark(db.session, web.vault(), poll_of(made))
    assert json.loads(path.read_text())["shut"]
    path.write_text(json.dumps({**json.loads(path.read_text()), "redeemed": 0, "used": 0}))
    with pytest.raises(BackupPutBack):
        guard.compare(db.session, web.vault(), poll_of(made))
    note = checkpoints.latest(db.session, poll_of(made))
    assert note
    guard.reopen(db.session, web.vault(), poll_of(made), note.note, WHY, datetime.now(UTC))
    guard.compare(db.session, web.vault(), poll_of(made))
