"""which key mixes a poll, and whether the database was cleaned after it was over

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from ballots.triggers import allow, refuse

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# What the database itself refuses, whoever asks: (table, event, condition).
REFUSED = [
    ("poll", "UPDATE OF mix_check", ""),
    ("poll", "UPDATE OF cleaned_at", "WHEN OLD.cleaned_at IS NOT NULL"),
]


def upgrade() -> None:
    """A poll that was frozen before has no check: its key file is taken as it is, as it always was."""
    op.add_column("poll", sa.Column("mix_check", sa.LargeBinary(length=32), nullable=True))
    op.add_column("poll", sa.Column("cleaned_at", sa.DateTime(), nullable=True))
    for number, (table, event, condition) in enumerate(REFUSED):
        for statement in refuse(op.get_bind().dialect.name, f"refused_10_{number}", table, event, condition):
            op.execute(statement)


def downgrade() -> None:
    for number, (table, _, _) in enumerate(REFUSED):
        for statement in allow(op.get_bind().dialect.name, f"refused_10_{number}", table):
            op.execute(statement)
    op.drop_column("poll", "cleaned_at")
    op.drop_column("poll", "mix_check")
