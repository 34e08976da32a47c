"""Inspection's own tables. Times are microseconds since 1970; numbers are folded as the rules compare them."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

certificates = Table(
    "certificates",
    metadata,
    Column("number", String(70), primary_key=True),
    Column("kind", Integer, nullable=False),  # numbers of the contract
    Column("issue_country_code", String(8), nullable=False),
    Column("commodity_prefixes", Text, nullable=False),  # separated by blanks
    Column("limit_net_mass_kg", Float(53)),  # NULL: without limit
    Column("valid_until_time", BigInteger),
    Column("revoked", Boolean, nullable=False),
    Column("transport_document_number", String(35), nullable=False),  # empty: bound to none
)

exemptions = Table(
    "exemptions",
    metadata,
    Column("number", String(35), primary_key=True),
    Column("holder_identifier", String(35), nullable=False),
    Column("commodity_prefixes", Text, nullable=False),
    Column("valid_until_time", BigInteger),
    Column("revoked", Boolean, nullable=False),
    Index("exemptions_by_holder", "holder_identifier"),
)

producers = Table(
    "producers",
    metadata,
    Column("identifier", String(35), primary_key=True),
    Column("name", String(256), nullable=False),
    Column("inspection_class", Integer, nullable=False),  # 1 (best) to 3
)
