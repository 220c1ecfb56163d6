"""the languages in which the pages of a wijk are offered

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("wijk", sa.Column("languages", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("wijk") as wijk:
        wijk.alter_column("languages", server_default=None)


def downgrade() -> None:
    op.drop_column("wijk", "languages")
