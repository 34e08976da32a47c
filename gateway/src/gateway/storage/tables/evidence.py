"""What proves things to others: keys that signed, countersigned heads of logs, those of partners too."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, LargeBinary, Table, Text

from agencykit.audit.tables import audit_pages as declared_pages
from gateway.storage.tables.base import metadata

# Certificates of keys whose signatures were believed, the own ones too: kept for ever, since what they signed is.
signing_keys = Table(
    "signing_keys",
    metadata,
    Column("key_id", LargeBinary, primary_key=True),
    Column("certificate", LargeBinary, nullable=False),
    Column("identity", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
)

# Sheets of heads as signed, a gapless chain for each replica.
head_sheets = Table(
    "head_sheets",
    metadata,
    Column("replica", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("sheet_time", BigInteger, nullable=False),
    Column("sheet", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("key_id", LargeBinary, nullable=False),
    CheckConstraint("number >= 1", name="head_sheets_number"),
)

# Which sheet holds a head first. Two heads for one place: the log was forked.
log_heads = Table(
    "log_heads",
    metadata,
    Column("log", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("head", LargeBinary, primary_key=True),
    Column("kind", Integer, nullable=False),
    Column("replica", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Partners' sheets, kept for them: the newest of each hour and replica.
partner_sheets = Table(
    "partner_sheets",
    metadata,
    Column("district", Text, primary_key=True),
    Column("replica", Text, primary_key=True),
    Column("hour", BigInteger, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("sheet", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("receive_time", BigInteger, nullable=False),
)

audit_pages = declared_pages(metadata)
