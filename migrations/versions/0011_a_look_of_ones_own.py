"""the design tokens of a town's own theme

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("town", sa.Column("theme", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("town", "theme")
