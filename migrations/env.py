"""Runs the migrations on the app's own engine."""

from typing import Any

from alembic import context
from flask import current_app

from ballots.database import Moment, db
from ballots.terminal import reached


def plain(kind: str, item: Any, context: Any) -> str | bool:
    """Write our own column types in migrations as what they are in the database."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, Moment) else False


with reached(), db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=plain,
        **{
            name: value
            for name, value in current_app.extensions["migrate"].configure_args.items()
            if name not in ("render_as_batch", "compare_type")
        },
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
