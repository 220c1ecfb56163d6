"""who keeps the keys

The role of a keyholder is a longer word than those before; SQLite changes the type of a column only by making
the table anew, under its own name, so that rows that refer to it never notice.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ROLES = ("beheerder", "gemeente", "regiegroep")


def upgrade() -> None:
    _roles(*ROLES, "sleutelhouder")
    op.add_column("consultation", sa.Column("custody", sa.String(), nullable=True))
    op.create_table(
        "keyholder",
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("printed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_keyholder_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_keyholder_staff_id_staff")),
        sa.PrimaryKeyConstraint("consultation_id", "part", name=op.f("pk_keyholder")),
        sa.UniqueConstraint("consultation_id", "staff_id", name=op.f("uq_keyholder_consultation_id")),
    )


def downgrade() -> None:
    """Go back to before; with a keyholder among the people PostgreSQL refuses the shorter word."""
    op.drop_table("keyholder")
    op.drop_column("consultation", "custody")
    _roles(*ROLES)


def _roles(*names: str) -> None:
    """Give the role of somebody a type that these words fit in."""
    kind = sa.Enum(*names, name="role", native_enum=False)
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.alter_column("staff", "role", type_=kind, existing_nullable=False)
        return
    op.execute("PRAGMA defer_foreign_keys = ON")
    staff = sa.Table("staff", sa.MetaData(), autoload_with=connection)
    staff.c.role.type = kind
    op.execute("CREATE TABLE set_aside AS SELECT * FROM staff")
    op.execute("DROP TABLE staff")
    staff.create(connection)
    op.execute("INSERT INTO staff SELECT * FROM set_aside")
    op.execute("DROP TABLE set_aside")
