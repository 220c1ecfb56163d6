"""Drafts from before signatures: whoever typed their arguments, by the journal, may not sign them off."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import flask_migrate
import pytest

from ballots.database import db
from tests.consult.test_migration_0003 import opened

DRAFT = (
    "INSERT INTO consultation (id, wijk_id, poll_id, question, summary, in_favour, against, if_no, upkeep, title, "
    "afterwards, questions) VALUES (?, 7, ?, '', '', '', '', '', '', '', '', '[]')"
)
EDIT = (
    "INSERT INTO journal (at, actor, action, consultation_id, detail) "
    "VALUES ('2026-01-01', ?, 'edit consultation', ?, ?)"
)
EDITS = (
    (5, "gemeente: Samira", ["against", "in_favour", "question"]),
    (5, "gemeente: Samira", ["in_favour"]),
    (5, "gemeente: Noor", ["first_day", "last_day"]),
    (5, "gemeente: Bram", ["against"]),
    (6, "gemeente: Noor", ["title"]),
)


@pytest.mark.parametrize("frozen", [False, True])
def test_who_typed_arguments_is_taken_from_the_journal(tmp_path: Path, frozen: bool) -> None:
    with opened(tmp_path).app_context():
        flask_migrate.upgrade(revision="0013")
        with closing(sqlite3.connect(tmp_path / "wijkstem.db")) as database, database:  # past foreign keys
            database.execute(DRAFT, (5, b"p" if frozen else None))
            database.execute(DRAFT, (6, None))
            for id, actor, fields in EDITS:
                database.execute(EDIT, (actor, id, json.dumps({"fields": fields})))
        flask_migrate.upgrade()
        with closing(sqlite3.connect(tmp_path / "wijkstem.db")) as database:
            rows = database.execute(
                "SELECT id, argued_by, signed_off_by FROM consultation ORDER BY id"
            ).fetchall()
        db.engine.dispose()
    typed = [] if frozen else ["gemeente: Samira", "gemeente: Bram"]
    assert [(id, json.loads(who), signed) for id, who, signed in rows] == [(5, typed, None), (6, [], None)]
