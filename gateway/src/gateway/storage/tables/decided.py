"""What agencies decided and how far it was read, what was ordered for that, and what then left the port."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, text

from gateway.storage.tables.base import metadata

ABROAD = text("home <> ''")

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
    # The part it is about (storage.scopes); empty: the whole.
    Column("scope", Text, nullable=False),
    Column("waits", Text, nullable=False),
    Column("log", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("signed", LargeBinary, nullable=False),
    Column("record_time", BigInteger, nullable=False),
    # Whether it is a yes only because guarantees stand for what is open.
    Column("covered", Integer, nullable=False),
    # What a scheme grants without being asked (storage.decisions); empty: nothing.
    Column("granted", Text, nullable=False),
    # Within how many days of release what a guarantee stands for must be settled; 0: no term.
    Column("settle_days", Integer, nullable=False),
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
    Column("scope", Text, nullable=False),
    Column("waits", Text, nullable=False),
    Column("signed", LargeBinary, nullable=False),
    # SHA-256 of the consignment it is about, and the identity by which it was verified.
    Column("digest", LargeBinary, nullable=False),
    Column("signer", Text, nullable=False),
    Column("covered", Integer, nullable=False),
    Column("granted", Text, nullable=False),
    Column("settle_days", Integer, nullable=False),
)

# How far each agency's logs have been read.
feed_positions = Table(
    "feed_positions",
    metadata,
    Column("agency", Text, primary_key=True),
    Column("log", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
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
    # District that declared the goods, and is told; empty: this one.
    Column("home", Text, nullable=False),
    Index("exits_by_home", "home", "position", sqlite_where=ABROAD, postgresql_where=ABROAD),
    sqlite_with_rowid=False,
)
