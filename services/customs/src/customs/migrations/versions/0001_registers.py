"""The kit's tables, and customs' registers of enterprises, brokers and licences."""

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
    )
    op.create_table(
        "brokers",
        sa.Column("licence", sa.String(35), primary_key=True),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("valid_until_time", sa.BigInteger),
        sa.Column("suspended", sa.Boolean, nullable=False),
        sa.Column("needs_mandate", sa.Boolean, nullable=False),
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


def downgrade() -> None:
    for table in ("licences", "mandates", "brokers", "enterprises"):
        op.drop_table(table)
    agency_tables.drop(op)
