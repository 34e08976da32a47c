"""The guarantee ledger's tables. Every invariant of the domain stands here again as a constraint.

Units are of the currency's smallest unit, times microseconds since 1970, types and states the contract's numbers.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from customs.storage.tables import metadata

guarantees = Table(
    "guarantees",
    metadata,
    Column("grn", String(24), primary_key=True),
    Column("type", Integer, nullable=False),
    Column("holder", String(35), nullable=False),
    Column("currency_code", String(3), nullable=False),
    Column("state", Integer, nullable=False),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_until", BigInteger),  # NULL: without end
    # Separated by blanks; empty: everywhere, nothing excluded.
    Column("districts", Text, nullable=False),
    Column("offices", Text, nullable=False),
    Column("excluded_commodities", Text, nullable=False),
    Column("suspended_goods", Boolean, nullable=False),
    Column("for_scheme", Boolean, nullable=False),
    # scrypt of the access code; empty where the type has none.
    Column("access_salt", LargeBinary, nullable=False),
    Column("access_hash", LargeBinary, nullable=False),
    Column("limit_units", BigInteger, nullable=False),
    Column("available", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("confirmed", BigInteger, nullable=False),
    Column("shortfall", BigInteger, nullable=False),
    # Until when what is short must be made good; NULL where nothing is.
    Column("shortfall_until", BigInteger),
    # Claimed, and neither paid nor refunded.
    Column("claimed", BigInteger, nullable=False),
    # How many entries there are: the number of the last.
    Column("entries", BigInteger, nullable=False),
    CheckConstraint("type IN (1, 2, 3, 4, 5, 6, 9, 10)", name="guarantees_type"),
    CheckConstraint("state IN (1, 2, 3)", name="guarantees_state"),
    CheckConstraint(
        "limit_units >= 0 AND available >= 0 AND held >= 0 AND confirmed >= 0 AND shortfall >= 0 AND claimed >= 0",
        name="guarantees_not_negative",
    ),
    CheckConstraint("available + held + confirmed = limit_units + shortfall", name="guarantees_sum"),
    CheckConstraint("available = 0 OR shortfall = 0", name="guarantees_shortfall"),
    CheckConstraint("NOT for_scheme OR type IN (1, 2, 10)", name="guarantees_for_scheme"),
    Index("guarantees_by_holder", "holder"),
    Index(
        "guarantees_short",
        "grn",
        sqlite_where=text("shortfall > 0"),
        postgresql_where=text("shortfall > 0"),
    ),
)

# One row for each generation of a case's use.
guarantee_uses = Table(
    "guarantee_uses",
    metadata,
    Column("district", String(35), primary_key=True),
    Column("clearance_number", String(35), primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("state", Integer, nullable=False),
    Column("currency_code", String(3), nullable=False),
    Column("caller", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("hold_time", BigInteger, nullable=False),
    Column("expire_time", BigInteger, nullable=False),
    Column("end_time", BigInteger),  # NULL: HELD or CONFIRMED
    CheckConstraint("generation > 0", name="guarantee_uses_generation"),
    CheckConstraint("state BETWEEN 1 AND 6", name="guarantee_uses_state"),
    CheckConstraint("(state IN (1, 2)) = (end_time IS NULL)", name="guarantee_uses_end"),
    # By the clearance, of those that are open: as long as one is, nothing of it is purged.
    Index(
        "guarantee_uses_open",
        "clearance_number",
        sqlite_where=text("state IN (1, 2)"),
        postgresql_where=text("state IN (1, 2)"),
    ),
    Index("guarantee_uses_held", "expire_time", sqlite_where=text("state = 1"), postgresql_where=text("state = 1")),
)

# What each guarantee gives to a use, in the order in which it was taken.
guarantee_parts = Table(
    "guarantee_parts",
    metadata,
    Column("district", String(35), primary_key=True),
    Column("clearance_number", String(35), primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("grn", String(24), nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("outstanding", BigInteger, nullable=False),
    Column("returned", BigInteger, nullable=False),
    Column("claimed", BigInteger, nullable=False),
    # 1 where the guarantee is for one case, and stands or has stood for this one; else 0.
    Column("spent", Integer, nullable=False),
    CheckConstraint("units > 0 AND outstanding >= 0 AND returned >= 0 AND claimed >= 0", name="guarantee_parts_sign"),
    CheckConstraint("units = outstanding + returned + claimed", name="guarantee_parts_sum"),
    Index("guarantee_parts_by_grn", "grn", "district", "clearance_number", "generation"),
    Index(
        "guarantee_parts_open",
        *("grn", "district", "clearance_number", "generation"),
        sqlite_where=text("outstanding > 0"),
        postgresql_where=text("outstanding > 0"),
    ),
    Index("guarantee_parts_spent", "grn", sqlite_where=text("spent = 1"), postgresql_where=text("spent = 1")),
)

# Double entry: units that moved from one side of a guarantee to another. Appended, never changed: triggers see to it.
guarantee_entries = Table(
    "guarantee_entries",
    metadata,
    Column("grn", String(24), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("act", Integer, nullable=False),
    Column("source", Integer, nullable=False),
    Column("target", Integer, nullable=False),
    Column("units", BigInteger, nullable=False),
    # Empty and 0 where it is about no use.
    Column("district", String(35), nullable=False),
    Column("clearance_number", String(35), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("caller", Text, nullable=False),
    Column("entry_time", BigInteger, nullable=False),
    CheckConstraint("number > 0 AND units > 0 AND source <> target", name="guarantee_entries_sound"),
    CheckConstraint(
        "act BETWEEN 1 AND 10 AND source BETWEEN 1 AND 5 AND target BETWEEN 1 AND 5", name="guarantee_entries_known"
    ),
    sqlite_with_rowid=False,
)

# Demands on guarantors. A refund gives back what was paid in error.
guarantee_claims = Table(
    "guarantee_claims",
    metadata,
    Column("claim_id", String(36), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("grn", String(24), nullable=False),
    Column("district", String(35), nullable=False),
    Column("clearance_number", String(35), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("lowered", BigInteger, nullable=False),
    Column("state", Integer, nullable=False),  # 1 open, 2 paid, 3 refunded
    Column("claim_time", BigInteger, nullable=False),
    Column("due_time", BigInteger, nullable=False),
    Column("end_time", BigInteger),
    CheckConstraint("units > 0 AND lowered >= 0 AND lowered <= units", name="guarantee_claims_units"),
    CheckConstraint("state IN (1, 2, 3)", name="guarantee_claims_state"),
    Index("guarantee_claims_by_grn", "grn", "state"),
    Index("guarantee_claims_by_use", "district", "clearance_number", "generation"),
    Index("guarantee_claims_due", "due_time", "claim_id", "place"),
    # A clearance that somebody still owes for is kept.
    Index(
        "guarantee_claims_open",
        "clearance_number",
        sqlite_where=text("state = 1"),
        postgresql_where=text("state = 1"),
    ),
)

TABLES = (guarantees, guarantee_uses, guarantee_parts, guarantee_entries, guarantee_claims)
