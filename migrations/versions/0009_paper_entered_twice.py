"""papers entered by two people

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "paper_entry",
        sa.Column("poll_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("hand", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("markings", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_paper_entry_poll_id_poll")),
        sa.PrimaryKeyConstraint("poll_id", "hand", "number", name=op.f("pk_paper_entry")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("paper_entry")
