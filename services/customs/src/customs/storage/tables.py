"""Customs' own tables. Times are microseconds since 1970; numbers are folded as the rules compare them."""

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Integer, MetaData, String, Table, Text

metadata = MetaData()

enterprises = Table(
    "enterprises",
    metadata,
    Column("identifier", String(35), primary_key=True),
    Column("name", String(256), nullable=False),
    Column("enterprise_class", Integer, nullable=False),  # numbers of the contract: 1 A to 4 D
    Column("valid_from_time", BigInteger),
    Column("valid_until_time", BigInteger),
    Column("suspended", Boolean, nullable=False),
)

brokers = Table(
    "brokers",
    metadata,
    Column("licence", String(35), primary_key=True),
    Column("name", String(256), nullable=False),
    Column("valid_until_time", BigInteger),
    Column("suspended", Boolean, nullable=False),
    Column("needs_mandate", Boolean, nullable=False),
)

mandates = Table(
    "mandates",
    metadata,
    Column("broker_licence", String(35), ForeignKey("brokers.licence"), primary_key=True),
    Column("enterprise_identifier", String(35), primary_key=True),
)

licences = Table(
    "licences",
    metadata,
    Column("number", String(70), primary_key=True),
    Column("type_code", String(16), nullable=False),
    Column("holder_identifier", String(35), nullable=False),
    Column("commodity_prefixes", Text, nullable=False),  # separated by blanks
    Column("limit_net_mass_kg", Float(53)),  # NULL: without limit
    Column("valid_until_time", BigInteger),
    Column("revoked", Boolean, nullable=False),
)
