"""The kit's tables, announcements, crew lists, permits and the watch list."""

import sqlalchemy as sa
from alembic import op

from agencykit.storage import agency_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    agency_tables.create(op)
    op.create_table(
        "announcements",
        sa.Column("call", sa.String(71), primary_key=True),
        sa.Column("movement", sa.Integer, primary_key=True),
        sa.Column("mode", sa.Integer, nullable=False),
        sa.Column("announce_time", sa.BigInteger, nullable=False),
        sa.Column("expected_time", sa.BigInteger, nullable=False),
        sa.Column("nationality_code", sa.String(8), nullable=False),
        sa.Column("port_code", sa.String(5), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("dangerous_goods", sa.String(1024), nullable=False),
    )
    op.create_table(
        "crew_lists",
        sa.Column("call", sa.String(71), primary_key=True),
        sa.Column("lodge_time", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "crew_members",
        sa.Column("call", sa.String(71), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("document_number", sa.String(35), nullable=False),
        sa.Column("nationality_code", sa.String(8), nullable=False),
        sa.Column("folded", sa.String(35), nullable=False),
        sa.Column("look_alike", sa.String(35), nullable=False),
        sa.Index("crew_members_by_look_alike", "look_alike"),
    )
    op.create_table(
        "permits",
        sa.Column("call", sa.String(71), primary_key=True),
        sa.Column("grant_time", sa.BigInteger, nullable=False),
        sa.Column("revoked", sa.Boolean, nullable=False),
        sa.Column("sail_time", sa.BigInteger),
    )
    op.create_table(
        "watch_entries",
        sa.Column("id", sa.String(35), primary_key=True),
        sa.Column("kind", sa.Integer, nullable=False),
        sa.Column("subject", sa.String(35), nullable=False),
        sa.Column("folded", sa.String(35), nullable=False),
        sa.Column("look_alike", sa.String(35), nullable=False),
        sa.Column("lifted", sa.Boolean, nullable=False),
        sa.Index("watch_entries_by_look_alike", "look_alike"),
    )


def downgrade() -> None:
    for table in ("watch_entries", "permits", "crew_members", "crew_lists", "announcements"):
        op.drop_table(table)
    agency_tables.drop(op)
