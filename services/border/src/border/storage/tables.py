"""Border's own tables. Times are microseconds since 1970; `call` is the key of one call of one conveyance."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table

metadata = MetaData()

announcements = Table(
    "announcements",
    metadata,
    Column("call", String(71), primary_key=True),
    Column("movement", Integer, primary_key=True),  # 1 arrival, 2 departure
    Column("mode", Integer, nullable=False),
    Column("announce_time", BigInteger, nullable=False),
    Column("expected_time", BigInteger, nullable=False),
    Column("nationality_code", String(8), nullable=False),
    Column("port_code", String(5), nullable=False),
    Column("name", String(128), nullable=False),
    Column("dangerous_goods", String(1024), nullable=False),  # bare UN numbers, separated by spaces
)

crew_lists = Table(
    "crew_lists",
    metadata,
    Column("call", String(71), primary_key=True),
    Column("lodge_time", BigInteger, nullable=False),
)

crew_members = Table(
    "crew_members",
    metadata,
    Column("call", String(71), primary_key=True),
    Column("number", Integer, primary_key=True),  # place on the list, from 1
    Column("name", String(128), nullable=False),
    Column("document_number", String(35), nullable=False),
    Column("nationality_code", String(8), nullable=False),
    Column("folded", String(35), nullable=False),
    Column("look_alike", String(35), nullable=False),
    Index("crew_members_by_look_alike", "look_alike"),
)

permits = Table(
    "permits",
    metadata,
    Column("call", String(71), primary_key=True),
    Column("grant_time", BigInteger, nullable=False),
    Column("revoked", Boolean, nullable=False),
    Column("sail_time", BigInteger),
)

# `kind`: 1 conveyance, 2 party, 3 person. A lifted entry stays, and no longer counts.
watch_entries = Table(
    "watch_entries",
    metadata,
    Column("id", String(35), primary_key=True),
    Column("kind", Integer, nullable=False),
    Column("subject", String(35), nullable=False),
    Column("folded", String(35), nullable=False),
    Column("look_alike", String(35), nullable=False),
    Column("lifted", Boolean, nullable=False),
    Index("watch_entries_by_look_alike", "look_alike"),
)
