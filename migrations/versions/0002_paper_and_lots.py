"""paper ballots and lots

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from ballots.triggers import allow, refuse

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CLOSED = "WHEN EXISTS (SELECT 1 FROM poll WHERE id = OLD.poll_id AND closed_at IS NOT NULL)"

# What the database itself refuses, whoever asks: (table, event, condition).
REFUSED = [
    ("paper_box", "INSERT", CLOSED.replace("OLD", "NEW")),
    ("paper_box", "UPDATE", CLOSED),
    ("paper_box", "DELETE", CLOSED),
    ("box", "INSERT", CLOSED.replace("OLD", "NEW")),
    ("lot", "UPDATE", ""),
    ("lot", "DELETE", ""),
]


def upgrade() -> None:
    op.create_table(
        "paper_box",
        sa.Column("poll_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("question", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("marking", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_paper_box_poll_id_poll")),
        sa.PrimaryKeyConstraint("poll_id", "question", "marking", name=op.f("pk_paper_box")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lot",
        sa.Column("poll_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("question", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("drawn", sa.JSON(), nullable=False),
        sa.Column("witnesses", sa.JSON(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_lot_poll_id_poll")),
        sa.PrimaryKeyConstraint("poll_id", "question", "number", name=op.f("pk_lot")),
    )
    for table, event, condition in REFUSED:
        name = f"refused_{table}_{event.lower()}"
        for statement in refuse(op.get_bind().dialect.name, name, table, event, condition):
            op.execute(statement)


def downgrade() -> None:
    for table, event, _ in REFUSED:
        for statement in allow(op.get_bind().dialect.name, f"refused_{table}_{event.lower()}", table):
            op.execute(statement)
    op.drop_table("lot")
    op.drop_table("paper_box")
