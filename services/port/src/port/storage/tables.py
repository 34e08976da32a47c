"""The port's own tables. Times are microseconds since 1970; `document` is a folded transport document number."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

manifests = Table(
    "manifests",
    metadata,
    Column("document", String(35), primary_key=True),
    Column("conveyance", String(35), nullable=False),
    Column("voyage", String(35), nullable=False),
    Column("packages", Integer, nullable=False),
    Column("gross_mass_kg", Float, nullable=False),
    Column("containers", Text, nullable=False),  # folded numbers, separated by spaces
    Column("port_code", String(5), nullable=False),
)

# The manifests' containers once more, to find all documents that list one: a ship's call has thousands of documents.
manifest_containers = Table(
    "manifest_containers",
    metadata,
    Column("document", String(35), primary_key=True),
    Column("container", String(35), primary_key=True),
    Index("manifest_containers_by_container", "container"),
    sqlite_with_rowid=False,
)

arrivals = Table(
    "arrivals",
    metadata,
    Column("document", String(35), primary_key=True),
    Column("arrive_time", BigInteger, nullable=False),
    Column("terminal_code", String(35), nullable=False),
)

# `container` is empty for loose goods. `yard` is the resource whose room it takes up; empty where it takes up none, and
# once the goods have left.
places = Table(
    "places",
    metadata,
    Column("document", String(35), primary_key=True),
    Column("container", String(35), primary_key=True),
    Column("place_code", String(35), nullable=False),
    Column("assign_time", BigInteger, nullable=False),
    Column("yard", String(35), nullable=False),
    Index("places_by_yard", "yard"),
)

# `subject` is a folded container or transport document number. A lifted hold stays, and no longer counts.
holds = Table(
    "holds",
    metadata,
    Column("id", String(35), primary_key=True),
    Column("subject", String(35), nullable=False),
    Column("reason", String(256), nullable=False),
    Column("lifted", Boolean, nullable=False),
    Index("holds_by_subject", "subject"),
)

# What left the port: `subject` is a folded container number, empty for loose goods, whose loads are numbered from 1.
# Rows are never changed. `position` grows in the order in which transactions ended.
gate_outs = Table(
    "gate_outs",
    metadata,
    Column("clearance_number", String(35), primary_key=True),
    Column("subject", String(35), primary_key=True),
    Column("document", String(35), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("order_number", BigInteger, nullable=False),
    Column("way", Integer, nullable=False),
    Column("exit_time", BigInteger, nullable=False),
    Column("place_code", String(35), nullable=False),
    Column("conveyance", String(35), nullable=False),
    Column("reporter", String(256), nullable=False),
    Column("request_id", String(36), nullable=False),
    Column("record_time", BigInteger, nullable=False),
    Column("last", Boolean, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("load_number", Integer, primary_key=True),
    Column("packages", Integer, nullable=False),
    Index("gate_outs_by_position", "position"),
    Index("gate_outs_by_document", "document"),
)

# Who may fetch the goods of a document. A withdrawn one stays, and no longer counts. `former` are hauliers who once
# might, separated by spaces.
delivery_orders = Table(
    "delivery_orders",
    metadata,
    Column("document", String(35), primary_key=True),
    Column("haulier", String(35), nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("former", Text, nullable=False),
)

# Room booked at a resource; a cancelled one stays, and no longer counts. `state` is the contract's number.
slot_bookings = Table(
    "slot_bookings",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("resource", String(35), nullable=False),
    Column("start_time", BigInteger, nullable=False),
    Column("end_time", BigInteger, nullable=False),
    Column("units", Integer, nullable=False),
    Column("document", String(35), nullable=False),
    Column("container", String(35), nullable=False),
    Column("conveyance", String(35), nullable=False),
    Column("holder", String(256), nullable=False),
    Column("state", Integer, nullable=False),
    Column("request_id", String(36), nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("update_time", BigInteger, nullable=False),
    Index("slot_bookings_by_resource", "resource", "end_time"),
    Index("slot_bookings_by_request", "request_id"),
    Index("slot_bookings_by_holder", "holder", "id"),
    Index("slot_bookings_of_resource", "resource", "id"),
    Index("slot_bookings_by_document", "document"),
)

# What was counted and weighed; a mass of 0 means that it was not weighed.
tallies = Table(
    "tallies",
    metadata,
    Column("document", String(35), primary_key=True),
    Column("packages", Integer, nullable=False),
    Column("gross_mass_kg", Float, nullable=False),
    Column("tally_time", BigInteger, nullable=False),
)
