"""CoordinationService: what the port office does to single clearances."""

from typing import Protocol

from agencykit.refusals import FormInvalid, Violation
from agencykit.rpc.call import Call
from clearance.gateway.v1.clearance_pb2 import Clearance
from clearance.gateway.v1.coordination_service_pb2 import (
    CancelRecoveryRequest,
    CancelRecoveryResponse,
    EscalateClearanceRequest,
    EscalateClearanceResponse,
    ExpediteClearanceRequest,
    ExpediteClearanceResponse,
    RecordRecoveryRequest,
    RecordRecoveryResponse,
    RelaxClearanceRequest,
    RelaxClearanceResponse,
    RetryClearanceRequest,
    RetryClearanceResponse,
    SettleEscalationRequest,
    SettleEscalationResponse,
)
from gateway.domain.commitment import Commitments
from gateway.domain.intervention import Act, Intervention
from gateway.operations.desk import Desk
from gateway.rpc.writing import Detail, clearance


class _Request(Protocol):
    """What all of them have."""

    @property
    def request_id(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def reason(self) -> str: ...


class CoordinationServicer:
    """Answers operators."""

    def __init__(self, desk: Desk, commitments: Commitments) -> None:
        self._desk = desk
        self._reason_codes = {reason.code for reason in commitments.urgent_reasons}

    async def ExpediteClearance(self, request: ExpediteClearanceRequest, call: Call) -> ExpediteClearanceResponse:
        """Before others, by approval of the caller."""
        if request.reason_code not in self._reason_codes:
            known = ", ".join(sorted(self._reason_codes))
            raise FormInvalid([Violation("reason_code", "urgent_reason.known", f"must be one of {known}", "string")])
        told = await self._act(Act.EXPEDITE, request, call, reason_code=request.reason_code)
        return ExpediteClearanceResponse(clearance=told)

    async def RelaxClearance(self, request: RelaxClearanceRequest, call: Call) -> RelaxClearanceResponse:
        """In its turn again."""
        return RelaxClearanceResponse(clearance=await self._act(Act.RELAX, request, call))

    async def RetryClearance(self, request: RetryClearanceRequest, call: Call) -> RetryClearanceResponse:
        """Asked again at once."""
        return RetryClearanceResponse(clearance=await self._act(Act.RETRY, request, call))

    async def EscalateClearance(self, request: EscalateClearanceRequest, call: Call) -> EscalateClearanceResponse:
        """The port office is called to it."""
        told = await self._act(Act.ESCALATE, request, call, agency=request.agency)
        return EscalateClearanceResponse(clearance=told)

    async def SettleEscalation(self, request: SettleEscalationRequest, call: Call) -> SettleEscalationResponse:
        """The port office has settled it."""
        return SettleEscalationResponse(clearance=await self._act(Act.SETTLE, request, call))

    async def RecordRecovery(self, request: RecordRecoveryRequest, call: Call) -> RecordRecoveryResponse:
        """Goods that had left are there again."""
        told = await self._act(Act.RECOVER, request, call, container=request.container_number)
        return RecordRecoveryResponse(clearance=told)

    async def CancelRecovery(self, request: CancelRecoveryRequest, call: Call) -> CancelRecoveryResponse:
        """They are not."""
        told = await self._act(Act.CANCEL_RECOVERY, request, call, container=request.container_number)
        return CancelRecoveryResponse(clearance=told)

    async def _act(
        self, act: Act, request: _Request, call: Call, *, reason_code: str = "", agency: str = "", container: str = ""
    ) -> Clearance:
        said = (act, request.request_id, str(call.identity), request.number, request.reason, reason_code, agency)
        view = await self._desk.intervene(Intervention(*said, container=container))
        return clearance(view, Detail.ANSWERED)
