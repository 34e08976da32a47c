"""How long inspection keeps each of its own tables, and what of them goes with a clearance (agencykit.retention)."""

from agencykit.retention.agencies import agency_keeping
from agencykit.retention.declared import CASE, EVER, Kept, Removed

_REGISTER = "register: decisions rest on what was entered"
KEPT = (
    *(Kept(table, EVER, _REGISTER) for table in ("certificates", "exemptions", "recalls", "producers")),
    Kept("certificate_balances", EVER, "book: how much of each certificate is used up"),
    Kept("write_offs", EVER, "book: balances are worked out from all entries; numbers and masses"),
    Kept("transfers", EVER, "register and tombstone: one certificate is good in one place, and is claimed once"),
    Kept("spot_checks", CASE, "the clearance was closed, withdrawn or refused, and nothing was done on it since"),
    Kept("draw_secrets", EVER, "one row: draws can be worked out again"),
)
KEEPING = agency_keeping(KEPT, [Removed("spot_checks", ("clearance_number",))])
