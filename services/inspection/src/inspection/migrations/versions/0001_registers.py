"""The kit's tables, certificates, exemptions and producers."""

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
        "exemptions",
        sa.Column("number", sa.String(35), primary_key=True),
        sa.Column("holder_identifier", sa.String(35), nullable=False),
        sa.Column("commodity_prefixes", sa.Text, nullable=False),
        sa.Column("valid_until_time", sa.BigInteger),
        sa.Column("revoked", sa.Boolean, nullable=False),
        sa.Index("exemptions_by_holder", "holder_identifier"),
    )
    op.create_table(
        "producers",
        sa.Column("identifier", sa.String(35), primary_key=True),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("inspection_class", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    for table in ("producers", "exemptions", "certificates"):
        op.drop_table(table)
    agency_tables.drop(op)
