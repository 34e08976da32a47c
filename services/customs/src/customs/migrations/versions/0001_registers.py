"""The kit's tables, customs' registers, what risk selection keeps, and how schemes stand."""

import sqlalchemy as sa
from alembic import op

from agencykit.storage import agency_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    agency_tables.create(op)
    op.create_table(
        "enterprises",
        sa.Column("identifier", sa.String(35), primary_key=True),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("enterprise_class", sa.Integer, nullable=False),
        sa.Column("valid_from_time", sa.BigInteger),
        sa.Column("valid_until_time", sa.BigInteger),
        sa.Column("suspended", sa.Boolean, nullable=False),
        sa.Column("high_tech_until_time", sa.BigInteger),
        sa.Column("networked_until_time", sa.BigInteger),
        sa.Column("premises", sa.String(256), nullable=False),
    )
    op.create_table(
        "enterprise_classes",
        sa.Column("identifier", sa.String(35), primary_key=True),
        sa.Column("from_time", sa.BigInteger, primary_key=True),
        sa.Column("enterprise_class", sa.Integer, nullable=False),
    )
    op.create_table(
        "brokers",
        sa.Column("licence", sa.String(35), primary_key=True),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("valid_until_time", sa.BigInteger),
        sa.Column("suspended", sa.Boolean, nullable=False),
        sa.Column("needs_mandate", sa.Boolean, nullable=False),
        sa.Column("quality_percent", sa.Integer),
    )
    op.create_table(
        "mandates",
        sa.Column("broker_licence", sa.String(35), sa.ForeignKey("brokers.licence"), primary_key=True),
        sa.Column("enterprise_identifier", sa.String(35), primary_key=True),
    )
    op.create_table(
        "licences",
        sa.Column("number", sa.String(70), primary_key=True),
        sa.Column("type_code", sa.String(16), nullable=False),
        sa.Column("holder_identifier", sa.String(35), nullable=False),
        sa.Column("commodity_prefixes", sa.Text, nullable=False),
        sa.Column("limit_net_mass_kg", sa.Float(53)),
        sa.Column("valid_until_time", sa.BigInteger),
        sa.Column("revoked", sa.Boolean, nullable=False),
    )
    op.create_table(
        "carriers",
        sa.Column("identifier", sa.String(35), primary_key=True),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("valid_from_time", sa.BigInteger),
        sa.Column("valid_until_time", sa.BigInteger),
        sa.Column("suspended", sa.Boolean, nullable=False),
    )
    op.create_table(
        "carrier_vehicles",
        sa.Column("carrier_identifier", sa.String(35), sa.ForeignKey("carriers.identifier"), primary_key=True),
        sa.Column("vehicle", sa.String(35), primary_key=True),
    )
    _create_risk()
    op.create_table(
        "scheme_standings",
        sa.Column("period", sa.BigInteger, primary_key=True),
        sa.Column("clearance_number", sa.String(35), primary_key=True),
        sa.Column("standings", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )


def _create_risk() -> None:
    op.create_table(
        "risk_secrets",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("secret", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "risk_profiles",
        sa.Column("edition", sa.String(16), primary_key=True),
        sa.Column("from_time", sa.BigInteger, primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_table(
        "risk_snapshots",
        sa.Column("period", sa.BigInteger, primary_key=True),
        sa.Column("window_periods", sa.Integer, primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_table(
        "risk_traffic",
        sa.Column("period", sa.BigInteger, primary_key=True),
        sa.Column("log", sa.Text, primary_key=True),
        sa.Column("declared", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "risk_marks",
        sa.Column("clearance_number", sa.String(35), primary_key=True),
        sa.Column("stratum", sa.String(16), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("period", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("lane", "way", "draw", "rate", "role")),
    )
    op.create_index("risk_marks_by_period", "risk_marks", ["period"])
    op.create_table(
        "risk_examinations",
        sa.Column("clearance_number", sa.String(35), primary_key=True),
        sa.Column("period", sa.BigInteger, nullable=False),
        sa.Column("found", sa.Integer, nullable=False),
        sa.Column("finds", sa.Text, nullable=False),
        sa.Column("officer", sa.Text, nullable=False),
        sa.Column("examine_time", sa.BigInteger, nullable=False),
        sa.Column("broker_licence", sa.String(35), nullable=False),
        sa.Column("trader_identifier", sa.String(35), nullable=False),
    )
    for name, column in (("period", "period"), ("broker", "broker_licence"), ("trader", "trader_identifier")):
        op.create_index(f"risk_examinations_by_{name}", "risk_examinations", [column])
    op.create_table(
        "broker_traffic",
        sa.Column("licence", sa.String(35), primary_key=True),
        sa.Column("log", sa.Text, primary_key=True),
        sa.Column("declared", sa.BigInteger, nullable=False),
        sa.Column("asked_back", sa.BigInteger, nullable=False),
    )


RISK_TABLES = ("secrets", "profiles", "snapshots", "traffic", "marks", "examinations")


def downgrade() -> None:
    op.drop_table("scheme_standings")
    for table in RISK_TABLES:
        op.drop_table(f"risk_{table}")
    for table in ("broker_traffic", "licences", "mandates", "brokers", "enterprise_classes", "enterprises"):
        op.drop_table(table)
    agency_tables.drop(op)
