"""Joint examinations, one row each."""

import json
from dataclasses import replace

from sqlalchemy import Connection

from agencykit.storage.rows import Fields, insert, rows_in, update
from gateway.domain.examination import Examination, ExaminationState, Opening
from gateway.domain.identifiers import Micros
from gateway.storage.tables import examinations

_COLUMNS = tuple(examinations.columns.keys())
_CHANGING = ("state", "agencies", "appointment_id", "decline_reason", "opening", "update_time")


def load_examinations(connection: Connection, number: str) -> list[Examination]:
    """Of one case, in order."""
    return [_examination(row) for row in sorted(rows_in(connection, examinations, _COLUMNS, ("number",), [number]))]


def insert_examination(connection: Connection, made: Examination, now: Micros) -> None:
    """A new one."""
    row = (
        *(made.number, made.round, made.version, int(made.state), json.dumps(made.agencies)),
        *(json.dumps(made.containers), made.resource, made.start_time, made.operator, made.request_id),
        *(made.appointment_id, made.decline_reason, "", now, now),
    )
    insert(connection, examinations, [row])


def update_examination(connection: Connection, before: Examination, after: Examination, now: Micros) -> bool:
    """Writes it on condition of the state it had; False where somebody else moved it."""
    opening = ""
    if after.opening is not None:
        said = after.opening
        opening = json.dumps([said.opener, said.open_time, said.found_seals, said.new_seals, said.remark])
    changed = (int(after.state), json.dumps(after.agencies), after.appointment_id, after.decline_reason, opening, now)
    row = (*changed, after.number, after.round, int(before.state))
    return update(connection, examinations, _CHANGING, ("number", "round", "state"), [row]) == 1


def _examination(row: Fields) -> Examination:
    number, round_number, version, state, agencies, containers, resource, start_time, *rest = row
    operator, request_id, appointment_id, decline_reason, opening, _, _ = rest
    found = Examination(
        number=number,
        round=round_number,
        version=version,
        state=ExaminationState(state),
        agencies=tuple(json.loads(agencies)),
        containers=tuple(json.loads(containers)),
        resource=resource,
        start_time=start_time,
        operator=operator,
        request_id=request_id,
        appointment_id=appointment_id,
        decline_reason=decline_reason,
    )
    if not opening:
        return found
    opener, open_time, found_seals, new_seals, remark = json.loads(opening)
    return replace(found, opening=Opening(opener, open_time, tuple(found_seals), tuple(new_seals), remark))
