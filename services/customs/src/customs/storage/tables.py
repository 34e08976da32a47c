"""Customs' own tables. Times are microseconds since 1970; numbers are folded as the rules compare them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

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
    Column("high_tech_until_time", BigInteger),  # NULL: not certified
    Column("networked_until_time", BigInteger),  # NULL: not registered for networked declaration
    Column("premises", String(256), nullable=False),
)

# Every class an enterprise has had, from the moment it was entered.
enterprise_classes = Table(
    "enterprise_classes",
    metadata,
    Column("identifier", String(35), primary_key=True),
    Column("from_time", BigInteger, primary_key=True),
    Column("enterprise_class", Integer, nullable=False),
)

brokers = Table(
    "brokers",
    metadata,
    Column("licence", String(35), primary_key=True),
    Column("name", String(256), nullable=False),
    Column("valid_until_time", BigInteger),
    Column("suspended", Boolean, nullable=False),
    Column("needs_mandate", Boolean, nullable=False),
    Column("quality_percent", Integer),  # NULL: not rated
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

# Who may move goods under customs control, and by which vehicles.
carriers = Table(
    "carriers",
    metadata,
    Column("identifier", String(35), primary_key=True),
    Column("name", String(256), nullable=False),
    Column("valid_from_time", BigInteger),
    Column("valid_until_time", BigInteger),
    Column("suspended", Boolean, nullable=False),
)

carrier_vehicles = Table(
    "carrier_vehicles",
    metadata,
    Column("carrier_identifier", String(35), ForeignKey("carriers.identifier"), primary_key=True),
    Column("vehicle", String(35), primary_key=True),
)

# Risk selection. A period is an hour, counted from 1970.

# The secret that draws are keyed by; one row.
risk_secrets = Table(
    "risk_secrets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
)

# Every profile that was ever in force, and from when.
risk_profiles = Table(
    "risk_profiles",
    metadata,
    Column("edition", String(16), primary_key=True),
    Column("from_time", BigInteger, primary_key=True),
    Column("content", Text, nullable=False),
)

# What decisions of one period rested on; never changed.
risk_snapshots = Table(
    "risk_snapshots",
    metadata,
    Column("period", BigInteger, primary_key=True),
    Column("window_periods", Integer, primary_key=True),
    Column("content", Text, nullable=False),
)

# How many consignments were first decided, by the period of their first acceptance and by the log that says so.
risk_traffic = Table(
    "risk_traffic",
    metadata,
    Column("period", BigInteger, primary_key=True),
    Column("log", Text, primary_key=True),
    Column("declared", BigInteger, nullable=False),
)

# Each consignment in each stratum whose criterion it met, or for which it was drawn; most stand in none.
risk_marks = Table(
    "risk_marks",
    metadata,
    Column("clearance_number", String(35), primary_key=True),
    Column("stratum", String(16), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("period", BigInteger, nullable=False),
    Column("lane", Integer, nullable=False),
    Column("way", Integer, nullable=False),  # 0 met, 1 drawn, 2 filled
    Column("draw", Integer, nullable=False),  # parts of a million
    Column("rate", Integer, nullable=False),
    Column("role", Integer, nullable=False),  # domain/risk/tally.py
    Index("risk_marks_by_period", "period"),
)

# What officers found, once for each consignment: by examination, or by a check of documents that selection asked for.
risk_examinations = Table(
    "risk_examinations",
    metadata,
    Column("clearance_number", String(35), primary_key=True),
    Column("period", BigInteger, nullable=False),
    Column("found", Integer, nullable=False),
    Column("finds", Text, nullable=False),  # JSON: [[kind, description, [item numbers]]]
    Column("officer", Text, nullable=False),
    Column("examine_time", BigInteger, nullable=False),
    Column("broker_licence", String(35), nullable=False),
    Column("trader_identifier", String(35), nullable=False),
    Index("risk_examinations_by_period", "period"),
    Index("risk_examinations_by_broker", "broker_licence"),
    Index("risk_examinations_by_trader", "trader_identifier"),
)

# How many consignments each broker has declared, and how many of them were asked back, by the log that says so.
broker_traffic = Table(
    "broker_traffic",
    metadata,
    Column("licence", String(35), primary_key=True),
    Column("log", Text, primary_key=True),
    Column("declared", BigInteger, nullable=False),
    Column("asked_back", BigInteger, nullable=False),
)

# How each scheme that a consignment is entitled to stands after its last decision; most consignments stand in none.
scheme_standings = Table(
    "scheme_standings",
    metadata,
    Column("period", BigInteger, primary_key=True),  # of the first acceptance
    Column("clearance_number", String(35), primary_key=True),
    Column("standings", Text, nullable=False),  # storage/standings.py
    Index("scheme_standings_by_clearance", "clearance_number"),
    # One tree: a report reads a range of it.
    sqlite_with_rowid=False,
)
