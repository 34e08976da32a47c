"""WorkService by one officer, and work as rows."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import uuid4

from google.protobuf.message import Message
from rich.table import Table

from clearance.agency.v1 import work_service_pb2 as service
from clearance.common.v1.decision_pb2 import Scope
from tongguan.channels import Peer
from tongguan.clearances import content_of, request_id
from tongguan.failures import Misused
from tongguan.report.names import clock, scope_words
from tongguan.report.tables import table

_SERVICE = "/clearance.agency.v1.WorkService/"
Response = TypeVar("Response", bound=Message)
OUTCOMES = {
    "cleared": service.WorkResult.OUTCOME_CLEARED,
    "refused": service.WorkResult.OUTCOME_REFUSED,
    "sampled": service.WorkResult.OUTCOME_SAMPLED,
    "suspicious": service.WorkResult.OUTCOME_SUSPICIOUS,
    "unreadable": service.WorkResult.OUTCOME_UNREADABLE,
}


class Desk:
    """An officer's desk. Every act may be repeated."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def list(self, state: int, clearance_number: str, limit: int) -> Iterator[service.Work]:
        """Oldest first; state 0 means open and taken, limit 0 means all."""
        request = service.ListWorkRequest(clearance_number=clearance_number)
        request.state = state  # type: ignore[assignment]  # the name was checked by state_number
        return self._peer.pages(f"{_SERVICE}ListWork", request, service.ListWorkResponse, "work", limit)

    def take(self, work_id: str, act: str) -> service.Work:
        """Takes it; `act` is the UUID of this act."""
        request = service.TakeWorkRequest(request_id=act, work_id=work_id)
        return self._call("TakeWork", request, service.TakeWorkResponse).work

    def give_back(self, work_id: str, act: str) -> service.Work:
        """Returns it to the list; `act` is the UUID of this act."""
        request = service.ReturnWorkRequest(request_id=act, work_id=work_id)
        return self._call("ReturnWork", request, service.ReturnWorkResponse).work

    def record(
        self,
        work_id: str,
        outcome: str,
        reason: str,
        measured: Sequence[service.Measurement] = (),
        finds: Sequence[service.Find] = (),
        scope: Scope | None = None,
    ) -> service.Work:
        """Records one of OUTCOMES, and what was found; the same twice has one effect."""
        result = service.WorkResult(
            outcome=OUTCOMES[outcome], reason=reason, measurements=measured, finds=finds, scope=scope
        )
        said = (*measured, *finds, *((scope,) if scope is not None else ()))
        act = request_id("record", work_id, outcome, reason, *map(content_of, said))
        request = service.RecordWorkRequest(request_id=act, work_id=work_id, result=result)
        return self._call("RecordWork", request, service.RecordWorkResponse).work

    def ask(
        self, work_id: str, reason: str, documents: Sequence[service.RequestedDocument], until: datetime
    ) -> service.Work:
        """Asks the broker for documents until then."""
        result = service.WorkResult(
            outcome=service.WorkResult.OUTCOME_DOCUMENTS_REQUESTED, reason=reason, documents=documents
        )
        result.answer_until_time.FromDatetime(until)
        request = service.RecordWorkRequest(request_id=str(uuid4()), work_id=work_id, result=result)
        return self._call("RecordWork", request, service.RecordWorkResponse).work

    def _call(self, method: str, request: Message, response: type[Response]) -> Response:
        return self._peer.call(f"{_SERVICE}{method}", request, response)


def measurement(text: str) -> service.Measurement:
    """Of `lead=120 mg/kg` or `lead=120 mg/kg:at most 90 mg/kg`; raises Misused."""
    quantity, equals, rest = text.partition("=")
    found, _, limit = rest.partition(":")
    if not (equals and quantity.strip() and found.strip()):
        raise Misused(f"--measured {text}: not understood", "write it as QUANTITY=FOUND or QUANTITY=FOUND:LIMIT")
    return service.Measurement(quantity=quantity.strip(), found=found.strip(), limit=limit.strip())


def requested(text: str) -> service.RequestedDocument:
    """Of `N935` or `N935:the copy is illegible`; raises Misused."""
    kind, _, reason = text.partition(":")
    if not kind.strip():
        raise Misused(f"--document {text}: not understood", "write it as KIND or KIND:REASON")
    return service.RequestedDocument(type_code=kind.strip(), reason=reason.strip())


def find(text: str) -> service.Find:
    """`undervaluation`, `quantity:3 cartons more`: a kind of find, and the officer's words; raises Misused."""
    name, _, description = text.partition(":")
    kinds = {key.removeprefix("KIND_").lower(): value for key, value in service.Find.Kind.items() if value}
    if name.lower() not in kinds:
        raise Misused(f"--find {name}: no such kind", f"take one of: {', '.join(kinds)}")
    return service.Find(kind=kinds[name.lower()], description=description.strip())


def state_number(name: str) -> int:
    """The number of a state by its name, 0 for none; raises Misused."""
    known = {key.removeprefix("STATE_"): value for key, value in service.Work.State.items() if value}
    if name and name.upper() not in known:
        raise Misused(f"--state-filter {name}: no such state", f"take one of: {', '.join(known)}")
    return known.get(name.upper(), 0)


def work_table() -> Table:
    """For `work_row`."""
    columns = (
        "work",
        "clearance",
        "version",
        "kind",
        "state",
        "rules",
        "goods",
        "place",
        "since",
        "officer",
        "appointment",
    )
    return table("", *columns, numbers=["version"])


def work_row(work: service.Work) -> tuple[str, ...]:
    """One piece of work."""
    kind = service.Work.Kind.Name(work.kind).removeprefix("KIND_")
    state = service.Work.State.Name(work.state).removeprefix("STATE_")
    rules, officer = ", ".join(work.rule_ids), work.officer.rpartition("/")[2] or "-"
    goods, since, opened = scope_words(work.scope).strip() or "all", clock(work.create_time), "-"
    if work.HasField("appointment"):
        opened = f"{clock(work.appointment.start_time)} {work.appointment.place}".strip()
    place = work.place or "-"
    return work.id, work.clearance_number, str(work.version), kind, state, rules, goods, place, since, officer, opened
