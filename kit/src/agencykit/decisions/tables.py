"""The kit's tables in an agency's database. A service's first migration creates them (`agency_tables.create`).

Times are microseconds since 1970; log positions and numbers are int64.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text

from agencykit.audit.tables import audit_pages as declared_pages
from agencykit.audit.tables import purged_leaves as declared_leaves

metadata = MetaData()

# One row for each log: `<agency>/<replica>`. Appended to by a conditional update of (epoch, sequence).
logs = Table(
    "logs",
    metadata,
    Column("log", Text, primary_key=True),
    # Grows with every start of a writer: an older writer of the same name is fenced out.
    Column("epoch", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("head", LargeBinary, nullable=False),
    CheckConstraint("epoch >= 1 AND sequence >= 0", name="logs_grow"),
)

# Each time this database was found, or put back, behind what others hold of it. Until it has an end nothing is
# decided.
restorations = Table(
    "restorations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("create_time", BigInteger, nullable=False),
    # `restored` by whoever put a backup back, or `behind` where a follower had read more.
    Column("cause", Text, nullable=False),
    Column("log", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    # When somebody ended it, and who; from then on decisions stand in logs of this generation.
    Column("end_time", BigInteger),
    Column("ended_by", Text, nullable=False),
    Column("generation", Integer, nullable=False),
)

# One row for each signed batch.
seals = Table(
    "seals",
    metadata,
    Column("log", Text, primary_key=True),
    Column("first_sequence", BigInteger, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("seal", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    CheckConstraint("count BETWEEN 1 AND 256", name="seals_count"),
)

# The decision log itself. Rows are never changed.
decisions = Table(
    "decisions",
    metadata,
    Column("log", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("clearance_number", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("verdict", Integer, nullable=False),
    Column("decision", LargeBinary, nullable=False),
    Column("proof", LargeBinary, nullable=False),
    Column("first_sequence", BigInteger, nullable=False),
    # Canonical JSON of the facts used.
    Column("facts", LargeBinary, nullable=False),
    Index("decisions_by_revision", "clearance_number", "version", "revision", unique=True),
)

# What stays of those that were purged (agencykit.retention).
purged_leaves = declared_leaves(metadata)

# Every version of a consignment that was decided.
consignments = Table(
    "consignments",
    metadata,
    Column("clearance_number", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("consignment", LargeBinary, nullable=False),
    Column("originator", Text, nullable=False),
    Column("accept_time", BigInteger, nullable=False),
    Column("traceparent", Text, nullable=False),
    Column("tracestate", Text, nullable=False),
    # Decisions of others that were given with it, as signed, in one message; mostly empty.
    Column("given", LargeBinary, nullable=False),
    Column("create_time", BigInteger, nullable=False),
)

# Where each clearance stands with this agency. A row without a version is the tombstone of one never seen.
cases = Table(
    "cases",
    metadata,
    Column("clearance_number", Text, primary_key=True),
    # Highest version seen, 0 where none was; its digest; and the newest decision.
    Column("version", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    # SHA-256 of verdict, findings and waiting: equal ones are not decided twice.
    Column("outcome_digest", LargeBinary, nullable=False),
    Column("log", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    # Rule whose unresolved finding has the goods seized; empty elsewhere.
    Column("seized_by", Text, nullable=False),
    # When it must be decided again: 0 at once, a time after a failed try, NULL not at all.
    Column("due_time", BigInteger),
    Column("attempts", Integer, nullable=False),
    Column("withdrawn_version", BigInteger),
    Column("withdraw_time", BigInteger),
    # When all else about it was purged, so that this row is its tombstone; NULL before.
    Column("purge_time", BigInteger),
    # Only what is due stands in it, which mostly is nothing.
    Index(
        "cases_by_due_time",
        "due_time",
        sqlite_where=text("due_time IS NOT NULL"),
        postgresql_where=text("due_time IS NOT NULL"),
    ),
    # SQLite keeps such a table as one tree instead of two; right for short rows.
    sqlite_with_rowid=False,
)

# Facts that wake a consignment when they come.
waits = Table(
    "waits",
    metadata,
    Column("clearance_number", Text, primary_key=True),
    Column("fact_kind", Text, primary_key=True),
    Column("fact_key", Text, primary_key=True),
    Index("waits_by_fact", "fact_kind", "fact_key"),
    sqlite_with_rowid=False,
)

# Request ids that were carried out. Kept as long as the business record.
requests = Table(
    "requests",
    metadata,
    # The id first: a batch is looked up by ids alone.
    Column("request_id", Text, primary_key=True),
    Column("resource", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("clearance_number", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Officers' work.
AT_SCANNER = "kind = 5 AND state < 3"
work = Table(
    "work",
    metadata,
    Column("id", Text, primary_key=True),
    Column("clearance_number", Text, nullable=False),
    # The version it arose from: its result counts as long as the consignment reads as it did there.
    Column("version", BigInteger, nullable=False),
    # Numbers of clearance.agency.v1.Work.Kind and .State.
    Column("kind", Integer, nullable=False),
    Column("state", Integer, nullable=False),
    # JSON: {rule id: [fingerprints of the findings to settle]}; and the containers they name.
    Column("subjects", Text, nullable=False),
    Column("container_numbers", Text, nullable=False),
    # Where the goods are to be examined, as far as the agency says it; else empty.
    Column("place", Text, nullable=False),
    # JSON [[containers], [item numbers]]: the part of the goods that it, or once done its result, is about; else empty.
    Column("part", Text, nullable=False),
    Column("officer", Text, nullable=False),
    # Number of clearance.agency.v1.WorkResult.Outcome; 0 before there is one.
    Column("outcome", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    # JSON: [[quantity, found, limit]], and the same as findings tell it.
    Column("measurements", Text, nullable=False),
    Column("measured", Text, nullable=False),
    # JSON: [[number of clearance.agency.v1.Find.Kind, description, [item numbers]]].
    Column("finds", Text, nullable=False),
    # JSON: [[kind of document, the officer's reason]] that the broker is asked for, and until when.
    Column("documents", Text, nullable=False),
    Column("answer_until", BigInteger),
    Column("create_time", BigInteger, nullable=False),
    Column("update_time", BigInteger, nullable=False),
    Index("work_by_clearance", "clearance_number"),
    Index("work_by_state", "state", "create_time", "id"),
    # The scanner's queue alone: other work may lie open for years.
    Index("work_at_scanner", "create_time", sqlite_where=text(AT_SCANNER), postgresql_where=text(AT_SCANNER)),
)

# What became of each consignment, as the gateway told: the record of the act too, with who told it.
outcomes = Table(
    "outcomes",
    metadata,
    # Grows in the order in which transactions ended, so that a reader who remembers it misses none; may have gaps.
    # Rows are added at the end, whatever their clearance.
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("clearance_number", Text, nullable=False),
    Column("order_number", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("kind", Integer, nullable=False),
    Column("outcome_time", BigInteger, nullable=False),
    Column("order_bytes", LargeBinary, nullable=False),
    Column("order_signature", LargeBinary, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("identity", Text, nullable=False),
    Index("outcomes_by_order", "clearance_number", "order_number", unique=True),
)

# How far that is the whole of it: by each gateway, the newest moment before which it has told everything.
completeness = Table(
    "completeness",
    metadata,
    Column("identity", Text, primary_key=True),
    # By the gateway's clock, and by ours when we heard it.
    Column("complete_time", BigInteger, nullable=False),
    Column("receive_time", BigInteger, nullable=False),
)

# Certificates of the keys that gateways sign orders with. Whether one proves anything is judged where it is used.
order_keys = Table(
    "order_keys",
    metadata,
    Column("key_id", LargeBinary, primary_key=True),
    Column("certificate", LargeBinary, nullable=False),
    Column("identity", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
)

# Last position given out in each list that is read by position.
positions = Table(
    "positions",
    metadata,
    Column("list", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

# Joint examinations proposed, and the agency's answer. One called off before it was proposed is a tombstone.
appointments = Table(
    "appointments",
    metadata,
    Column("request_id", Text, primary_key=True),
    Column("clearance_number", Text, nullable=False),
    Column("container_numbers", Text, nullable=False),
    Column("start_time", BigInteger, nullable=False),
    Column("place", Text, nullable=False),
    Column("accepted", Integer, nullable=False),
    # NULL while it was not called off.
    Column("call_off_time", BigInteger),
    Index("appointments_by_clearance", "clearance_number"),
)

# Certificates of the keys with which this agency ever signed.
signing_keys = Table(
    "signing_keys",
    metadata,
    Column("key_id", LargeBinary, primary_key=True),
    Column("certificate", LargeBinary, nullable=False),
    Column("create_time", BigInteger, nullable=False),
)

# What was done or kept out beside decisions and outcomes, whose rows tell it themselves. Written in the transaction of
# the act.
audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("time", BigInteger, nullable=False),
    Column("identity", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("clearance_number", Text, nullable=False),
    Column("details", Text, nullable=False),
    Index("audit_by_clearance", "clearance_number"),
)

# Its chain (agencykit.audit).
audit_pages = declared_pages(metadata)
