"""The gateway's tables. Times are microseconds since 1970; 0 is "free" in leases, NULL is "never" elsewhere.

Whoever imports one has all of them in `metadata`, which the migrations are compared with.
"""

from gateway.storage.tables.base import metadata
from gateway.storage.tables.bulletins import bulletin_positions, bulletins
from gateway.storage.tables.clearances import cases, interventions, parked, parts, requests, versions, withdrawals
from gateway.storage.tables.complaints import arbitration_receipts, arbitrations, complaint_contacts, complaints
from gateway.storage.tables.decided import decisions, exits, feed_positions, inbox, orders
from gateway.storage.tables.emergencies import emergencies
from gateway.storage.tables.evidence import audit_pages, head_sheets, log_heads, partner_sheets, signing_keys
from gateway.storage.tables.guarantees import guarantee_releases
from gateway.storage.tables.keeping import audit, counters, duties, purged
from gateway.storage.tables.manual import manual_releases
from gateway.storage.tables.old_copies import old_copies
from gateway.storage.tables.partners import notice_revisions, notices, partners
from gateway.storage.tables.proposals import proposals
from gateway.storage.tables.quarantine import quarantine
from gateway.storage.tables.telling import assurances, called_off, examinations, outbox, untold
from gateway.storage.tables.transit import (
    movement_events,
    movement_guarantees,
    movement_letters,
    movement_refusals,
    movement_streams,
    movements,
)
from gateway.storage.tables.verifications import verification_decisions, verification_logs, verifications

__all__ = [
    "arbitration_receipts",
    "arbitrations",
    "assurances",
    "audit",
    "audit_pages",
    "bulletin_positions",
    "bulletins",
    "called_off",
    "cases",
    "complaint_contacts",
    "complaints",
    "counters",
    "decisions",
    "duties",
    "emergencies",
    "examinations",
    "exits",
    "feed_positions",
    "guarantee_releases",
    "head_sheets",
    "inbox",
    "interventions",
    "log_heads",
    "manual_releases",
    "metadata",
    "movement_events",
    "movement_guarantees",
    "movement_letters",
    "movement_refusals",
    "movement_streams",
    "movements",
    "notice_revisions",
    "notices",
    "old_copies",
    "orders",
    "outbox",
    "parked",
    "partner_sheets",
    "partners",
    "parts",
    "proposals",
    "purged",
    "quarantine",
    "requests",
    "signing_keys",
    "untold",
    "verification_decisions",
    "verification_logs",
    "verifications",
    "versions",
    "withdrawals",
]
