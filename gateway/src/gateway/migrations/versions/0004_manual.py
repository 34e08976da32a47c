"""What officers released by hand, and declared emergencies."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

UNRECONCILED = sa.text("state IN (1, 2, 3)")


def upgrade() -> None:
    op.create_table(
        "manual_releases",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("serial", sa.Integer, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("absent", sa.Text, nullable=False),
        sa.Column("reason_code", sa.Text, nullable=False),
        sa.Column("paper_number", sa.Text, nullable=False),
        sa.Column("table_version", sa.Text, nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("second_reason", sa.Text, nullable=False),
        sa.Column("order_number", sa.BigInteger, nullable=False),
        sa.Column("revoker", sa.Text, nullable=False),
        sa.Column("revoke_reason", sa.Text, nullable=False),
        sa.Column("revoke_time", sa.BigInteger),
        sa.Column("settler", sa.Text, nullable=False),
        sa.Column("settle_reason", sa.Text, nullable=False),
        sa.Column("settle_time", sa.BigInteger),
        sa.Column("emergency", sa.Text, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("units", sa.BigInteger, nullable=False),
        sa.Column("used_units", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("guarantee", sa.Text, nullable=False),
        sa.CheckConstraint("serial >= 1 AND state BETWEEN 1 AND 5", name="manual_releases_sound"),
        sa.CheckConstraint("(state IN (1, 5)) = (order_number = 0)", name="manual_releases_ordered_by_an_order"),
        sa.Index(
            "manual_releases_unreconciled",
            "number",
            "serial",
            sqlite_where=UNRECONCILED,
            postgresql_where=UNRECONCILED,
        ),
        sa.Index("manual_releases_by_emergency", "emergency", "number", "serial"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "emergencies",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("plan_version", sa.Text, nullable=False),
        sa.Column("measure", sa.Text, nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("begin_time", sa.BigInteger),
        sa.Column("end_time", sa.BigInteger),
        sa.Column("hours", sa.Integer, nullable=False),
        sa.Column("releases", sa.Integer, nullable=False),
        sa.Column("most_releases", sa.Integer, nullable=False),
        sa.Column("units", sa.BigInteger, nullable=False),
        sa.Column("most_units", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.CheckConstraint("state BETWEEN 1 AND 4", name="emergencies_state_known"),
        sa.CheckConstraint("releases BETWEEN 0 AND most_releases", name="emergencies_in_number"),
        sa.CheckConstraint("units BETWEEN 0 AND most_units", name="emergencies_in_amount"),
        sa.CheckConstraint("releases = 0 OR begin_time IS NOT NULL", name="emergencies_are_declared_first"),
        sqlite_with_rowid=False,
    )

    op.execute("INSERT INTO counters (name, value) VALUES ('emergencies', 0)")


def downgrade() -> None:
    op.execute("DELETE FROM counters WHERE name = 'emergencies'")
    op.drop_table("emergencies")
    op.drop_table("manual_releases")
