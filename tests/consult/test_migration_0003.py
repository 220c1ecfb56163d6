"""A filled database of the first release goes up: every row, key and trigger is there, and the refusals refuse."""

from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from app import create_app
from ballots.database import db

CONSULTATION = (
    "id, initiative_id, poll_id, question, summary, in_favour, against, if_no, upkeep, first_day, last_day, "
    "majority, base, blank_in_majority, quorum, quorum_percent, blank_in_turnout, missed_quorum, amount"
)
FILL = f"""
INSERT INTO town VALUES (1, 'Lindehaven', '#1f5c48', 'https://stem.example', 'Markt 1', '14 0', 'a@b.example', 1000000);
INSERT INTO wijk VALUES (7, 1, 'Noord', 'noord'), (8, 1, 'Zuid', 'zuid');
INSERT INTO initiative VALUES (3, 7, 'Plein', 'wat', 'wie', 'waar', 2450000, 'Noor', 'n@b.example', '2026-01-01', '');
INSERT INTO initiative VALUES (4, 8, 'Hof', 'wat', 'wie', 'daar', 2450000, 'Noor', 'n@b.example', '2026-01-01', '');
INSERT INTO poll VALUES (x'01', x'02', x'03', '2026-01-02', '2026-01-03', '2026-01-01', '2026-01-03', NULL, NULL);
INSERT INTO consultation ({CONSULTATION}) VALUES
 (5, 3, x'01', 'Wilt u?', 's', 'f', 'a', 'n', 'u', '2026-01-02', '2026-01-03', 'simple', NULL, NULL, 'none',
  NULL, NULL, NULL, 2450000),
 (6, 4, NULL, '', '', '', '', '', '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO roll_entry VALUES (1, 5, 1, '0599200000000001', 'Kade', 1, '', '', '4321XY', 'Dorp', 1, '', '', 1);
INSERT INTO roll_entry VALUES (2, 6, 1, '0599200000000001', 'Kade', 1, '', '', '4321XY', 'Dorp', 1, '', '', NULL);
INSERT INTO roll_upload VALUES (6, 'a.csv', x'00', '2026-01-01');
INSERT INTO decision VALUES (1, 3, 5, 'award', 2450000, 'Ja', 0, '["A"]', '[]', '2026-01-04');
INSERT INTO "grant" VALUES (1, 3, 2450000, '2026-01-05', 'Z-1');
INSERT INTO voucher VALUES (1, 1, '2026-0001', 2450000, '2026-01-06', NULL);
INSERT INTO journal VALUES (1, '2026-01-01', 'a', 'freeze consultation', 1, 3, 5, '{{}}');
"""
FILLED = (
    "town",
    "wijk",
    "initiative",
    "poll",
    "roll_entry",
    "roll_upload",
    "decision",
    "grant",
    "voucher",
    "journal",
)


def opened(folder: Path) -> Flask:
    url = f"sqlite:///{folder / 'wijkstem.db'}"
    return create_app({"SECRET_KEY": "test", "DATA_DIR": str(folder), "DATABASE_URL": url})


@pytest.fixture
def first(tmp_path: Path) -> Iterator[Flask]:
    """An app on a filled database of the first release."""
    app = opened(tmp_path)
    with app.app_context():
        flask_migrate.upgrade(revision="0001")
        for statement in FILL.split(";\n"):
            run(statement)
        yield app
        db.engine.dispose()


def run(statement: str) -> None:
    if statement.strip():
        with db.engine.begin() as connection:
            connection.exec_driver_sql(statement)


def rows(columns: str, table: str) -> list[str]:
    with db.engine.connect() as connection:
        return sorted(map(repr, connection.execute(text(f'SELECT {columns} FROM "{table}"'))))


def everything() -> dict[str, list[str]]:
    return {table: rows("*", table) for table in FILLED} | {
        "consultation": rows(CONSULTATION, "consultation")
    }


def guards() -> list[str]:
    """Return what each trigger refuses, without its name."""
    with db.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'trigger'")
        return sorted(row[0].partition(" BEFORE ")[2].replace('"', "") for row in found)


def test_every_row_key_and_trigger_is_there(first: Flask) -> None:
    before, kept = everything(), guards()
    flask_migrate.upgrade(revision="0003")
    assert everything() == before
    assert rows("id, wijk_id, title, afterwards, questions", "consultation") == [
        "(5, 7, '', '', '[]')",
        "(6, 8, '', '', '[]')",
    ]
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    assert set(kept) <= set(guards())
    keys = {key["referred_table"] for key in inspect(db.engine).get_foreign_keys("consultation")}
    assert keys == {"wijk", "initiative", "poll"}


def test_the_refusals_refuse_and_the_rest_goes_on(first: Flask) -> None:
    flask_migrate.upgrade(revision="0003")
    before = everything()
    for refused in (
        "UPDATE consultation SET title = 'x' WHERE id = 5",
        "DELETE FROM consultation WHERE id = 5",
        "UPDATE initiative SET asked = 1 WHERE id = 3",
        "UPDATE journal SET action = 'x'",
        "INSERT INTO roll_upload VALUES (99, 'a', x'00', '2026-01-01')",
    ):
        with pytest.raises(IntegrityError):
            run(refused)
    assert everything() == before
    run("UPDATE consultation SET question = 'Nu wel?' WHERE id = 6")
    run("UPDATE initiative SET title = 'Hofje' WHERE id = 4")
    assert everything() != before


def test_down_and_up_again_keeps_the_rows(first: Flask) -> None:
    flask_migrate.upgrade(revision="0003")
    before, kept = everything(), guards()
    flask_migrate.downgrade(revision="0002")
    assert everything() == before
    flask_migrate.upgrade(revision="0003")
    assert (everything(), guards()) == (before, kept)


def test_there_is_no_way_back_with_a_buurtstemming(first: Flask) -> None:
    flask_migrate.upgrade(revision="0003")
    empty = "'', '', '', '', '', ''"
    run(
        "INSERT INTO consultation (id, wijk_id, question, summary, in_favour, against, if_no, upkeep, title, "
        f"afterwards, questions) VALUES (9, 7, {empty}, 'Buurtbudget', '', '[]')"
    )
    before = rows("*", "consultation")
    with pytest.raises(IntegrityError):
        flask_migrate.downgrade(revision="0002")
    db.session.rollback()
    assert rows("*", "consultation") == before
