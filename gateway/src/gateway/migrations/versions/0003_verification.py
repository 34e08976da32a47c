"""What partners declared and is verified here."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

DUE = sa.text("due = 1")


def upgrade() -> None:
    op.create_table(
        "verifications",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("home", sa.Text, nullable=False),
        sa.Column("withdrawn_version", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("obeyed", sa.BigInteger, nullable=False),
        sa.Column("due", sa.Integer, nullable=False),
        sa.Index("verifications_due", "due", sqlite_where=DUE, postgresql_where=DUE),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "verification_logs",
        sa.Column("home", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "verification_decisions",
        sa.Column("home", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("signed", sa.LargeBinary, nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Index("verification_decisions_by_revision", "number", "revision", unique=True),
    )


def downgrade() -> None:
    for name in ("verification_decisions", "verification_logs", "verifications"):
        op.drop_table(name)
