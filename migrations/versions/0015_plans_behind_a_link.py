"""plans that are being written, photos, and what came of a plan

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from ballots.triggers import allow, refuse

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# What the database itself refuses, whoever asks: (table, event, condition).
REFUSED = [
    (
        "initiative",
        "UPDATE OF upkeep",
        "WHEN EXISTS (SELECT 1 FROM consultation WHERE initiative_id = OLD.id AND poll_id IS NOT NULL)",
    ),
    ("initiative", "UPDATE OF withdrawn_at", "WHEN OLD.withdrawn_at IS NOT NULL"),
]


def upgrade() -> None:
    op.add_column("initiative", sa.Column("upkeep", sa.Text(), nullable=False, server_default=""))
    op.add_column("initiative", sa.Column("withdrawn_at", sa.DateTime(), nullable=True))
    op.create_table(
        "plan_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=False),
        sa.Column("initiative_id", sa.Integer(), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("touched_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["initiative_id"], ["initiative.id"], name=op.f("fk_plan_link_initiative_id_initiative")
        ),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_plan_link_town_id_town")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_plan_link_token_hash")),
    )
    op.create_index(op.f("ix_plan_link_initiative_id"), "plan_link", ["initiative_id"])
    op.create_table(
        "story",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("initiative_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("shown_at", sa.DateTime(), nullable=True),
        sa.Column("returned_why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["initiative_id"], ["initiative.id"], name=op.f("fk_story_initiative_id_initiative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story")),
    )
    op.create_index(op.f("ix_story_initiative_id"), "story", ["initiative_id"])
    op.create_table(
        "photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("initiative_id", sa.Integer(), nullable=True),
        sa.Column("story_id", sa.Integer(), nullable=True),
        sa.Column("alt", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("large", sa.LargeBinary(), nullable=False),
        sa.Column("small", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["initiative_id"], ["initiative.id"], name=op.f("fk_photo_initiative_id_initiative")
        ),
        sa.ForeignKeyConstraint(["link_id"], ["plan_link.id"], name=op.f("fk_photo_link_id_plan_link")),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_photo_story_id_story")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
        sa.UniqueConstraint("initiative_id", name=op.f("uq_photo_initiative_id")),
        sa.UniqueConstraint("link_id", name=op.f("uq_photo_link_id")),
        sa.UniqueConstraint("name", name=op.f("uq_photo_name")),
    )
    op.create_index(op.f("ix_photo_story_id"), "photo", ["story_id"])
    for number, (table, event, condition) in enumerate(REFUSED):
        for statement in refuse(op.get_bind().dialect.name, f"refused_15_{number}", table, event, condition):
            op.execute(statement)


def downgrade() -> None:
    for number, (table, _, _) in enumerate(REFUSED):
        for statement in allow(op.get_bind().dialect.name, f"refused_15_{number}", table):
            op.execute(statement)
    for table in ("photo", "story", "plan_link"):
        op.drop_table(table)
    op.drop_column("initiative", "withdrawn_at")
    op.drop_column("initiative", "upkeep")
