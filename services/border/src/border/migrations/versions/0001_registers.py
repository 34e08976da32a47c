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
        "passenger_lists",
        sa.Column("call", sa.String(71), primary_key=True),
        sa.Column("lodge_time", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "persons",
        sa.Column("call", sa.String(71), primary_key=True),
        sa.Column("role", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("document_number", sa.String(35), nullable=False),
        sa.Column("nationality_code", sa.String(8), nullable=False),
        sa.Column("birth_date", sa.Integer, nullable=False),
        sa.Column("folded", sa.String(35), nullable=False),
        sa.Column("look_alike", sa.String(35), nullable=False),
        sa.Column("name_key", sa.String(512), nullable=False),
        sa.Index("persons_by_look_alike", "look_alike"),
        sa.Index("persons_by_name", "name_key"),
        sa.Index("persons_by_birth", "birth_date"),
    )
    op.create_table(
        "inspections",
        sa.Column("call", sa.String(71), primary_key=True),
        sa.Column("movement", sa.Integer, primary_key=True),
        sa.Column("inspect_time", sa.BigInteger, nullable=False),
        sa.Column("passed", sa.Boolean, nullable=False),
    )
    op.create_table(
        "entry_formalities",
        sa.Column("call", sa.String(71), primary_key=True),
        sa.Column("arrive_time", sa.BigInteger, nullable=False),
        sa.Column("complete_time", sa.BigInteger),
    )
    op.create_table(
        "departures",
        sa.Column("call", sa.String(71), primary_key=True),
        sa.Column("sail_time", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "watch_cases",
        sa.Column("id", sa.String(128), primary_key=True),
        sa.Column("entry_id", sa.String(35), nullable=False),
        sa.Column("call", sa.String(71), nullable=False),
        sa.Column("role", sa.Integer, nullable=False),
        sa.Column("numbers", sa.Text, nullable=False),
        sa.Column("exact", sa.Boolean, nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("compared", sa.Text, nullable=False),
        sa.Column("officer", sa.String(256), nullable=False),
        sa.Column("reason", sa.String(512), nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Column("decide_time", sa.BigInteger),
        sa.Index("watch_cases_by_call", "call"),
        sa.Index("watch_cases_by_entry", "entry_id"),
        sa.Index("watch_cases_by_state", "state", "id"),
    )
    op.create_table(
        "appeals",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("clearance_number", sa.String(35), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("appellant", sa.String(256), nullable=False),
        sa.Column("grounds", sa.String(512), nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("officer", sa.String(256), nullable=False),
        sa.Column("reason", sa.String(512), nullable=False),
        sa.Column("lodge_time", sa.BigInteger, nullable=False),
        sa.Column("decide_time", sa.BigInteger),
        sa.Column("request_id", sa.String(36), nullable=False),
        sa.Index("appeals_by_decision", "clearance_number", "version", "revision", unique=True),
    )
    op.create_table(
        "permits",
        sa.Column("call", sa.String(71), primary_key=True),
        sa.Column("movement", sa.Integer, primary_key=True),
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
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("name_key", sa.String(512), nullable=False),
        sa.Column("birth_date", sa.Integer, nullable=False),
        sa.Column("nationality_code", sa.String(8), nullable=False),
        sa.Index("watch_entries_by_look_alike", "look_alike"),
        sa.Index("watch_entries_by_name", "name_key"),
        sa.Index("watch_entries_by_birth", "birth_date"),
    )


def downgrade() -> None:
    for table in (
        "watch_entries",
        "appeals",
        "permits",
        "persons",
        "passenger_lists",
        "inspections",
        "entry_formalities",
        "departures",
        "watch_cases",
        "crew_lists",
        "announcements",
    ):
        op.drop_table(table)
    agency_tables.drop(op)
