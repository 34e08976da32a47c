"""An index by which a purge finds the bookings of a transport document."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index("slot_bookings_by_document", "slot_bookings", ["document"])


def downgrade() -> None:
    op.drop_index("slot_bookings_by_document", "slot_bookings")
