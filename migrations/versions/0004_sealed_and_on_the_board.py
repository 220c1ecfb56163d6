"""sealed answers, and a board

A poll that was frozen before has no keys, and no answer of it is sealed: it cannot go on, nor be counted
as one that does. So this goes only where there is none.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from click import ClickException

from ballots.triggers import allow, refuse

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# What the database itself refuses, whoever asks: (table, event, condition).
REFUSED = [
    ("leaf", "UPDATE", ""),
    ("leaf", "DELETE", ""),
    ("checkpoint", "UPDATE", ""),
    ("checkpoint", "DELETE", ""),
    ("record", "UPDATE", ""),
    ("record", "DELETE", ""),
    ("trial", "UPDATE", ""),
    ("trial", "DELETE", ""),
    ("poll", "UPDATE OF ready_at", "WHEN OLD.ready_at IS NOT NULL"),
    ("poll", "UPDATE OF lengthened_to, lengthened_text", "WHEN OLD.lengthened_to IS NOT NULL"),
    ("poll", "UPDATE OF mixed_at", "WHEN OLD.mixed_at IS NOT NULL"),
    ("poll", "UPDATE OF forgotten_at", "WHEN OLD.forgotten_at IS NOT NULL"),
]

FROZEN_BEFORE = (
    "Er staan stemmingen in de database van een versie zonder verzegelde stemmen. Die kunnen niet mee. "
    "Bewaar hun dossiers met de oude versie, en begin met een lege database."
)


def upgrade() -> None:
    if op.get_bind().execute(sa.text("SELECT count(*) FROM poll")).scalar():
        raise ClickException(FROZEN_BEFORE)
    for name in ("ready_at", "lengthened_to", "mixed_at", "forgotten_at"):
        op.add_column("poll", sa.Column(name, sa.DateTime(), nullable=True))
    op.add_column("poll", sa.Column("lengthened_text", sa.String(), nullable=True))
    op.create_table(
        "leaf",
        sa.Column("poll_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("question", sa.Integer(), nullable=False),
        sa.Column("control", sa.LargeBinary(length=10), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_leaf_poll_id_poll")),
        sa.PrimaryKeyConstraint("poll_id", "position", name=op.f("pk_leaf")),
        sa.UniqueConstraint("poll_id", "question", "control", name=op.f("uq_leaf_poll_id")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "checkpoint",
        sa.Column("poll_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("edge", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_checkpoint_poll_id_poll")),
        sa.PrimaryKeyConstraint("poll_id", "number", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "record",
        sa.Column("poll_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_record_poll_id_poll")),
        sa.PrimaryKeyConstraint("poll_id", "number", name=op.f("pk_record")),
    )
    op.create_table(
        "trial",
        sa.Column("poll_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("pair", sa.String(length=3), nullable=False),
        sa.Column("passed_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_trial_poll_id_poll")),
        sa.PrimaryKeyConstraint("poll_id", "pair", name=op.f("pk_trial")),
    )
    for number, (table, event, condition) in enumerate(REFUSED):
        for statement in refuse(op.get_bind().dialect.name, f"refused_4_{number}", table, event, condition):
            op.execute(statement)


def downgrade() -> None:
    for number, (table, *_) in enumerate(REFUSED):
        for statement in allow(op.get_bind().dialect.name, f"refused_4_{number}", table):
            op.execute(statement)
    for table in ("trial", "record", "checkpoint", "leaf"):
        op.drop_table(table)
    for name in ("ready_at", "lengthened_to", "lengthened_text", "mixed_at", "forgotten_at"):
        op.drop_column("poll", name)
