"""The kit's tables; the tax office keeps none of its own."""

from alembic import op

from agencykit.storage import agency_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    agency_tables.create(op)


def downgrade() -> None:
    agency_tables.drop(op)
