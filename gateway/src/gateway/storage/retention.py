"""How long the gateway keeps each of its tables, and what of them goes together (agencykit.retention)."""

from collections.abc import Sequence

from sqlalchemy import Connection

from agencykit.retention.declared import AUDIT, CASE, EVER, Keeping, Kept, Key, Removed, Subject, Tally
from agencykit.storage.rows import rows_in
from gateway.domain.guarantee import OPEN
from gateway.domain.states import State
from gateway.domain.transit.states import ENDED, Side
from gateway.storage.audit import write_purge
from gateway.storage.purged import bury, of_clearance, of_complaint, of_lrn, of_movement, of_reference
from gateway.storage.tables import cases, movements

_OVER = "the clearance was closed, withdrawn or refused, and nothing has changed it since"
_ENDED = "the movement was discharged, cancelled or not released, and nothing has changed it since"
_SETTLED = "the complaint was arbitrated, accepted, taken back, or its answer not contested"
_TOMBSTONE = "tombstone: what comes late has no second effect"
_PROOF = "proves what was decided, or who decided it"
_SHORT = "a row goes as soon as it was dealt with; none is left of a clearance that is over"
# How whoever complains can be reached is of no use for long (operations.settings).
CONTACT = "retention_contact_days"
KEPT = (
    Kept("requests", EVER, f"{_TOMBSTONE}; ids and digests"),
    Kept("cases", CASE, _OVER),
    Kept("versions", CASE, _OVER),
    Kept("parts", CASE, _OVER),
    Kept("parked", EVER, _SHORT),
    Kept("withdrawals", CASE, _OVER),
    Kept("interventions", CASE, _OVER),
    Kept("decisions", CASE, _OVER),
    Kept("inbox", EVER, _SHORT),
    Kept("feed_positions", EVER, "one row for each log of an agency"),
    Kept("orders", CASE, _OVER),
    Kept("exits", CASE, _OVER),
    Kept("guarantee_releases", CASE, f"{_OVER}, and the use was credited, claimed, cancelled or refused"),
    Kept("untold", EVER, _SHORT),
    Kept("outbox", EVER, _SHORT),
    Kept("called_off", EVER, _SHORT),
    Kept("assurances", EVER, "one row for each agency"),
    Kept("examinations", CASE, _OVER),
    Kept("proposals", CASE, f"{_OVER}; those of emergencies stay with them"),
    Kept("manual_releases", CASE, f"{_OVER}, and nobody must still reconcile it"),
    Kept("emergencies", EVER, "what was declared, by which plan, and how much of its caps was used"),
    Kept("quarantine", CASE, f"{_OVER}; of no one that is known: it was set aside last"),
    Kept("duties", EVER, "one row for each duty of replicas"),
    Kept("counters", EVER, "one row for each number that grows"),
    Kept("purged", EVER, f"{_TOMBSTONE}; numbers and digests"),
    Kept("audit", AUDIT, "the row was written, where the clearance or movement it is about was purged or is of no one"),
    Kept("audit_pages", EVER, f"{_PROOF}: the audit's chain"),
    Kept("signing_keys", EVER, f"{_PROOF}: certificates of agencies, partners and the own one"),
    Kept("head_sheets", EVER, f"{_PROOF}: countersigned heads"),
    Kept("log_heads", EVER, f"{_PROOF}: where each head was countersigned"),
    Kept("old_copies", EVER, f"{_PROOF}: why its sheets and orders have the numbers they have"),
    Kept("partner_sheets", EVER, f"{_PROOF}: heads kept for partners"),
    Kept("partners", EVER, "one row for each partner"),
    Kept("notices", EVER, "announced unavailability: times and reasons, of districts and not of persons"),
    Kept("notice_revisions", EVER, "one row for each partner"),
    Kept("bulletins", EVER, "what was published, by agencies and not by persons: every version stays readable"),
    Kept("bulletin_positions", EVER, "one row for each partner"),
    Kept("complaints", CASE, _SETTLED),
    Kept("complaint_contacts", CONTACT, _SETTLED),
    Kept("arbitrations", CASE, _SETTLED),
    Kept("arbitration_receipts", CASE, _SETTLED),
    Kept("movements", CASE, _ENDED),
    Kept("movement_events", CASE, _ENDED),
    Kept("movement_streams", EVER, f"{_TOMBSTONE}; how far each stream has come"),
    Kept("movement_letters", EVER, "a row goes when it was receipted; none is left of a movement that is purged"),
    Kept("movement_refusals", EVER, f"{_TOMBSTONE}; what was refused is refused alike whenever it comes again"),
    Kept("movement_guarantees", CASE, f"{_ENDED}, and the use was credited, claimed, cancelled or refused"),
    Kept("verifications", EVER, f"{_TOMBSTONE}; numbers and what was said last"),
    Kept("verification_logs", EVER, f"{_PROOF}: where each log ends"),
    Kept("verification_decisions", EVER, f"{_PROOF} to another district: numbers, verdicts and scopes"),
    Kept("alembic_version", EVER, "one row: the form of the database"),
)


def _words(numbers: Sequence[int]) -> str:
    return ", ".join(str(int(each)) for each in sorted(numbers))


_CASES_OVER = _words([State.CLOSED, State.WITHDRAWN, State.EXPIRED, State.REFUSED])
_USES_OPEN = _words(list(OPEN))
# The key of movements begins with it.
_SIDES = _words(list(Side))
_CLEARANCE_OVER = f"""
c.state IN ({_CASES_OVER}) AND c.update_time < ? AND c.due_time IS NULL
AND NOT EXISTS (SELECT 1 FROM parked WHERE number = c.number)
AND NOT EXISTS (SELECT 1 FROM inbox WHERE number = c.number)
AND NOT EXISTS (SELECT 1 FROM untold WHERE number = c.number)
AND NOT EXISTS (SELECT 1 FROM outbox WHERE number = c.number)
AND NOT EXISTS (SELECT 1 FROM called_off WHERE number = c.number)
AND NOT EXISTS (SELECT 1 FROM manual_releases WHERE number = c.number AND state IN (2, 3))
AND NOT EXISTS (SELECT 1 FROM verifications WHERE number = c.number AND due = 1)
AND NOT EXISTS (
    SELECT 1 FROM guarantee_releases WHERE number = c.number AND (state IN ({_USES_OPEN}) OR end_time >= ?)
)
"""
_MOVEMENT_ENDED = f"""
m.state IN ({_words(list(ENDED))}) AND m.update_time < ? AND m.due_time IS NULL
AND NOT EXISTS (SELECT 1 FROM movement_letters WHERE mrn = m.mrn)
AND NOT EXISTS (
    SELECT 1 FROM movement_guarantees WHERE number = m.mrn AND (state IN ({_USES_OPEN}) OR end_time >= ?)
)
"""


def _bury_clearances(connection: Connection, keys: Sequence[Key], tally: Tally) -> None:
    numbers = [number for (number,) in keys]
    rows = rows_in(connection, cases, ("number", "broker", "reference"), ("number",), numbers)
    named = [(of_reference(broker, reference), number) for number, broker, reference in rows]
    bury(connection, [*((of_clearance(number), number) for number in numbers), *named], tally.now)


def _bury_movements(connection: Connection, keys: Sequence[Key], tally: Tally) -> None:
    rows = rows_in(connection, movements, ("mrn", "declarant", "lrn"), ("side", "mrn"), list(keys))
    named = [(of_lrn(declarant, lrn), mrn) for mrn, declarant, lrn in rows if declarant]
    bury(connection, [*((of_movement(side, mrn), mrn) for side, mrn in keys), *named], tally.now)


def _bury_complaints(connection: Connection, keys: Sequence[Key], tally: Tally) -> None:
    bury(connection, [(of_complaint(number), number) for (number,) in keys], tally.now)


def _departures(keys: Sequence[Key]) -> Sequence[Key]:
    """Guarantees are reserved where a movement begins."""
    return [(mrn,) for side, mrn in keys if side == Side.DEPARTURE]


def _either_side(keys: Sequence[Key]) -> Sequence[Key]:
    return [(mrn,) for _, mrn in keys]


_NUMBER = ("number",)
_CLEARANCES = Subject(
    name="clearances",
    period=CASE,
    source="cases AS c",
    key=("c.number",),
    over=_CLEARANCE_OVER,
    removed=(
        *(Removed(table, _NUMBER) for table in ("versions", "parts", "withdrawals", "interventions", "decisions")),
        *(Removed(table, _NUMBER) for table in ("orders", "exits", "guarantee_releases", "examinations")),
        *(Removed(table, _NUMBER) for table in ("proposals", "manual_releases", "quarantine", "cases")),
    ),
    before=_bury_clearances,
)
_MOVEMENTS = Subject(
    name="movements",
    period=CASE,
    source="movements AS m",
    key=("m.side", "m.mrn"),
    over=_MOVEMENT_ENDED,
    removed=(
        Removed("movement_events", ("side", "mrn")),
        Removed("movement_guarantees", _NUMBER, keys=_departures),
        Removed("quarantine", _NUMBER, keys=_either_side),
        Removed("movements", ("side", "mrn")),
    ),
    before=_bury_movements,
)
_SET_ASIDE = Subject(
    name="items set aside",
    period=CASE,
    source="quarantine AS q",
    key=("q.id",),
    over=f"""q.last_time < ? AND NOT EXISTS (SELECT 1 FROM cases WHERE number = q.number)
AND NOT EXISTS (SELECT 1 FROM movements WHERE side IN ({_SIDES}) AND mrn = q.number)""",
    removed=(Removed("quarantine", ("id",)),),
)
_COMPLAINTS = Subject(
    name="complaints",
    period=CASE,
    source="complaints AS p",
    key=("p.number",),
    over="p.end_time < ?",
    removed=(
        *(Removed(table, _NUMBER) for table in ("complaint_contacts", "arbitration_receipts", "arbitrations")),
        Removed("complaints", _NUMBER),
    ),
    before=_bury_complaints,
)
_CONTACTS = Subject(
    name="complaint contacts",
    period=CONTACT,
    source="complaint_contacts AS k",
    key=("k.number",),
    over="EXISTS (SELECT 1 FROM complaints AS p WHERE p.number = k.number AND p.end_time < ?)",
    removed=(Removed("complaint_contacts", _NUMBER),),
)
KEEPING = Keeping(
    tables=KEPT,
    subjects=(_CLEARANCES, _MOVEMENTS, _SET_ASIDE, _CONTACTS, _COMPLAINTS),
    tell=write_purge,
    audit_needed="EXISTS (SELECT 1 FROM cases AS c WHERE c.number = a.number)"
    f" OR EXISTS (SELECT 1 FROM movements AS m WHERE m.side IN ({_SIDES}) AND m.mrn = a.number)"
    " OR EXISTS (SELECT 1 FROM complaints AS p WHERE p.number = a.number)",
)
