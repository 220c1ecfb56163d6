"""points that residents send, what the regiegroep makes of them, and who found the arguments fair

Revision ID: 0014
Revises: 0013
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ARGUMENTS = {"in_favour", "against"}


def upgrade() -> None:
    op.create_table(
        "point",
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_point_consultation_id_consultation")
        ),
        sa.PrimaryKeyConstraint("consultation_id", "number", name=op.f("pk_point")),
    )
    op.create_table(
        "sent_point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("slip", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("aside", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_sent_point_consultation_id_consultation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_point")),
        sa.UniqueConstraint("consultation_id", "slip", name=op.f("uq_sent_point_consultation_id")),
    )
    op.add_column("consultation", sa.Column("against_from", sa.String(), nullable=True))
    op.add_column("consultation", sa.Column("argued_by", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("consultation", sa.Column("signed_off_by", sa.String(), nullable=True))
    op.add_column("consultation", sa.Column("signed_off_at", sa.DateTime(), nullable=True))
    op.add_column("consultation", sa.Column("points_until", sa.Date(), nullable=True))
    op.add_column("decision", sa.Column("answers", sa.JSON(), nullable=False, server_default="{}"))
    _who_argued()


def _who_argued() -> None:
    """Of a draft the journal knows who typed the arguments: they may not sign them off now."""
    connection = op.get_bind()
    edits = connection.execute(
        sa.text(
            "SELECT journal.consultation_id, journal.actor, journal.detail FROM journal "
            "JOIN consultation ON consultation.id = journal.consultation_id "
            "WHERE journal.action = 'edit consultation' AND consultation.poll_id IS NULL ORDER BY journal.id"
        )
    )
    argued: dict[int, list[str]] = {}
    for id, actor, detail in edits:
        facts = json.loads(detail) if isinstance(detail, str) else detail
        if ARGUMENTS & set(facts.get("fields", ())) and actor not in argued.setdefault(id, []):
            argued[id].append(actor)
    for id, actors in argued.items():
        update = sa.text("UPDATE consultation SET argued_by = :who WHERE id = :id").bindparams(
            sa.bindparam("who", type_=sa.JSON())
        )
        connection.execute(update, {"who": actors, "id": id})


def downgrade() -> None:
    op.drop_column("decision", "answers")
    for name in ("points_until", "signed_off_at", "signed_off_by", "argued_by", "against_from"):
        op.drop_column("consultation", name)
    op.drop_table("sent_point")
    op.drop_table("point")
