"""GateService: terminals report what leaves, and ask what may."""

from agencykit.agency import AgencyParts
from agencykit.decisions.followers import Followers
from agencykit.decisions.requests import Claim, content_digest
from agencykit.identity import Identity
from agencykit.refusals import FormInvalid, Refusal, Violation, to_status
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from agencykit.rpc.validation import validate_items
from agencykit.storage.times import to_micros
from clearance.port.v1 import gate_service_pb2 as pb
from port.domain.gate import Report, Way
from port.domain.identifiers import fold
from port.operations.clerk import look_up
from port.operations.gate import RESOURCE, Gate, Reported, report_gate_outs
from port.rpc.messages import gate_out_message, place_message, release_message
from port.storage.releases import GateOut

CALLERS = ("operator/*", "terminal/*")
# By how much a terminal's clock may be ahead of ours, in microseconds.
MOST_AHEAD = 60_000_000


class GateServicer:
    """`gate_outs` is whom a new exit wakes."""

    def __init__(self, parts: AgencyParts, gate: Gate, gate_outs: Followers) -> None:
        self._parts, self._gate, self._gate_outs = parts, gate, gate_outs

    async def GetRelease(self, request: pb.GetReleaseRequest, call: Call) -> pb.GetReleaseResponse:
        found = await self._parts.database.read(
            look_up, self._gate.readers, request.clearance_number, own_terminal(call.identity)
        )
        return pb.GetReleaseResponse(
            release=release_message(found.stored, found.release, found.terminal),
            gate_outs=[gate_out_message(each) for each in found.exits],
            hold_ids=[hold.id for hold in found.holds],
            places=[place_message(row) for row in found.places],
            remaining_packages=found.remaining,
        )

    async def ReportGateOuts(self, request: pb.ReportGateOutsRequest, call: Call) -> pb.ReportGateOutsResponse:
        now = to_micros(self._parts.runtime.clock.now())
        faults = [
            fault or _unsound(one, now)
            for one, fault in zip(request.reports, validate_items(request.reports), strict=True)
        ]
        sound = [one for one, fault in zip(request.reports, faults, strict=True) if fault is None]
        reported = [_reported(one, call) for one in sound]
        decided = iter(await self._parts.database.write(report_gate_outs, self._gate, reported, now) if sound else ())
        answers = [fault or next(decided) for fault in faults]
        if any(isinstance(answer, GateOut) for answer in answers):
            self._gate_outs.notify()
        ids = [one.request_id for one in request.reports]
        return pb.ReportGateOutsResponse(answers=list(map(_answer, ids, answers)))


def own_terminal(identity: Identity) -> str:
    """The terminal of which alone a terminal may speak; empty where the caller may speak of all."""
    return identity.name if identity.role == "terminal" else ""


def _unsound(one: pb.GateOutReport, now: int) -> FormInvalid | None:
    """What is wrong with a report although its form is right.

    Goods leave before it is reported: the commitment clock ends with the time that is given here.
    """
    found = []
    if one.exit_time.ToMicroseconds() > now + MOST_AHEAD:
        found.append(Violation("exit_time", "exit_time.future", "lies in the future", "message"))
    if one.packages and one.container_number:
        found.append(Violation("packages", "packages.of_container", "are counted of loose goods only", "int32"))
    if one.packages and not one.conveyance_identification.strip():
        found.append(Violation("conveyance_identification", "packages.unnamed_load", "must name the truck", "string"))
    return FormInvalid(found) if found else None


def _reported(one: pb.GateOutReport, call: Call) -> Reported:
    digest = content_digest(one.SerializeToString(deterministic=True))
    return Reported(
        claim=Claim(RESOURCE, str(call.identity), one.request_id, digest, one.clearance_number),
        report=Report(one.clearance_number, one.order_number, fold(one.container_number), Way(one.way), one.packages),
        exit_time=one.exit_time.ToMicroseconds(),
        place_code=one.place_code,
        conveyance=one.conveyance_identification,
        terminal=own_terminal(call.identity),
    )


def _answer(request_id: str, answer: GateOut | Refusal) -> pb.GateOutAnswer:
    if isinstance(answer, Refusal):
        return pb.GateOutAnswer(request_id=request_id, error=to_status(answer))
    return pb.GateOutAnswer(request_id=request_id, gate_out=gate_out_message(answer))


def gate_service(parts: AgencyParts, gate: Gate, gate_outs: Followers) -> Service:
    """The service with its default callers."""
    return Service(GateServicer(parts, gate, gate_outs), pb.DESCRIPTOR.services_by_name["GateService"], CALLERS)
