"""Complaints, how whoever complains can be reached, and what was arbitrated."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

DUE = sa.text("due_time IS NOT NULL")
PROPOSED = sa.text("state = 1")
DECIDED = sa.text("state = 2")


def upgrade() -> None:
    op.create_table(
        "complaints",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("channel", sa.Integer, nullable=False),
        sa.Column("filer", sa.Text, nullable=False),
        sa.Column("token_digest", sa.LargeBinary, nullable=False),
        sa.Column("named_agency", sa.Text, nullable=False),
        sa.Column("clearance_number", sa.Text, nullable=False),
        sa.Column("trace_id", sa.Text, nullable=False),
        sa.Column("paragraphs", sa.Text, nullable=False),
        sa.Column("month", sa.Text, nullable=False),
        sa.Column("file_time", sa.BigInteger, nullable=False),
        sa.Column("answer_due", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("agency", sa.Text, nullable=False),
        sa.Column("answer_outcome", sa.Integer, nullable=False),
        sa.Column("answer_paragraphs", sa.Text, nullable=False),
        sa.Column("answer_agency", sa.Text, nullable=False),
        sa.Column("answer_officer", sa.Text, nullable=False),
        sa.Column("answer_time", sa.BigInteger),
        sa.Column("contest_due", sa.BigInteger),
        sa.Column("escalation", sa.Integer, nullable=False),
        sa.Column("escalate_time", sa.BigInteger),
        sa.Column("contest", sa.Text, nullable=False),
        sa.Column("arbitrate_due", sa.BigInteger),
        sa.Column("end_time", sa.BigInteger),
        sa.Column("due_time", sa.BigInteger),
        sa.CheckConstraint("state BETWEEN 1 AND 8 AND channel BETWEEN 1 AND 3", name="complaints_sound"),
        sa.CheckConstraint("(state >= 5) = (end_time IS NOT NULL)", name="complaints_end_once"),
        sa.CheckConstraint("(answer_outcome = 0) = (answer_time IS NULL)", name="complaints_answered_at_a_time"),
        sa.Index("complaints_due", "due_time", sqlite_where=DUE, postgresql_where=DUE),
        sa.Index("complaints_by_filer", "filer", "file_time"),
        sa.Index("complaints_by_clearance", "clearance_number"),
        sa.Index("complaints_by_agency", "agency", "number"),
        sa.Index("complaints_by_month", "month", "kind", "agency"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "complaint_contacts",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "arbitrations",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("serial", sa.Integer, primary_key=True),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("ruling", sa.Integer, nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("measures", sa.Text, nullable=False),
        sa.Column("agency", sa.Text, nullable=False),
        sa.Column("clearance_number", sa.Text, nullable=False),
        sa.Column("takes_two", sa.Integer, nullable=False),
        sa.Column("proposer", sa.Text, nullable=False),
        sa.Column("propose_time", sa.BigInteger, nullable=False),
        sa.Column("second", sa.Text, nullable=False),
        sa.Column("decide_time", sa.BigInteger),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.CheckConstraint("state BETWEEN 1 AND 3 AND ruling BETWEEN 1 AND 3", name="arbitrations_sound"),
        sa.CheckConstraint("(state = 2) = (position > 0)", name="arbitrations_have_a_place_once_decided"),
        sa.CheckConstraint(
            "state <> 2 OR takes_two = 0 OR (second <> '' AND second <> proposer)", name="arbitrations_take_two"
        ),
        sa.Index("arbitrations_proposed", "number", unique=True, sqlite_where=PROPOSED, postgresql_where=PROPOSED),
        sa.Index("arbitrations_by_position", "position", unique=True, sqlite_where=DECIDED, postgresql_where=DECIDED),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "arbitration_receipts",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("agency", sa.Text, primary_key=True),
        sa.Column("officer", sa.Text, nullable=False),
        sa.Column("receipt_time", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO counters (name, value) VALUES ('complaints', 0), ('arbitrations', 0)")


def downgrade() -> None:
    op.execute("DELETE FROM counters WHERE name IN ('complaints', 'arbitrations')")
    for table in ("arbitration_receipts", "arbitrations", "complaint_contacts", "complaints"):
        op.drop_table(table)
