"""Joint examination appointments: the agency accepts a time that is still to come, where it has an examination open."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from agencykit.decisions import tables
from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.decisions.lookups import OPEN, TAKEN
from agencykit.decisions.open_work import EXAMINATION
from agencykit.decisions.requests import Claim, claim_request
from agencykit.refusals import NotFound
from agencykit.storage.bulk import insert_rows


@dataclass(frozen=True, slots=True)
class Appointment:
    """An appointment as the agency recorded it. `start_time` in microseconds since 1970."""

    clearance_number: str
    start_time: int
    place: str
    accepted: bool


def propose(
    connection: Connection, claim: Claim, containers: Sequence[str], start_time: int, place: str, now: int
) -> Appointment:
    """Records the proposal and the answer to it; a replay gets the answer as recorded. Refuses with NotFound."""
    number = claim.clearance_number
    appointments = tables.appointments.c
    if not claim_request(connection, claim, now):
        columns = (appointments.clearance_number, appointments.start_time, appointments.place, appointments.accepted)
        known = connection.execute(select(*columns).where(appointments.request_id == claim.request_id)).one()
        return Appointment(known.clearance_number, known.start_time, known.place, bool(known.accepted))
    work = tables.work.c
    open_work = select(work.id).where(
        work.clearance_number == number, work.kind == EXAMINATION, work.state.in_((OPEN, TAKEN))
    )
    if connection.scalar(open_work) is None:
        raise NotFound("examination", number)
    accepted = start_time > now
    row = (claim.request_id, number, json.dumps(list(containers)), start_time, place, int(accepted))
    insert_rows(connection, tables.appointments, [row])
    write_audit(connection, [AuditEntry(now, claim.scope, "examination_proposed", number, {"accepted": accepted})])
    return Appointment(number, start_time, place, accepted)
