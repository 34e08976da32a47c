"""How long the port keeps each of its own tables, and which rows go together (agencykit.retention)."""

from agencykit.retention.agencies import agency_keeping
from agencykit.retention.declared import CASE, Kept, Removed, Subject

_GONE = "the goods were reported to have come, none stands in a yard, and no consignment that is not over hears of them"
_DOCUMENT = ("document",)
_OF_DOCUMENT = ("manifests", "manifest_containers", "places", "delivery_orders", "slot_bookings", "tallies", "arrivals")
KEPT = (
    *(Kept(table, CASE, _GONE) for table in _OF_DOCUMENT),
    Kept("holds", CASE, f"{_GONE}; a hold on a container stays, for the container comes again"),
    Kept("gate_outs", CASE, "the clearance was closed, withdrawn or refused, and nothing was done on it since"),
)
_DOCUMENTS = Subject(
    name="transport documents",
    period=CASE,
    source="arrivals AS r",
    key=("r.document",),
    over="""
    r.arrive_time < ?
    AND NOT EXISTS (SELECT 1 FROM waits WHERE fact_kind = 'goods' AND fact_key = r.document)
    AND NOT EXISTS (SELECT 1 FROM gate_outs WHERE document = r.document AND record_time >= ?)
    AND NOT EXISTS (SELECT 1 FROM places WHERE document = r.document AND yard <> '')
    AND NOT EXISTS (SELECT 1 FROM slot_bookings WHERE document = r.document AND end_time >= ?)
    """,
    removed=(Removed("holds", ("subject",)), *(Removed(table, _DOCUMENT) for table in _OF_DOCUMENT)),
)
KEEPING = agency_keeping(KEPT, [Removed("gate_outs", ("clearance_number",))], subjects=[_DOCUMENTS])
