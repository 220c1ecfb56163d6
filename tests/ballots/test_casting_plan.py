"""How SQLite finds what casting asks; PostgreSQL keeps long values elsewhere and has no such question."""

import pytest
from flask import Flask

from ballots import casting
from ballots.database import db


@pytest.mark.parametrize("query", ["_RUNNING", "_ENDED"])
def test_what_a_vote_asks_of_polls_is_read_past_their_definitions(app: Flask, query: str) -> None:
    """A definition may be megabytes, and SQLite would read through it to get at the columns behind it."""
    with db.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {getattr(casting, query)}").all()
    assert [row[3] for row in plan] == ["SCAN poll USING COVERING INDEX ix_poll_at_hand"]
