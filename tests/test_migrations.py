"""The migrations and the models say the same, from the first table on."""

import re
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect, text

from app import create_app
from ballots.database import db
from tests.conftest import postgres_copy

HERE = Path(__file__).parents[1]


REVISIONS = sorted(path.name[:4] for path in (HERE / "migrations" / "versions").glob("*.py"))


@pytest.fixture
def bare(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """An app on a database in which nothing was ever made."""
    if backend == "postgresql":
        with postgres_copy(request.getfixturevalue("cluster"), "template1") as address:
            yield _app(tmp_path, address)
    else:
        yield _app(tmp_path, f"sqlite:///{tmp_path / 'wijkstem.db'}")


def _app(folder: Path, address: str) -> Flask:
    return create_app({"SECRET_KEY": "test", "DATA_DIR": str(folder), "DATABASE_URL": address})


@pytest.mark.both
def test_models_equal_migrations(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


@pytest.mark.both
def test_a_model_that_no_migration_made_is_seen(app: Flask) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE town ADD COLUMN extra INTEGER"))
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert len(compare_metadata(context, db.metadata)) == 1


@pytest.mark.both
def test_up_and_down_and_up(bare: Flask) -> None:
    with bare.app_context():
        assert inspect(db.engine).get_table_names() == []
        flask_migrate.upgrade()
        tables, guarded = set(inspect(db.engine).get_table_names()), guards()
        assert tables == {*db.metadata.tables, "alembic_version"}
        flask_migrate.downgrade(revision="base")
        assert inspect(db.engine).get_table_names() == ["alembic_version"]
        assert guards() == []
        flask_migrate.upgrade()
        assert set(inspect(db.engine).get_table_names()) == tables
        assert guards() == guarded
        db.engine.dispose()


@pytest.mark.both
def test_each_step_down_and_up_again(bare: Flask) -> None:
    with bare.app_context():
        flask_migrate.upgrade()
        whole = guards()
        for revision in reversed(REVISIONS[:-1]):
            flask_migrate.downgrade(revision=revision)
            flask_migrate.upgrade()
            assert guards() == whole, revision
        db.engine.dispose()


def guards() -> list[tuple[str, str]]:
    """Return what the database refuses: the table and the name of each trigger, and what is left of functions."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            query = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
        else:
            query = (
                "SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
                "WHERE NOT tgisinternal UNION ALL SELECT 'function', proname FROM pg_proc "
                "WHERE pronamespace = 'public'::regnamespace"
            )
        return sorted((table, name) for table, name in connection.execute(text(query)))


@pytest.mark.both
def test_the_database_has_a_guard_for_each_refusal(app: Flask) -> None:
    guarded = {table for table, _ in guards()}
    assert guarded >= {"journal", "poll", "redemption", "inbox", "box", "decision", "grant", "voucher"}
    assert guarded >= {"paper_box", "lot", "leaf", "checkpoint", "record"}


@pytest.mark.both
def test_nothing_ties_a_letter_to_a_ballot(app: Flask) -> None:
    """No key, sequence or time in the tables of redemptions and ballots, and no hidden row number."""
    tables = ("letter", "redemption", "inbox", "leaf", "box", "paper_box")
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            query = text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
            made: dict[str, str] = dict(connection.execute(query).all())
            assert [name for name in tables if "WITHOUT ROWID" not in made[name]] == []
        else:
            query = text("SELECT table_name FROM information_schema.columns WHERE column_default IS NOT NULL")
            with_default = set(connection.execute(query).scalars())
            assert with_default & {"journal"}  # which has a counter, so the look sees one
            assert not with_default & set(tables)
    for name in tables:
        columns = {each["name"] for each in inspect(db.engine).get_columns(name)}
        assert not {column for column in columns if re.search(r"(_at|time|moment|order|seq)$", column)}, name
    keys = {
        key["referred_table"]
        for name in ("inbox", "leaf", "box")
        for key in inspect(db.engine).get_foreign_keys(name)
    }
    assert keys == {"poll"}


def test_one_line_of_revisions() -> None:
    told = [path.read_text() for path in sorted((HERE / "migrations" / "versions").glob("*.py"))]
    revisions = [re.findall(r'^revision = "(\w+)"', text, re.M)[0] for text in told]
    downs = [re.findall(r"^down_revision = (.+)$", text, re.M)[0].strip('"') for text in told]
    assert downs == ["None", *revisions[:-1]]
