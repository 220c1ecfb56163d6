"""first tables

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

from ballots.triggers import allow, refuse

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# What the database itself refuses, whoever asks: (table, event, condition).
REFUSED = [
    ("journal", "UPDATE", ""),
    ("journal", "DELETE", ""),
    ("poll", "UPDATE OF id, definition, hash, opens, closes, frozen_at", ""),
    (
        "poll",
        "UPDATE OF closed_at, withdrawn_at, withdrawn_why",
        "WHEN OLD.closed_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL",
    ),
    ("poll", "DELETE", ""),
    ("consultation", "UPDATE", "WHEN OLD.poll_id IS NOT NULL"),
    ("consultation", "DELETE", "WHEN OLD.poll_id IS NOT NULL"),
    (
        "initiative",
        "UPDATE OF title, what, for_whom, place, asked",
        "WHEN EXISTS (SELECT 1 FROM consultation WHERE initiative_id = OLD.id AND poll_id IS NOT NULL)",
    ),
    ("letter", "UPDATE", ""),
    ("letter", "DELETE", ""),
    ("redemption", "UPDATE", ""),
    ("redemption", "DELETE", ""),
    ("inbox", "UPDATE", ""),
    ("box", "UPDATE", ""),
    ("box", "DELETE", ""),
    ("decision", "UPDATE", ""),
    ("decision", "DELETE", ""),
    ("grant", "UPDATE", ""),
    ("grant", "DELETE", ""),
    ("voucher", "UPDATE OF grant_id, number, amount, issued_at", ""),
    ("voucher", "UPDATE OF redeemed_at", "WHEN OLD.redeemed_at IS NOT NULL"),
    ("voucher", "DELETE", ""),
]


def upgrade() -> None:
    op.create_table(
        "poll",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("definition", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("opens", sa.DateTime(), nullable=False),
        sa.Column("closes", sa.DateTime(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("withdrawn_why", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll")),
    )
    op.create_table(
        "town",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("accent", sa.String(length=7), nullable=False),
        sa.Column("base_url", sa.String(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_town")),
    )
    op.create_table(
        "used_link",
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_used_link")),
    )
    op.create_table(
        "box",
        sa.Column("poll_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("question", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("secret", sa.LargeBinary(length=32), nullable=False),
        sa.Column("marking", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_box_poll_id_poll")),
        sa.PrimaryKeyConstraint("poll_id", "question", "commitment", name=op.f("pk_box")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "inbox",
        sa.Column("poll_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("question", sa.Integer(), nullable=False),
        sa.Column("tag", sa.LargeBinary(length=10), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_inbox_poll_id_poll")),
        sa.PrimaryKeyConstraint("poll_id", "id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("poll_id", "question", "tag", name=op.f("uq_inbox_poll_id")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "letter",
        sa.Column("h", sa.LargeBinary(length=32), nullable=False),
        sa.Column("poll_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_letter_poll_id_poll")),
        sa.PrimaryKeyConstraint("h", name=op.f("pk_letter")),
        sa.UniqueConstraint("poll_id", "serial", name=op.f("uq_letter_poll_id")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "print_run",
        sa.Column("poll_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=True),
        sa.Column("printed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_print_run_poll_id_poll")),
        sa.PrimaryKeyConstraint("poll_id", "number", name=op.f("pk_print_run")),
    )
    op.create_table(
        "wijk",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_wijk_town_id_town")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wijk")),
        sa.UniqueConstraint("town_id", "slug", name=op.f("uq_wijk_town_id")),
    )
    op.create_table(
        "initiative",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wijk_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("for_whom", sa.Text(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("initiator", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(), nullable=False),
        sa.Column("hidden_why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["wijk_id"], ["wijk.id"], name=op.f("fk_initiative_wijk_id_wijk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_initiative")),
    )
    op.create_table(
        "redemption",
        sa.Column("poll_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("h", sa.LargeBinary(length=32), nullable=False),
        sa.Column("p", sa.LargeBinary(length=32), nullable=True),
        sa.Column(
            "channel", sa.Enum("web", "paper", "void", name="channel", native_enum=False), nullable=False
        ),
        sa.ForeignKeyConstraint(["h"], ["letter.h"], name=op.f("fk_redemption_h_letter")),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_redemption_poll_id_poll")),
        sa.PrimaryKeyConstraint("poll_id", "h", name=op.f("pk_redemption")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=False),
        sa.Column("wijk_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("beheerder", "gemeente", "regiegroep", name="role", native_enum=False),
            nullable=False,
        ),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_staff_town_id_town")),
        sa.ForeignKeyConstraint(["wijk_id"], ["wijk.id"], name=op.f("fk_staff_wijk_id_wijk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
    )
    op.create_table(
        "consultation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("initiative_id", sa.Integer(), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["initiative_id"], ["initiative.id"], name=op.f("fk_consultation_initiative_id_initiative")
        ),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_consultation_poll_id_poll")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
        sa.UniqueConstraint("poll_id", name=op.f("uq_consultation_poll_id")),
    )
    op.create_table(
        "grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("initiative_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["initiative_id"], ["initiative.id"], name=op.f("fk_grant_initiative_id_initiative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant")),
        sa.UniqueConstraint("initiative_id", name=op.f("uq_grant_initiative_id")),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("initiative_id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=True),
        sa.Column(
            "verdict", sa.Enum("award", "reject", "defer", name="verdict", native_enum=False), nullable=False
        ),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("departs", sa.Boolean(), nullable=False),
        sa.Column("present", sa.JSON(), nullable=False),
        sa.Column("aside", sa.JSON(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_decision_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(
            ["initiative_id"], ["initiative.id"], name=op.f("fk_decision_initiative_id_initiative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=True),
        sa.Column("initiative_id", sa.Integer(), nullable=True),
        sa.Column("consultation_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_journal_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(
            ["initiative_id"], ["initiative.id"], name=op.f("fk_journal_initiative_id_initiative")
        ),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_journal_town_id_town")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journal_consultation_id"), ["consultation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_journal_initiative_id"), ["initiative_id"], unique=False)

    op.create_table(
        "roll_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("nummeraanduiding", sa.String(length=16), nullable=False),
        sa.Column("street", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("letter", sa.String(), nullable=False),
        sa.Column("addition", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("special", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("first_serial", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_roll_entry_consultation_id_consultation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_entry")),
        sa.UniqueConstraint(
            "consultation_id", "nummeraanduiding", name=op.f("uq_roll_entry_consultation_id")
        ),
    )
    with op.batch_alter_table("roll_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roll_entry_consultation_id"), ["consultation_id"], unique=False)

    op.create_table(
        "roll_upload",
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_roll_upload_consultation_id_consultation")
        ),
        sa.PrimaryKeyConstraint("consultation_id", name=op.f("pk_roll_upload")),
    )
    op.create_table(
        "voucher",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("grant_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(), nullable=False),
        sa.Column("redeemed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["grant_id"], ["grant.id"], name=op.f("fk_voucher_grant_id_grant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher")),
        sa.UniqueConstraint("grant_id", name=op.f("uq_voucher_grant_id")),
        sa.UniqueConstraint("number", name=op.f("uq_voucher_number")),
    )
    for number, (table, event, condition) in enumerate(REFUSED):
        for statement in refuse(op.get_bind().dialect.name, f"refused_{number}", table, event, condition):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("voucher")
    op.drop_table("roll_upload")
    with op.batch_alter_table("roll_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roll_entry_consultation_id"))

    op.drop_table("roll_entry")
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_journal_initiative_id"))
        batch_op.drop_index(batch_op.f("ix_journal_consultation_id"))

    op.drop_table("journal")
    op.drop_table("decision")
    op.drop_table("grant")
    op.drop_table("consultation")
    op.drop_table("staff")
    op.drop_table("redemption")
    op.drop_table("initiative")
    op.drop_table("wijk")
    op.drop_table("print_run")
    op.drop_table("letter")
    op.drop_table("inbox")
    op.drop_table("box")
    op.drop_table("used_link")
    op.drop_table("town")
    op.drop_table("poll")
    for number, (table, *_) in enumerate(REFUSED):
        for statement in allow(op.get_bind().dialect.name, f"refused_{number}", table):
            op.execute(statement)
