"""A backup of the town's database that is put back, as each database does that: what was voted since is gone."""

import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing

from ballots import checkpoints, guard, letters, replacing
from ballots.database import db
from consult.models import Consultation
from tests.cluster import client, dumped
from tests.consult.conftest import Place


def put_back(place: Place, consultation: Consultation, votes: int = 3) -> str:
    """Vote so often, tick, and put back a copy from before; return the checkpoint that stood on the board then.

    Of letters that are not printed yet. Once it was put back it stays as it is.
    """
    poll = place.poll(consultation)
    note = board_note(place, consultation)
    if guard.lost(place.session, place.vault, poll):
        return note
    codes = dict(letters.printable(place.session, place.vault, poll))
    states = replacing.states(place.session, poll, list(codes))
    unused = [codes[serial] for serial, state in states.items() if not state.channel]
    restore = backup(place)
    for code in unused[-votes:]:
        place.cast(code, [["voor"]])
    guard.mark(place.session, place.vault, poll)
    restore()
    return note


def board_note(place: Place, consultation: Consultation) -> str:
    """Return the last checkpoint on the board."""
    found = checkpoints.latest(place.session, place.poll(consultation))
    assert found is not None
    return found.note


def backup(place: Place) -> Callable[[], None]:
    """Make a copy of the whole database; return what puts it back."""
    address = place.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    if place.engine.dialect.name == "postgresql":
        dump = dumped(address, "custom")
    else:
        kept = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(place.folder / "wijkstem.db")) as here:
            here.backup(kept)

    def restore() -> None:
        place.session.rollback()
        place.engine.dispose()
        with place.app.app_context():
            db.engine.dispose()
        if place.engine.dialect.name == "postgresql":
            command = [str(client("pg_restore")), "--clean", "--if-exists", f"--dbname={address}"]
            subprocess.run(command, input=dump, check=True)
        else:
            with closing(sqlite3.connect(place.folder / "wijkstem.db")) as here:
                kept.backup(here)

    return restore
