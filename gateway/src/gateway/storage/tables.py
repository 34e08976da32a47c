"""The gateway's tables. Times are microseconds since 1970; 0 is "free" in leases, NULL is "never" elsewhere."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

# Only what is waiting stands in the index. Queries must say the same in the same words.
DUE = text("due_time IS NOT NULL")

# Request ids that were carried out: the same id with the same content has one effect. Kept as long as the case.
requests = Table(
    "requests",
    metadata,
    Column("originator", Text, primary_key=True),
    # `clearance`, `amendment`, `withdrawal`, `intervention` or `examination`
    Column("resource", Text, primary_key=True),
    Column("request_id", Text, primary_key=True),
    Column("content_digest", LargeBinary, nullable=False),
    Column("number", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# One row for each clearance.
cases = Table(
    "cases",
    metadata,
    Column("number", Text, primary_key=True),
    # Identity of the broker, and the broker's own reference (LRN): together they name the case too.
    Column("broker", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("state", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    # The policy fixed on the case (domain.policy.AppliedPolicy.text).
    Column("policy", Text, nullable=False),
    Column("commitment_hours", Integer, nullable=False),
    Column("commitment_rule", Text, nullable=False),
    Column("commitment_start", BigInteger, nullable=False),
    # Direction and mode of transport as the policy's cells name them: `import/sea`.
    Column("journey", Text, nullable=False),
    # Key ports, industries and enterprises as `|PORT-BEILUN|`; empty where there is none.
    Column("keys", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("update_time", BigInteger, nullable=False),
    Column("release_time", BigInteger),
    Column("order_number", BigInteger, nullable=False),
    Column("etag", BigInteger, nullable=False),
    # JSON of the waiting list, and its parties as `|customs|broker|` to search in.
    Column("waiting", Text, nullable=False),
    Column("waiting_parties", Text, nullable=False),
    # Every question to every agency about the current version and the newest withdrawal (storage.asks).
    Column("asks", Text, nullable=False),
    # Number of the newest withdrawal asked for; 0 where none was.
    Column("withdrawal_round", Integer, nullable=False),
    Column("urgent", Integer, nullable=False),
    # Lease: who works on it, until when, and the fencing epoch that grows whenever it changes hands.
    Column("claimed_by", Text, nullable=False),
    Column("claimed_until", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    # When somebody must look at it again; NULL while nothing is to be done.
    Column("due_time", BigInteger),
    # Place among all changes of all cases, so that watchers miss none (storage.changes).
    Column("change", BigInteger, nullable=False),
    UniqueConstraint("broker", "reference", name="cases_one_for_each_reference"),
    CheckConstraint("state BETWEEN 1 AND 14", name="cases_state_known"),
    CheckConstraint("version >= 1 AND epoch >= 1 AND etag >= 1 AND order_number >= 0", name="cases_grow"),
    Index("cases_by_change", "change"),
    Index("cases_by_due_time", "due_time", sqlite_where=DUE, postgresql_where=DUE),
    Index("cases_by_create_time", "create_time", "number"),
)

# Every version of every consignment, as it is sent to the agencies.
versions = Table(
    "versions",
    metadata,
    Column("number", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("consignment", LargeBinary, nullable=False),
    Column("accept_time", BigInteger, nullable=False),
)

# Cases with an ask parked at an agency, and when that is to be asked again.
parked = Table(
    "parked",
    metadata,
    Column("agency", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("due_time", BigInteger, nullable=False),
    Index("parked_by_due_time", "agency", "due_time"),
    sqlite_with_rowid=False,
)

# Verified decisions as they came. Two with one (version, revision) can both be there: that is a conflict.
decisions = Table(
    "decisions",
    metadata,
    Column("number", Text, primary_key=True),
    Column("agency", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("revision", BigInteger, primary_key=True),
    Column("fingerprint", LargeBinary, primary_key=True),
    Column("verdict", Integer, nullable=False),
    Column("counted", Integer, nullable=False),
    Column("whole", Integer, nullable=False),
    Column("waits", Text, nullable=False),
    Column("log", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("signed", LargeBinary, nullable=False),
    Column("record_time", BigInteger, nullable=False),
)

# Verified decisions that came by an agency's feed and wait for whoever holds the case.
inbox = Table(
    "inbox",
    metadata,
    Column("number", Text, primary_key=True),
    Column("log", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("verdict", Integer, nullable=False),
    Column("whole", Integer, nullable=False),
    Column("waits", Text, nullable=False),
    Column("signed", LargeBinary, nullable=False),
    # SHA-256 of the consignment it is about, and the identity by which it was verified.
    Column("digest", LargeBinary, nullable=False),
    Column("signer", Text, nullable=False),
)

# How far each agency's logs have been read.
feed_positions = Table(
    "feed_positions",
    metadata,
    Column("agency", Text, primary_key=True),
    Column("log", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)

# Work that one replica at a time does: `follow:customs`, `tell:customs`.
duties = Table(
    "duties",
    metadata,
    Column("name", Text, primary_key=True),
    Column("claimed_by", Text, nullable=False),
    Column("claimed_until", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
)

# Release and stop orders as issued.
orders = Table(
    "orders",
    metadata,
    Column("number", Text, primary_key=True),
    Column("order_number", BigInteger, primary_key=True),
    Column("kind", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("order_bytes", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("issue_time", BigInteger, nullable=False),
)

# What left the port, as the port told it: a container, or the loose goods of a case (empty).
exits = Table(
    "exits",
    metadata,
    Column("number", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("order_number", BigInteger, nullable=False),
    Column("container", Text, nullable=False),
    Column("way", Integer, nullable=False),
    Column("exit_time", BigInteger, nullable=False),
    Column("last", Integer, nullable=False),
    Column("record_time", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Outcomes that nobody has been told of yet; a row goes when every agency has been told, or has it in its outbox.
untold = Table(
    "untold",
    metadata,
    Column("number", Text, primary_key=True),
    Column("order_number", BigInteger, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("kind", Integer, nullable=False),
    Column("outcome_time", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# What one agency could not be told at once; a row goes when it has receipted it.
outbox = Table(
    "outbox",
    metadata,
    Column("agency", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("order_number", BigInteger, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("kind", Integer, nullable=False),
    Column("outcome_time", BigInteger, nullable=False),
    Column("refusals", Integer, nullable=False),
    # Not before this moment; NULL once it is set aside.
    Column("due_time", BigInteger),
    Index("outbox_by_due_time", "agency", "due_time"),
    sqlite_with_rowid=False,
)

# Withdrawals asked for. What the agencies say stands in `cases.asks`.
withdrawals = Table(
    "withdrawals",
    metadata,
    Column("number", Text, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("request_time", BigInteger, nullable=False),
)

# What operators did to cases, with identity and reason. Never edited.
interventions = Table(
    "interventions",
    metadata,
    Column("number", Text, primary_key=True),
    Column("operator", Text, primary_key=True),
    Column("request_id", Text, primary_key=True),
    Column("act", Integer, nullable=False),
    Column("act_time", BigInteger, nullable=False),
    Column("reason_code", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("agency", Text, nullable=False),
    sqlite_with_rowid=False,
)

# Joint examinations: one appointment, one opening for several agencies.
examinations = Table(
    "examinations",
    metadata,
    Column("number", Text, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Integer, nullable=False),
    # JSON lists.
    Column("agencies", Text, nullable=False),
    Column("containers", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("start_time", BigInteger, nullable=False),
    Column("operator", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("appointment_id", Text, nullable=False),
    Column("decline_reason", Text, nullable=False),
    # JSON of the opening; empty before it.
    Column("opening", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("update_time", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# What was done or kept out, written in the transaction of the act itself. No state changes without its row.
audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("time", BigInteger, nullable=False),
    Column("replica", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("details", Text, nullable=False),
    Index("audit_by_number", "number"),
)

# Numbers that grow without gaps in the order of commits: `changes`.
counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
