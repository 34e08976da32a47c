"""Joint examination appointments: the agency accepts a time that is still to come, where it has an examination open.

proposed    called off
accepted  → stands no longer
(unknown) → tombstone: a late proposal is recorded as not accepted
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from agencykit.decisions import tables
from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.decisions.lookups import EXAMINATION, OPEN, SCAN, TAKEN
from agencykit.decisions.requests import Claim, claim_request
from agencykit.refusals import NotFound
from agencykit.storage.rows import Fields, insert, rows_in, run_many

_COLUMNS = ("request_id", "clearance_number", "container_numbers", "start_time", "place", "accepted", "call_off_time")


@dataclass(frozen=True, slots=True)
class Appointment:
    """An appointment as the agency recorded it. `start_time` in microseconds since 1970."""

    clearance_number: str
    start_time: int
    place: str
    accepted: bool


@dataclass(frozen=True, slots=True)
class CalledOff:
    """A proposal that stands no longer. `time` in microseconds since 1970."""

    request_id: str
    clearance_number: str
    time: int


def propose(
    connection: Connection, claim: Claim, containers: Sequence[str], start_time: int, place: str, now: int
) -> Appointment:
    """Records the proposal and the answer to it; a replay gets the answer as recorded. Refuses with NotFound."""
    number = claim.clearance_number
    if claim_request(connection, claim, now):
        work = tables.work.c
        open_work = select(work.id).where(
            work.clearance_number == number, work.kind.in_((EXAMINATION, SCAN)), work.state.in_((OPEN, TAKEN))
        )
        if connection.scalar(open_work) is None:
            raise NotFound("examination", number)
        row = (claim.request_id, number, json.dumps(list(containers)), start_time, place, int(start_time > now), None)
        insert(connection, tables.appointments, [row], "ignore", _COLUMNS)
        stands = _proposed(connection, claim.request_id)
        details = {"accepted": stands.accepted}
        write_audit(connection, [AuditEntry(now, claim.scope, "examination_proposed", number, details)])
        return stands
    return _proposed(connection, claim.request_id)


def call_off(connection: Connection, called_off: Sequence[CalledOff], scope: str, now: int) -> None:
    """Has these proposals stand no longer; what was told before changes nothing."""
    if not called_off:
        return
    ids = sorted({one.request_id for one in called_off})
    columns = ("request_id", "call_off_time")
    known: dict[str, int | None] = dict(rows_in(connection, tables.appointments, columns, ("request_id",), ids))
    fresh = {one.request_id: one for one in called_off if known.get(one.request_id) is None}
    tombstones = [(each, one.clearance_number, "[]", 0, "", 0, one.time) for each, one in sorted(fresh.items())]
    insert(connection, tables.appointments, tombstones, "ignore", _COLUMNS)
    text = "UPDATE appointments SET call_off_time = ? WHERE request_id = ? AND call_off_time IS NULL"
    run_many(connection, text, [(one.time, each) for each, one in sorted(fresh.items())])
    entries = [AuditEntry(now, scope, "examination_called_off", one.clearance_number, {}) for one in fresh.values()]
    write_audit(connection, entries)


def standing_appointments(connection: Connection, numbers: Collection[str]) -> dict[str, Appointment]:
    """For each of these clearances the appointment that was accepted and not called off, the last one to come."""
    rows = rows_in(connection, tables.appointments, _COLUMNS, ("clearance_number",), sorted(set(numbers)))
    standing = sorted((each for each in map(_appointment, rows) if each.accepted), key=lambda each: each.start_time)
    return {each.clearance_number: each for each in standing}


def _proposed(connection: Connection, request_id: str) -> Appointment:
    [row] = rows_in(connection, tables.appointments, _COLUMNS, ("request_id",), [request_id])
    return _appointment(row)


def _appointment(row: Fields) -> Appointment:
    _, number, _, start_time, place, accepted, call_off_time = row
    return Appointment(number, start_time, place, bool(accepted) and call_off_time is None)
