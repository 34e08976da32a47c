"""The kit's tables, manifests, arrivals, places, holds, delivery orders, appointments and exits."""

import sqlalchemy as sa
from alembic import op

from agencykit.storage import agency_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    agency_tables.create(op)
    op.create_table(
        "manifests",
        sa.Column("document", sa.String(35), primary_key=True),
        sa.Column("conveyance", sa.String(35), nullable=False),
        sa.Column("voyage", sa.String(35), nullable=False),
        sa.Column("packages", sa.Integer, nullable=False),
        sa.Column("gross_mass_kg", sa.Float, nullable=False),
        sa.Column("containers", sa.Text, nullable=False),
        sa.Column("port_code", sa.String(5), nullable=False),
    )
    op.create_table(
        "manifest_containers",
        sa.Column("document", sa.String(35), primary_key=True),
        sa.Column("container", sa.String(35), primary_key=True),
        sa.Index("manifest_containers_by_container", "container"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "arrivals",
        sa.Column("document", sa.String(35), primary_key=True),
        sa.Column("arrive_time", sa.BigInteger, nullable=False),
        sa.Column("terminal_code", sa.String(35), nullable=False),
    )
    op.create_table(
        "tallies",
        sa.Column("document", sa.String(35), primary_key=True),
        sa.Column("packages", sa.Integer, nullable=False),
        sa.Column("gross_mass_kg", sa.Float, nullable=False),
        sa.Column("tally_time", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "places",
        sa.Column("document", sa.String(35), primary_key=True),
        sa.Column("container", sa.String(35), primary_key=True),
        sa.Column("place_code", sa.String(35), nullable=False),
        sa.Column("assign_time", sa.BigInteger, nullable=False),
        sa.Column("yard", sa.String(35), nullable=False),
        sa.Index("places_by_yard", "yard"),
    )
    op.create_table(
        "holds",
        sa.Column("id", sa.String(35), primary_key=True),
        sa.Column("subject", sa.String(35), nullable=False),
        sa.Column("reason", sa.String(256), nullable=False),
        sa.Column("lifted", sa.Boolean, nullable=False),
        sa.Index("holds_by_subject", "subject"),
    )
    op.create_table(
        "slot_bookings",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("resource", sa.String(35), nullable=False),
        sa.Column("start_time", sa.BigInteger, nullable=False),
        sa.Column("end_time", sa.BigInteger, nullable=False),
        sa.Column("units", sa.Integer, nullable=False),
        sa.Column("document", sa.String(35), nullable=False),
        sa.Column("container", sa.String(35), nullable=False),
        sa.Column("conveyance", sa.String(35), nullable=False),
        sa.Column("holder", sa.String(256), nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("request_id", sa.String(36), nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Column("update_time", sa.BigInteger, nullable=False),
        sa.Index("slot_bookings_by_resource", "resource", "end_time"),
        sa.Index("slot_bookings_by_request", "request_id"),
        sa.Index("slot_bookings_by_holder", "holder", "id"),
        sa.Index("slot_bookings_of_resource", "resource", "id"),
    )
    op.create_table(
        "delivery_orders",
        sa.Column("document", sa.String(35), primary_key=True),
        sa.Column("haulier", sa.String(35), nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("former", sa.Text, nullable=False),
    )
    op.create_table(
        "gate_outs",
        sa.Column("clearance_number", sa.String(35), primary_key=True),
        sa.Column("subject", sa.String(35), primary_key=True),
        sa.Column("document", sa.String(35), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("order_number", sa.BigInteger, nullable=False),
        sa.Column("way", sa.Integer, nullable=False),
        sa.Column("exit_time", sa.BigInteger, nullable=False),
        sa.Column("place_code", sa.String(35), nullable=False),
        sa.Column("conveyance", sa.String(35), nullable=False),
        sa.Column("reporter", sa.String(256), nullable=False),
        sa.Column("request_id", sa.String(36), nullable=False),
        sa.Column("record_time", sa.BigInteger, nullable=False),
        sa.Column("last", sa.Boolean, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("load_number", sa.Integer, primary_key=True),
        sa.Column("packages", sa.Integer, nullable=False),
        sa.Index("gate_outs_by_position", "position"),
        sa.Index("gate_outs_by_document", "document"),
    )


def downgrade() -> None:
    for table in ("gate_outs", "delivery_orders", "slot_bookings", "holds", "places", "arrivals", "manifests"):
        op.drop_table(table)
    op.drop_table("tallies")
    agency_tables.drop(op)
