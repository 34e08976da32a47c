"""What operators did to cases."""

from collections.abc import Iterable

from sqlalchemy import Connection

from agencykit.storage.rows import insert, rows_in, run
from gateway.domain.identifiers import Micros
from gateway.domain.intervention import Act, Intervention
from gateway.storage.tables import interventions

_COLUMNS = ("number", "act_time", "operator", "request_id", "act", "reason_code", "reason", "agency", "container")


def insert_intervention(connection: Connection, act: Intervention, now: Micros, *, urgent: bool) -> None:
    """One act, and whether its case goes before others from now on."""
    said = (act.reason_code, act.reason, act.agency, act.container)
    row = (act.number, now, act.operator, act.request_id, int(act.act), *said)
    insert(connection, interventions, [row], columns=_COLUMNS)
    run(connection, "UPDATE cases SET urgent = ? WHERE number = ?", (int(urgent), act.number))


def load_interventions(connection: Connection, numbers: Iterable[str]) -> dict[str, list[Intervention]]:
    """Number -> what was done to it, in order."""
    found: dict[str, list[Intervention]] = {}
    for row in sorted(rows_in(connection, interventions, _COLUMNS, ("number",), dict.fromkeys(numbers))):
        number, act_time, operator, request_id, act, reason_code, reason, agency, container = row
        said = (reason, reason_code, agency, act_time, container)
        done = Intervention(Act(act), request_id, operator, number, *said)
        found.setdefault(number, []).append(done)
    return found
