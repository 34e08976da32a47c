"""Cases, decisions, orders and what keeps them moving."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

DUE = sa.text("due_time IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "requests",
        sa.Column("originator", sa.Text, primary_key=True),
        sa.Column("resource", sa.Text, primary_key=True),
        sa.Column("request_id", sa.Text, primary_key=True),
        sa.Column("content_digest", sa.LargeBinary, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cases",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("broker", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("commitment_hours", sa.Integer, nullable=False),
        sa.Column("commitment_rule", sa.Text, nullable=False),
        sa.Column("commitment_start", sa.BigInteger, nullable=False),
        sa.Column("journey", sa.Text, nullable=False),
        sa.Column("keys", sa.Text, nullable=False),
        sa.Column("trace", sa.Text, nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Column("update_time", sa.BigInteger, nullable=False),
        sa.Column("release_time", sa.BigInteger),
        sa.Column("order_number", sa.BigInteger, nullable=False),
        sa.Column("etag", sa.BigInteger, nullable=False),
        sa.Column("waiting", sa.Text, nullable=False),
        sa.Column("waiting_parties", sa.Text, nullable=False),
        sa.Column("asks", sa.Text, nullable=False),
        sa.Column("withdrawal_round", sa.Integer, nullable=False),
        sa.Column("urgent", sa.Integer, nullable=False),
        sa.Column("claimed_by", sa.Text, nullable=False),
        sa.Column("claimed_until", sa.BigInteger, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("due_time", sa.BigInteger),
        sa.Column("change", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("broker", "reference", name="cases_one_for_each_reference"),
        sa.CheckConstraint("state BETWEEN 1 AND 14", name="cases_state_known"),
        sa.CheckConstraint("version >= 1 AND epoch >= 1 AND etag >= 1 AND order_number >= 0", name="cases_grow"),
        sa.Index("cases_by_change", "change"),
        sa.Index("cases_by_due_time", "due_time", sqlite_where=DUE, postgresql_where=DUE),
        sa.Index("cases_by_create_time", "create_time", "number"),
    )
    op.create_table(
        "versions",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("consignment", sa.LargeBinary, nullable=False),
        sa.Column("accept_time", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "parked",
        sa.Column("agency", sa.Text, primary_key=True),
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("due_time", sa.BigInteger, nullable=False),
        sa.Index("parked_by_due_time", "agency", "due_time"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "decisions",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("agency", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, primary_key=True),
        sa.Column("revision", sa.BigInteger, primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary, primary_key=True),
        sa.Column("verdict", sa.Integer, nullable=False),
        sa.Column("counted", sa.Integer, nullable=False),
        sa.Column("whole", sa.Integer, nullable=False),
        sa.Column("waits", sa.Text, nullable=False),
        sa.Column("log", sa.Text, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("signed", sa.LargeBinary, nullable=False),
        sa.Column("record_time", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "inbox",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("log", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True),
        sa.Column("agency", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("verdict", sa.Integer, nullable=False),
        sa.Column("whole", sa.Integer, nullable=False),
        sa.Column("waits", sa.Text, nullable=False),
        sa.Column("signed", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("signer", sa.Text, nullable=False),
    )
    op.create_table(
        "feed_positions",
        sa.Column("agency", sa.Text, primary_key=True),
        sa.Column("log", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "duties",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("claimed_by", sa.Text, nullable=False),
        sa.Column("claimed_until", sa.BigInteger, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "orders",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("order_number", sa.BigInteger, primary_key=True),
        sa.Column("kind", sa.Integer, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("order_bytes", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.Column("issue_time", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "exits",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("order_number", sa.BigInteger, nullable=False),
        sa.Column("container", sa.Text, nullable=False),
        sa.Column("way", sa.Integer, nullable=False),
        sa.Column("exit_time", sa.BigInteger, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.Column("record_time", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "untold",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("order_number", sa.BigInteger, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Integer, nullable=False),
        sa.Column("outcome_time", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outbox",
        sa.Column("agency", sa.Text, primary_key=True),
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("order_number", sa.BigInteger, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Integer, nullable=False),
        sa.Column("outcome_time", sa.BigInteger, nullable=False),
        sa.Column("refusals", sa.Integer, nullable=False),
        sa.Column("due_time", sa.BigInteger),
        sa.Index("outbox_by_due_time", "agency", "due_time"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "withdrawals",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("request_time", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "interventions",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("operator", sa.Text, primary_key=True),
        sa.Column("request_id", sa.Text, primary_key=True),
        sa.Column("act", sa.Integer, nullable=False),
        sa.Column("act_time", sa.BigInteger, nullable=False),
        sa.Column("reason_code", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("agency", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "examinations",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("agencies", sa.Text, nullable=False),
        sa.Column("containers", sa.Text, nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
        sa.Column("start_time", sa.BigInteger, nullable=False),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("appointment_id", sa.Text, nullable=False),
        sa.Column("decline_reason", sa.Text, nullable=False),
        sa.Column("opening", sa.Text, nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Column("update_time", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("replica", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("agency", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Index("audit_by_number", "number"),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.execute("INSERT INTO counters (name, value) VALUES ('changes', 0)")


def downgrade() -> None:
    for table in (
        "counters",
        "audit",
        "examinations",
        "interventions",
        "withdrawals",
        "outbox",
        "untold",
        "exits",
        "orders",
        "duties",
        "feed_positions",
        "inbox",
        "decisions",
        "parked",
        "versions",
        "cases",
        "requests",
    ):
        op.drop_table(table)
