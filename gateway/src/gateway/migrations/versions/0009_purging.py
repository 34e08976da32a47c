"""Indexes by which a purge finds what is still to be done on a clearance."""

from alembic import op

revision = "0009"
down_revision = "0008"

TABLES = ("parked", "outbox", "called_off")


def upgrade() -> None:
    for table in TABLES:
        op.create_index(f"{table}_by_number", table, ["number"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(f"{table}_by_number", table)
