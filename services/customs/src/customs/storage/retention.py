"""How long customs keeps each of its own tables, and what of them goes with a clearance (agencykit.retention)."""

from agencykit.retention.agencies import agency_keeping
from agencykit.retention.declared import CASE, EVER, Kept, Removed

_OVER = "the clearance was closed, withdrawn or refused, and nothing was done on it since"
_REGISTER = "register: decisions rest on what was entered, and whoever is entered may ask for it"
_BOOK = "book: sums are worked out from all entries; numbers, amounts and identities"
_FIGURES = "figures without persons or goods"
KEPT = (
    *(Kept(table, EVER, _REGISTER) for table in ("enterprises", "enterprise_classes", "brokers", "mandates")),
    *(Kept(table, EVER, _REGISTER) for table in ("licences", "carriers", "carrier_vehicles")),
    Kept("risk_secrets", EVER, "one row: draws can be worked out again"),
    Kept("risk_profiles", EVER, "what was in force and from when: no persons"),
    Kept("risk_snapshots", EVER, f"{_FIGURES}, on which decisions rest"),
    Kept("risk_traffic", EVER, _FIGURES),
    Kept("broker_traffic", EVER, "figures of each broker, on which its quality rests"),
    Kept("risk_marks", CASE, _OVER),
    Kept("risk_examinations", CASE, _OVER),
    Kept("scheme_standings", CASE, _OVER),
    *(Kept(table, EVER, _BOOK) for table in ("guarantees", "guarantee_uses", "guarantee_parts", "guarantee_entries")),
    *(Kept(table, EVER, _BOOK) for table in ("guarantee_claims", "outside_covers", "outside_cover_ends", "payments")),
)
# A use that is held or confirmed keeps its clearance, however long ago that was over; so does a claim that is not paid.
_IN_USE = """
EXISTS (SELECT 1 FROM guarantee_uses WHERE state IN (1, 2) AND clearance_number = c.clearance_number)
OR EXISTS (SELECT 1 FROM guarantee_claims WHERE state = 1 AND clearance_number = c.clearance_number)
"""
KEEPING = agency_keeping(
    KEPT,
    [Removed(table, ("clearance_number",)) for table in ("risk_marks", "risk_examinations", "scheme_standings")],
    needed=_IN_USE,
)
