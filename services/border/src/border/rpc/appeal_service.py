"""AppealService: brokers and carriers appeal against refusals, other officers decide."""

from datetime import UTC, datetime
from typing import Any

from agencykit.agency import AgencyParts
from agencykit.decisions.messages import claim_of, timestamp
from agencykit.refusals import CallerNotListed
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from agencykit.storage.times import to_micros
from border.operations.appeals import Lodging, decide_appeal, list_appeals, lodge_appeal
from clearance.border.v1 import appeal_service_pb2 as pb
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import SignedDecision

CALLERS = ("operator/*", "broker/*")
PAGE = 100


class AppealServicer:
    """`days` is how long a refusal may be appealed against."""

    def __init__(self, parts: AgencyParts, days: int) -> None:
        self._parts, self._days = parts, days

    async def LodgeAppeal(self, request: pb.LodgeAppealRequest, call: Call) -> pb.LodgeAppealResponse:
        lodging = Lodging(
            claim_of(request, "appeal", call.identity, request.request_id, request.clearance_number),
            self._parts.runtime.ids.uuid(),
            request.clearance_number,
            request.grounds,
            call.identity.role == "broker",
        )
        appeal = await self._parts.database.write(lodge_appeal, lodging, decided_at, self._days, self._now())
        return pb.LodgeAppealResponse(appeal=_message(appeal))

    async def DecideAppeal(self, request: pb.DecideAppealRequest, call: Call) -> pb.DecideAppealResponse:
        if call.identity.role == "broker":
            raise CallerNotListed(call.identity, call.method)
        claim = claim_of(request, "appeal_decision", call.identity, request.request_id)
        decision = (request.appeal_id, request.state, request.reason)
        appeal = await self._parts.database.write(decide_appeal, claim, *decision, self._now())
        self._parts.reassess.notify()
        return pb.DecideAppealResponse(appeal=_message(appeal))

    async def ListAppeals(self, request: pb.ListAppealsRequest, call: Call) -> pb.ListAppealsResponse:
        appellant = str(call.identity) if call.identity.role == "broker" else ""
        size = request.page_size or PAGE
        found = await self._parts.database.read(list_appeals, request.state, appellant, request.page_token, size)
        token = found[-1].id if len(found) == size else ""
        return pb.ListAppealsResponse(appeals=list(map(_message, found)), next_page_token=token)

    def _now(self) -> int:
        return to_micros(self._parts.runtime.clock.now())


def decided_at(signed: bytes) -> datetime:
    """When a signed decision of border's own was decided."""
    return Decision.FromString(SignedDecision.FromString(signed).decision).decide_time.ToDatetime(UTC)


def _message(appeal: Any) -> pb.Appeal:
    return pb.Appeal(
        id=appeal.id,
        clearance_number=appeal.clearance_number,
        version=appeal.version,
        revision=appeal.revision,
        appellant=appeal.appellant,
        grounds=appeal.grounds,
        state=appeal.state,
        officer=appeal.officer,
        reason=appeal.reason,
        lodge_time=timestamp(appeal.lodge_time),
        decide_time=None if appeal.decide_time is None else timestamp(appeal.decide_time),
    )


def appeal_service(parts: AgencyParts, days: int) -> Service:
    """The service with its default callers."""
    return Service(AppealServicer(parts, days), pb.DESCRIPTOR.services_by_name["AppealService"], CALLERS)
