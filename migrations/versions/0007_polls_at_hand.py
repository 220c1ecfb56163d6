"""what every vote asks of a poll, in an index of its own

A definition may be megabytes, and SQLite reads through it to get at the columns behind it.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COLUMNS = ["id", "hash", "opens", "closes", "ready_at", "lengthened_to"]
COLUMNS += ["mixed_at", "closed_at", "withdrawn_at"]


def upgrade() -> None:
    op.create_index("ix_poll_at_hand", "poll", COLUMNS)


def downgrade() -> None:
    op.drop_index("ix_poll_at_hand", "poll")
