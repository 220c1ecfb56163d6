"""a consultation without a plan

A consultation gets a wijk of its own and may be about no plan. SQLite cannot make a column nullable, so
the table is made anew under its own name: rows of other tables that refer to it then never notice, and
triggers elsewhere that name it stay. Its own triggers go with the old table and are made again.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEPT = (
    "id, initiative_id, poll_id, question, summary, in_favour, against, if_no, upkeep, first_day, last_day, "
    "majority, base, blank_in_majority, quorum, quorum_percent, blank_in_turnout, missed_quorum, amount"
)
FROZEN = "WHEN OLD.poll_id IS NOT NULL"


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        _altered()
        return
    _set_aside()
    op.create_table(
        "consultation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wijk_id", sa.Integer(), nullable=False),
        sa.Column("initiative_id", sa.Integer(), nullable=True),
        *_columns(),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("afterwards", sa.Text(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["wijk_id"], ["wijk.id"], name=op.f("fk_consultation_wijk_id_wijk")),
        *_constraints(),
    )
    op.execute(
        f"INSERT INTO consultation ({KEPT}, wijk_id, title, afterwards, questions) "
        f"SELECT {KEPT}, (SELECT wijk_id FROM initiative WHERE initiative.id = initiative_id), '', '', '[]' "
        "FROM set_aside ORDER BY id"
    )
    _finish()


def downgrade() -> None:
    """Go back to plans only. With a buurtstemming there this fails, since it has none, and changes nothing."""
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("consultation", "initiative_id", nullable=False)
        for name in ("wijk_id", "title", "afterwards", "questions"):
            op.drop_column("consultation", name)
        return
    _set_aside()
    op.create_table(
        "consultation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("initiative_id", sa.Integer(), nullable=False),
        *_columns(),
        *_constraints(),
    )
    op.execute(f"INSERT INTO consultation ({KEPT}) SELECT {KEPT} FROM set_aside ORDER BY id")
    _finish()


def _altered() -> None:
    """The same where a column can be made nullable; no such database was ever filled before this."""
    op.alter_column("consultation", "initiative_id", nullable=True)
    op.add_column("consultation", sa.Column("wijk_id", sa.Integer(), nullable=False))
    op.create_foreign_key(op.f("fk_consultation_wijk_id_wijk"), "consultation", "wijk", ["wijk_id"], ["id"])
    op.add_column("consultation", sa.Column("title", sa.String(), nullable=False))
    op.add_column("consultation", sa.Column("afterwards", sa.Text(), nullable=False))
    op.add_column("consultation", sa.Column("questions", sa.JSON(), nullable=False))


def _set_aside() -> None:
    """Keep the rows and drop the table; rows that refer to it wait until the end of the transaction."""
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TABLE set_aside AS SELECT * FROM consultation")
    op.execute("DROP TABLE consultation")


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("poll_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("in_favour", sa.Text(), nullable=False),
        sa.Column("against", sa.Text(), nullable=False),
        sa.Column("if_no", sa.Text(), nullable=False),
        sa.Column("upkeep", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("majority", sa.String(), nullable=True),
        sa.Column("base", sa.String(), nullable=True),
        sa.Column("blank_in_majority", sa.Boolean(), nullable=True),
        sa.Column("quorum", sa.String(), nullable=True),
        sa.Column("quorum_percent", sa.Integer(), nullable=True),
        sa.Column("blank_in_turnout", sa.Boolean(), nullable=True),
        sa.Column("missed_quorum", sa.String(), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=True),
    ]


def _constraints() -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(
            ["initiative_id"], ["initiative.id"], name=op.f("fk_consultation_initiative_id_initiative")
        ),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_consultation_poll_id_poll")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
        sa.UniqueConstraint("poll_id", name=op.f("uq_consultation_poll_id")),
    ]


def _finish() -> None:
    op.execute("DROP TABLE set_aside")
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER refused_consultation_{event.lower()} BEFORE {event} ON consultation {FROZEN} "
            "BEGIN SELECT RAISE(ABORT, 'consultation: only added to, never changed'); END"
        )
