"""The migrations and the models say the same, from the first table on."""

import re
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect, text

from app import create_app
from ballots.database import db

HERE = Path(__file__).parents[1]


@pytest.fixture
def empty(tmp_path: Path) -> Flask:
    url = f"sqlite:///{tmp_path / 'wijkstem.db'}"
    return create_app({"SECRET_KEY": "test", "DATA_DIR": str(tmp_path), "DATABASE_URL": url})


def test_models_equal_migrations(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_up_and_down_and_up(empty: Flask) -> None:
    with empty.app_context():
        assert inspect(db.engine).get_table_names() == []
        flask_migrate.upgrade()
        tables = set(inspect(db.engine).get_table_names())
        assert tables == {*db.metadata.tables, "alembic_version"}
        flask_migrate.downgrade(revision="base")
        assert inspect(db.engine).get_table_names() == ["alembic_version"]
        flask_migrate.upgrade()
        assert set(inspect(db.engine).get_table_names()) == tables
        db.engine.dispose()


def test_the_database_has_a_guard_for_each_refusal(app: Flask) -> None:
    with db.engine.connect() as connection:
        found = connection.execute(
            text("SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'")
        ).scalars()
        guarded = set(found)
    assert guarded >= {"journal", "poll", "redemption", "inbox", "box", "decision", "grant", "voucher"}
    assert guarded >= {"paper_box", "lot"}


def test_nothing_ties_a_letter_to_a_ballot(app: Flask) -> None:
    """No key, sequence or time in the tables of redemptions and ballots, and no hidden row number."""
    with db.engine.connect() as connection:
        made: dict[str, str] = dict(
            connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all()
        )
    for name in ("letter", "redemption", "inbox", "box", "paper_box"):
        assert "WITHOUT ROWID" in made[name], name
        columns = {each["name"] for each in inspect(db.engine).get_columns(name)}
        assert not {column for column in columns if re.search(r"(_at|time|moment|order|seq)$", column)}, name
    keys = {
        key["referred_table"]
        for name in ("inbox", "box")
        for key in inspect(db.engine).get_foreign_keys(name)
    }
    assert keys == {"poll"}


def test_one_line_of_revisions() -> None:
    told = [path.read_text() for path in sorted((HERE / "migrations" / "versions").glob("*.py"))]
    revisions = [re.findall(r'^revision = "(\w+)"', text, re.M)[0] for text in told]
    downs = [re.findall(r"^down_revision = (.+)$", text, re.M)[0].strip('"') for text in told]
    assert downs == ["None", *revisions[:-1]]
