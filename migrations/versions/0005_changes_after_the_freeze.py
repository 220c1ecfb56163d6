"""changes after the freeze: replaced and added letters, lengthening, and what two people decide

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from ballots.triggers import allow, refuse

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

DONE = "OLD.confirmed_at IS NOT NULL OR OLD.taken_back_at IS NOT NULL"
# What the database itself refuses, whoever asks: (table, event, condition).
REFUSED = [
    ("proposal", "UPDATE OF confirmed_by_id, confirmed_at, taken_back_by_id, taken_back_at", f"WHEN {DONE}"),
    (
        "proposal",
        "UPDATE OF consultation_id, kind, facts, reason, proposed_by_id, proposed_at",
        "",
    ),
    ("proposal", "DELETE", ""),
    ("extra_letter", "UPDATE", ""),
    ("extra_letter", "DELETE", ""),
]


def upgrade() -> None:
    op.add_column("print_run", sa.Column("replaces", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("consultation", sa.Column("lengthen", sa.Integer(), nullable=True))
    op.execute(
        "ALTER TABLE consultation ADD COLUMN follows_id INTEGER "
        "CONSTRAINT fk_consultation_follows_id_consultation REFERENCES consultation (id)"
    )
    op.create_table(
        "extra_letter",
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("roll_entry_id", sa.Integer(), nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_extra_letter_consultation_id_consultation"),
        ),
        sa.ForeignKeyConstraint(
            ["roll_entry_id"], ["roll_entry.id"], name=op.f("fk_extra_letter_roll_entry_id_roll_entry")
        ),
        sa.PrimaryKeyConstraint("consultation_id", "serial", name=op.f("pk_extra_letter")),
    )
    op.create_index(op.f("ix_extra_letter_roll_entry_id"), "extra_letter", ["roll_entry_id"])
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("taken_back_by_id", sa.Integer(), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("confirmed_by_id != proposed_by_id", name=op.f("ck_proposal_two_people")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_proposal_consultation_id_consultation")
        ),
        *(
            sa.ForeignKeyConstraint([column], ["staff.id"], name=op.f(f"fk_proposal_{column}_staff"))
            for column in ("proposed_by_id", "confirmed_by_id", "taken_back_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index(op.f("ix_proposal_consultation_id"), "proposal", ["consultation_id"])
    for number, (table, event, condition) in enumerate(REFUSED):
        for statement in refuse(op.get_bind().dialect.name, f"refused_5_{number}", table, event, condition):
            op.execute(statement)


def downgrade() -> None:
    for number, (table, *_) in enumerate(REFUSED):
        for statement in allow(op.get_bind().dialect.name, f"refused_5_{number}", table):
            op.execute(statement)
    op.drop_table("proposal")
    op.drop_table("extra_letter")
    op.drop_column("consultation", "follows_id")
    op.drop_column("consultation", "lengthen")
    op.drop_column("print_run", "replaces")
