"""One row for each clearance, and what belongs to it: versions, parts, parked asks, withdrawals, acts of operators."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gateway.storage.tables.base import metadata

# Only what is waiting stands in the index. Queries must say the same in the same words.
DUE = text("due_time IS NOT NULL")
# Cases of which an agency that forgot what it was told is told again: released, stopped, refused or withdrawn.
STANDING = text("state IN (6, 7, 8, 9, 10, 15, 17)")

# Request ids that were carried out: the same id with the same content has one effect. Kept as long as the case.
requests = Table(
    "requests",
    metadata,
    Column("originator", Text, primary_key=True),
    # `clearance`, `amendment`, `withdrawal`, `intervention`, `examination`, `guarantee`, `manual`, `emergency`,
    # `transit` or `requeue`
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
    # What a yes on guarantee may rest on (domain.case.Surety).
    Column("surety", Integer, nullable=False),
    # Serial of the manual release by which officers released it; 0: agencies alone do.
    Column("manual", Integer, nullable=False),
    # Lease: who works on it, until when, and the fencing epoch that grows whenever it changes hands.
    Column("claimed_by", Text, nullable=False),
    Column("claimed_until", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    # When somebody must look at it again; NULL while nothing is to be done.
    Column("due_time", BigInteger),
    # Place among all changes of all cases, so that watchers miss none (storage.changes).
    Column("change", BigInteger, nullable=False),
    UniqueConstraint("broker", "reference", name="cases_one_for_each_reference"),
    CheckConstraint("state BETWEEN 1 AND 17", name="cases_state_known"),
    CheckConstraint("version >= 1 AND epoch >= 1 AND etag >= 1 AND order_number >= 0", name="cases_grow"),
    Index("cases_by_change", "change"),
    Index("cases_by_due_time", "due_time", sqlite_where=DUE, postgresql_where=DUE),
    Index("cases_by_create_time", "create_time", "number"),
    Index("cases_standing", "number", sqlite_where=STANDING, postgresql_where=STANDING),
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
    # Who asked for it, as the gateway signed it when it met him (SignedAssertion).
    Column("assertion", LargeBinary, nullable=False),
)

# What may go of cases that are released in part, as their newest order says; kept when they are released no longer.
parts = Table(
    "parts",
    metadata,
    Column("number", Text, primary_key=True),
    Column("scope", Text, nullable=False),
    sqlite_with_rowid=False,
)

# Cases with an ask parked at an agency, and when that is to be asked again.
parked = Table(
    "parked",
    metadata,
    Column("agency", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("due_time", BigInteger, nullable=False),
    Index("parked_by_due_time", "agency", "due_time"),
    Index("parked_by_number", "number"),
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
    # As in `versions`.
    Column("assertion", LargeBinary, nullable=False),
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
    # Recovered; empty for loose cargo, and for all other acts.
    Column("container", Text, nullable=False),
    sqlite_with_rowid=False,
)
