"""Indexes by which a purge finds open claims and standings of a clearance."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

OPEN = sa.text("state = 1")


def upgrade() -> None:
    op.create_index("scheme_standings_by_clearance", "scheme_standings", ["clearance_number"])
    # A database made anew has it from 0002, which takes the tables as they are now.
    op.create_index(
        "guarantee_claims_open",
        "guarantee_claims",
        ["clearance_number"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
        if_not_exists=True,
    )


def downgrade() -> None:
    op.drop_index("guarantee_claims_open", "guarantee_claims")
    op.drop_index("scheme_standings_by_clearance", "scheme_standings")
