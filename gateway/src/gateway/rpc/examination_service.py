"""ExaminationService: one appointment and one opening for all agencies that want to open the goods."""

from agencykit.rpc.call import Call
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import SignedDecision
from clearance.gateway.v1 import examination_service_pb2 as pb
from gateway.domain.decision import Verdict
from gateway.domain.examination import Examination, Opening
from gateway.operations.desk import Desk
from gateway.operations.examinations import Examinations
from gateway.operations.examine import Step, Wanted
from gateway.operations.views import View
from gateway.rpc.times import micros, timestamp


class ExaminationServicer:
    """Answers operators."""

    def __init__(self, desk: Desk, examinations: Examinations) -> None:
        self._desk, self._examinations = desk, examinations

    async def ArrangeExamination(
        self, request: pb.ArrangeExaminationRequest, call: Call
    ) -> pb.ArrangeExaminationResponse:
        """Slot and agencies, or nothing."""
        agencies, containers = wanting(await self._desk.read(request.number))
        wanted = Wanted(
            *(request.request_id, str(call.identity), request.number, agencies, containers, request.resource_code),
            micros(request.start_time),
        )
        return pb.ArrangeExaminationResponse(examination=_message(await self._examinations.arrange(wanted)))

    async def CancelExamination(self, request: pb.CancelExaminationRequest, call: Call) -> pb.CancelExaminationResponse:
        """The slot is given back."""
        act = Step(request.request_id, str(call.identity), request.number)
        return pb.CancelExaminationResponse(examination=_message(await self._examinations.cancel(act)))

    async def RecordOpening(self, request: pb.RecordOpeningRequest, call: Call) -> pb.RecordOpeningResponse:
        """The one opening."""
        who, seals = str(call.identity), (tuple(request.found_seals), tuple(request.new_seals))
        opening = Opening(who, micros(request.open_time), *seals, request.remark)
        act = Step(request.request_id, who, request.number, opening)
        return pb.RecordOpeningResponse(examination=_message(await self._examinations.opened(act)))

    async def ListExaminations(self, request: pb.ListExaminationsRequest, call: Call) -> pb.ListExaminationsResponse:
        """Of one clearance."""
        found = await self._examinations.of(request.number)
        return pb.ListExaminationsResponse(examinations=[_message(each) for each in found])


def wanting(view: View) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Agencies whose current decision is EXAMINE, of the whole or of what it has not approved yet, and the containers
    that they name, each once.

    No containers at all where one of them wants the goods as a whole.
    """
    agencies: list[str] = []
    containers: dict[str, None] = {}
    whole = False
    for agency, standing in view.standings.items():
        current = standing.decision
        # Goods at a partner's port are opened there.
        if agency == view.case.policy.verified_at:
            continue
        if current is None or not (current.verdict == Verdict.EXAMINE or current.scope):
            continue
        decision = Decision.FromString(SignedDecision.FromString(current.signed).decision)
        open_ones = [
            finding
            for finding in decision.findings
            if finding.effect == Decision.VERDICT_EXAMINE and not finding.resolved
        ]
        if current.verdict != Verdict.EXAMINE and not open_ones:
            continue
        agencies.append(agency)
        named = [number for finding in open_ones for number in finding.scope.container_numbers]
        whole = whole or not named
        containers.update(dict.fromkeys(named))
    return tuple(agencies), () if whole else tuple(containers)


def _message(examination: Examination) -> pb.JointExamination:
    message = pb.JointExamination(
        number=examination.number,
        round=examination.round,
        state=int(examination.state),  # type: ignore[arg-type]  # the domain's numbers are the contract's
        agencies=examination.agencies,
        container_numbers=examination.containers,
        resource_code=examination.resource,
        start_time=timestamp(examination.start_time),
        appointment_id=examination.appointment_id,
        decline_reason=examination.decline_reason,
        operator=examination.operator,
    )
    if examination.opening is not None:
        opening = examination.opening
        message.open_time.CopyFrom(timestamp(opening.open_time))
        message.opener, message.remark = opening.opener, opening.remark
        message.found_seals.extend(opening.found_seals)
        message.new_seals.extend(opening.new_seals)
    return message
