"""Complaints (投诉), how whoever complains can be reached, and what the port office has decided on them."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, Table, Text, text

from gateway.storage.tables.base import metadata

_DUE = text("due_time IS NOT NULL")
_PROPOSED = text("state = 1")
_DECIDED = text("state = 2")

complaints = Table(
    "complaints",
    metadata,
    Column("number", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("channel", Integer, nullable=False),
    Column("filer", Text, nullable=False),
    # SHA-256 of the token; empty where there is none.
    Column("token_digest", LargeBinary, nullable=False),
    Column("named_agency", Text, nullable=False),
    Column("clearance_number", Text, nullable=False),
    Column("trace_id", Text, nullable=False),
    # JSON, as all paragraphs below.
    Column("paragraphs", Text, nullable=False),
    # Of filing, in the district's time: `2004-11`.
    Column("month", Text, nullable=False),
    Column("file_time", BigInteger, nullable=False),
    Column("answer_due", BigInteger, nullable=False),
    # domain.complaint.State
    Column("state", Integer, nullable=False),
    Column("agency", Text, nullable=False),
    Column("answer_outcome", Integer, nullable=False),
    Column("answer_paragraphs", Text, nullable=False),
    Column("answer_agency", Text, nullable=False),
    Column("answer_officer", Text, nullable=False),
    Column("answer_time", BigInteger),
    Column("contest_due", BigInteger),
    Column("escalation", Integer, nullable=False),
    Column("escalate_time", BigInteger),
    Column("contest", Text, nullable=False),
    Column("arbitrate_due", BigInteger),
    Column("end_time", BigInteger),
    # When something happens by itself.
    Column("due_time", BigInteger),
    CheckConstraint("state BETWEEN 1 AND 8 AND channel BETWEEN 1 AND 3", name="complaints_sound"),
    CheckConstraint("(state >= 5) = (end_time IS NOT NULL)", name="complaints_end_once"),
    CheckConstraint("(answer_outcome = 0) = (answer_time IS NULL)", name="complaints_answered_at_a_time"),
    Index("complaints_due", "due_time", sqlite_where=_DUE, postgresql_where=_DUE),
    Index("complaints_by_filer", "filer", "file_time"),
    Index("complaints_by_clearance", "clearance_number"),
    Index("complaints_by_agency", "agency", "number"),
    Index("complaints_by_month", "month", "kind", "agency"),
    sqlite_with_rowid=False,
)

# Personal data, kept apart and for a shorter time.
complaint_contacts = Table(
    "complaint_contacts",
    metadata,
    Column("number", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    sqlite_with_rowid=False,
)

arbitrations = Table(
    "arbitrations",
    metadata,
    Column("number", Text, primary_key=True),
    Column("serial", Integer, primary_key=True),
    # domain.arbitration.ArbitrationState
    Column("state", Integer, nullable=False),
    Column("ruling", Integer, nullable=False),
    Column("reasons", Text, nullable=False),
    # JSON: [agency, kind, text, due time] each.
    Column("measures", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("clearance_number", Text, nullable=False),
    Column("takes_two", Integer, nullable=False),
    Column("proposer", Text, nullable=False),
    Column("propose_time", BigInteger, nullable=False),
    Column("second", Text, nullable=False),
    Column("decide_time", BigInteger),
    # Place in the list of those decided, without gaps in the order of commits; 0 before.
    Column("position", BigInteger, nullable=False),
    CheckConstraint("state BETWEEN 1 AND 3 AND ruling BETWEEN 1 AND 3", name="arbitrations_sound"),
    CheckConstraint("(state = 2) = (position > 0)", name="arbitrations_have_a_place_once_decided"),
    # Whoever overrides an agency alone would be one pair of eyes.
    CheckConstraint(
        "state <> 2 OR takes_two = 0 OR (second <> '' AND second <> proposer)", name="arbitrations_take_two"
    ),
    Index("arbitrations_proposed", "number", unique=True, sqlite_where=_PROPOSED, postgresql_where=_PROPOSED),
    Index("arbitrations_by_position", "position", unique=True, sqlite_where=_DECIDED, postgresql_where=_DECIDED),
    sqlite_with_rowid=False,
)

arbitration_receipts = Table(
    "arbitration_receipts",
    metadata,
    Column("number", Text, primary_key=True),
    Column("agency", Text, primary_key=True),
    Column("officer", Text, nullable=False),
    Column("receipt_time", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
