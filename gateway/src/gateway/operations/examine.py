"""Steps of joint examinations in the database, one transaction each (domain.examination has the journey)."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.refusals import NotFound, StateForbids
from gateway.domain.examination import STANDING, Examination, ExaminationState, Opening
from gateway.domain.identifiers import Micros
from gateway.operations.amend import replayed
from gateway.operations.context import Context
from gateway.storage.audit import Entry, write_audit
from gateway.storage.called_off import insert_called_off
from gateway.storage.cases import load_cases
from gateway.storage.examinations import insert_examination, load_examinations, update_examination
from gateway.storage.requests import EXAMINATION, Request, remember


@dataclass(frozen=True, slots=True)
class Wanted:
    """An appointment wanted: by which agencies, for which containers, where and when."""

    request_id: str
    operator: str
    number: str
    agencies: tuple[str, ...]
    containers: tuple[str, ...]
    resource: str
    start_time: Micros

    @property
    def request(self) -> Request:
        """The request id with what it stands for. Who wants to open may change before a replay, and is no part."""
        said = f"arrange\n{self.number}\n{self.resource}\n{self.start_time}"
        return _request(self.operator, self.request_id, self.number, said)


@dataclass(frozen=True, slots=True)
class Step:
    """An operator's act on a case's newest joint examination."""

    request_id: str
    operator: str
    number: str
    opening: Opening | None = None

    @property
    def request(self) -> Request:
        """The request id with what it stands for."""
        return _request(self.operator, self.request_id, self.number, f"{self.number}\n{self.opening!r}")


def propose(connection: Connection, wanted: Wanted, context: Context) -> Examination:
    """The intent, before anybody is asked; of a replay the one that stands. Raises NotFound or StateForbids."""
    case = load_cases(connection, [wanted.number], lock=True).get(wanted.number)
    if case is None:
        raise NotFound("clearance", wanted.number)
    known = load_examinations(connection, wanted.number)
    if replayed(connection, wanted.request):
        return next(each for each in known if each.request_id == wanted.request_id)
    if not wanted.agencies or (known and known[-1].state in STANDING):
        raise StateForbids(known[-1].state.name if known else case.state.name, "ArrangeExamination")
    made = Examination(
        *(wanted.number, len(known) + 1, case.version, ExaminationState.PROPOSED, wanted.agencies, wanted.containers),
        *(wanted.resource, wanted.start_time, wanted.operator, wanted.request_id),
    )
    remember(connection, [wanted.request], context.now)
    insert_examination(connection, made, context.now)
    _audit(connection, made, wanted.operator, context)
    return made


def settle(connection: Connection, before: Examination, after: Examination, operator: str, context: Context) -> bool:
    """Records what came of it, and that agencies are to be told where it is off; False where somebody else was
    quicker."""
    if not update_examination(connection, before, after, context.now):
        return False
    if after.is_off:
        insert_called_off(connection, before.agencies, after, context.lease_now(connection))
    _audit(connection, after, operator, context)
    return True


def step(connection: Connection, act: Step, state: ExaminationState, context: Context) -> Examination:
    """Moves the newest one by an operator's act; of a replay as it stands. Raises NotFound or StateForbids."""
    load_cases(connection, [act.number], lock=True)
    known = load_examinations(connection, act.number)
    if not known:
        raise NotFound("examination", act.number)
    newest = known[-1]
    if replayed(connection, act.request):
        return newest
    after = newest.moved(state, opening=act.opening)
    if after is None:
        raise StateForbids(newest.state.name, "RecordOpening" if act.opening else "CancelExamination")
    remember(connection, [act.request], context.now)
    settle(connection, newest, after, act.operator, context)
    return after


def examinations_of(connection: Connection, number: str) -> list[Examination]:
    """All of one case. Raises NotFound where there is no such case."""
    if number not in load_cases(connection, [number]):
        raise NotFound("clearance", number)
    return load_examinations(connection, number)


def _audit(connection: Connection, examination: Examination, operator: str, context: Context) -> None:
    details = {"round": examination.round, "operator": operator}
    entry = Entry(examination.number, f"examination {examination.state.name.lower()}", details=details)
    write_audit(connection, context.replica, context.now, [entry])


def _request(operator: str, request_id: str, number: str, said: str) -> Request:
    return Request(operator, EXAMINATION, request_id, hashlib.sha256(said.encode()).digest(), number)
