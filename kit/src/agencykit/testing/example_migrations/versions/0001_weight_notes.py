"""The kit's tables, and the weighbridge's notes."""

import sqlalchemy as sa
from alembic import op

from agencykit.storage import agency_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    agency_tables.create(op)
    op.create_table(
        "weight_notes",
        sa.Column("transport_document_number", sa.Text, primary_key=True),
        sa.Column("mass_kg", sa.Float(53), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("weight_notes")
    agency_tables.drop(op)
