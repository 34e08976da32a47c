"""Movements in transit."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

DUE = sa.text("due_time IS NOT NULL")
TABLES = (
    *("movements", "movement_events", "movement_streams", "movement_letters", "movement_refusals"),
    "movement_guarantees",
)


def upgrade() -> None:
    op.create_table(
        "movements",
        sa.Column("side", sa.Integer, primary_key=True),
        sa.Column("mrn", sa.Text, primary_key=True),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("other", sa.Text, nullable=False),
        sa.Column("office_code", sa.Text, nullable=False),
        sa.Column("lrn", sa.Text, nullable=False),
        sa.Column("declarant", sa.Text, nullable=False),
        sa.Column("declaration", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("trace", sa.Text, nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Column("update_time", sa.BigInteger, nullable=False),
        sa.Column("departure", sa.Text, nullable=False),
        sa.Column("arrival", sa.Text, nullable=False),
        sa.Column("remarks", sa.Text, nullable=False),
        sa.Column("former", sa.Text, nullable=False),
        sa.Column("via", sa.Text, nullable=False),
        sa.Column("passages", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("found", sa.Integer, nullable=False),
        sa.Column("in_conflict", sa.Integer, nullable=False),
        sa.Column("fraud_suspected", sa.Integer, nullable=False),
        sa.Column("wait_time", sa.BigInteger),
        sa.Column("due_time", sa.BigInteger),
        sa.Column("etag", sa.BigInteger, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.UniqueConstraint("declarant", "reference", name="movements_one_for_each_reference"),
        sa.CheckConstraint("side BETWEEN 1 AND 3 AND state BETWEEN 1 AND 23 AND etag >= 1", name="movements_sound"),
        sa.Index("movements_by_due_time", "due_time", sqlite_where=DUE, postgresql_where=DUE),
        sa.Index("movements_by_create_time", "create_time", "mrn"),
    )
    op.create_table(
        "movement_events",
        sa.Column("side", sa.Integer, primary_key=True),
        sa.Column("mrn", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("state_before", sa.Integer, nullable=False),
        sa.Column("state_after", sa.Integer, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("refused", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "movement_streams",
        sa.Column("direction", sa.Integer, primary_key=True),
        sa.Column("district", sa.Text, primary_key=True),
        sa.Column("side", sa.Integer, primary_key=True),
        sa.Column("mrn", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "movement_letters",
        sa.Column("district", sa.Text, primary_key=True),
        sa.Column("side", sa.Integer, primary_key=True),
        sa.Column("mrn", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("trace", sa.Text, nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("set_aside", sa.Integer, nullable=False),
        sa.Column("due_time", sa.BigInteger),
        sa.Index("movement_letters_by_due_time", "district", "due_time", sqlite_where=DUE, postgresql_where=DUE),
        sa.Index("movement_letters_by_mrn", "mrn"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "movement_refusals",
        sa.Column("district", sa.Text, primary_key=True),
        sa.Column("side", sa.Integer, primary_key=True),
        sa.Column("mrn", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True),
        sa.Column("state_met", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "movement_guarantees",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("generation", sa.Integer, primary_key=True),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("kinds", sa.Text, nullable=False),
        sa.Column("units", sa.BigInteger, nullable=False),
        sa.Column("currency_code", sa.Text, nullable=False),
        sa.Column("grns", sa.Text, nullable=False),
        sa.Column("home", sa.Text, nullable=False),
        sa.Column("broker", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("request_time", sa.BigInteger, nullable=False),
        sa.Column("confirm_time", sa.BigInteger),
        sa.Column("end_time", sa.BigInteger),
        sa.Column("refusals", sa.Text, nullable=False),
        sa.Column("amend_until", sa.BigInteger),
        sa.Column("claimant", sa.Text, nullable=False),
        sa.Column("claim_reason", sa.Text, nullable=False),
        sa.Column("due_time", sa.BigInteger),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("by_scheme", sa.Integer, nullable=False),
        sa.Column("settle_by", sa.BigInteger),
        sa.Column("end_request_id", sa.Text, nullable=False),
        sa.CheckConstraint("generation >= 1 AND units > 0 AND state BETWEEN 1 AND 9", name="movement_guarantees_sound"),
        sa.Index("movement_guarantees_by_due_time", "home", "due_time", sqlite_where=DUE, postgresql_where=DUE),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
