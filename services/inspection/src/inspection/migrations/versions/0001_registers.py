"""The kit's tables; certificates and what is written off them, transfers, exemptions, producers."""

import sqlalchemy as sa
from alembic import op

from agencykit.storage import agency_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    agency_tables.create(op)
    op.create_table(
        "certificates",
        sa.Column("number", sa.String(70), primary_key=True),
        sa.Column("kind", sa.Integer, nullable=False),
        sa.Column("issue_country_code", sa.String(8), nullable=False),
        sa.Column("commodity_prefixes", sa.Text, nullable=False),
        sa.Column("limit_net_mass_kg", sa.Float(53)),
        sa.Column("valid_until_time", sa.BigInteger),
        sa.Column("revoked", sa.Boolean, nullable=False),
        sa.Column("transport_document_number", sa.String(35), nullable=False),
    )
    op.create_table(
        "certificate_balances",
        sa.Column("number", sa.String(70), primary_key=True),
        sa.Column("used_grams", sa.BigInteger, nullable=False),
        sa.CheckConstraint("used_grams >= 0", name="certificate_balances_used"),
    )
    op.create_table(
        "write_offs",
        sa.Column("clearance_number", sa.String(35), primary_key=True),
        sa.Column("certificate_number", sa.String(70), primary_key=True),
        sa.Column("entry", sa.Integer, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("grams", sa.BigInteger, nullable=False),
        sa.Column("write_time", sa.BigInteger, nullable=False),
        sa.CheckConstraint("grams <> 0", name="write_offs_move"),
        sa.Index("write_offs_by_certificate", "certificate_number", "write_time"),
    )
    op.create_table(
        "transfers",
        sa.Column("number", sa.String(64), primary_key=True),
        sa.Column("certificate_number", sa.String(70), nullable=False),
        sa.Column("certificate", sa.LargeBinary, nullable=False),
        sa.Column("origin_district", sa.String(35), nullable=False),
        sa.Column("destination_district", sa.String(35), nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("password_hash", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("tries_left", sa.Integer, nullable=False),
        sa.Column("issue_time", sa.BigInteger, nullable=False),
        sa.Column("claim_time", sa.BigInteger),
        sa.Column("claimant", sa.Text, nullable=False),
        sa.Column("dispatch_id", sa.Text, nullable=False),
        sa.CheckConstraint("tries_left >= 0", name="transfers_tries"),
        sa.Index("transfers_by_certificate", "certificate_number"),
        sa.Index("transfers_by_destination", "destination_district", "state", "issue_time"),
        sa.Index("transfers_by_dispatch", "dispatch_id"),
    )
    op.create_table(
        "exemptions",
        sa.Column("number", sa.String(35), primary_key=True),
        sa.Column("holder_identifier", sa.String(35), nullable=False),
        sa.Column("commodity_prefixes", sa.Text, nullable=False),
        sa.Column("valid_until_time", sa.BigInteger),
        sa.Column("revoked", sa.Boolean, nullable=False),
        sa.Column("suspended_by", sa.String(35), nullable=False),
        sa.Index("exemptions_by_holder", "holder_identifier"),
    )
    op.create_table(
        "spot_checks",
        sa.Column("clearance_number", sa.String(35), primary_key=True),
        sa.Column("exemption_number", sa.String(35), primary_key=True),
        sa.Column("drawn", sa.Integer, nullable=False),
        sa.Column("per_million", sa.Integer, nullable=False),
        sa.Column("checked", sa.Boolean, nullable=False),
        sa.Column("failed", sa.Boolean, nullable=False),
        sa.Column("draw_time", sa.BigInteger, nullable=False),
        sa.Index("spot_checks_by_exemption", "exemption_number"),
    )
    op.create_table(
        "draw_secrets",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "recalls",
        sa.Column("number", sa.String(35), primary_key=True),
        sa.Column("clearance_number", sa.String(35), nullable=False),
        sa.Column("producer_identifier", sa.String(35), nullable=False),
        sa.Column("commodity_prefixes", sa.Text, nullable=False),
        sa.Column("reason", sa.String(256), nullable=False),
        sa.Column("lifted", sa.Boolean, nullable=False),
        sa.Column("enter_time", sa.BigInteger, nullable=False),
        sa.Index("recalls_by_clearance", "clearance_number"),
        sa.Index("recalls_by_producer", "producer_identifier"),
    )
    op.create_table(
        "producers",
        sa.Column("identifier", sa.String(35), primary_key=True),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("inspection_class", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    own = ("producers", "recalls", "draw_secrets", "spot_checks", "exemptions", "transfers", "write_offs")
    for table in (*own, "certificate_balances", "certificates"):
        op.drop_table(table)
    agency_tables.drop(op)
