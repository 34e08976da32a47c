"""WatchCaseService: officers of border decide who met the watch list."""

from typing import Any

from agencykit.agency import AgencyParts
from agencykit.decisions.messages import claim_of, timestamp
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from agencykit.storage.times import to_micros
from border.operations.watch_cases import decide_case, list_cases
from clearance.border.v1 import watch_case_service_pb2 as pb

CALLERS = ("operator/*",)
PAGE = 100


class WatchCaseServicer:
    """Each call is carried out once for its request id."""

    def __init__(self, parts: AgencyParts) -> None:
        self._parts = parts

    async def ListWatchCases(self, request: pb.ListWatchCasesRequest, call: Call) -> pb.ListWatchCasesResponse:
        size = request.page_size or PAGE
        found = await self._parts.database.read(list_cases, request.state, request.page_token, size)
        token = found[-1].id if len(found) == size else ""
        return pb.ListWatchCasesResponse(watch_cases=list(map(_message, found)), next_page_token=token)

    async def DecideWatchCase(self, request: pb.DecideWatchCaseRequest, call: Call) -> pb.DecideWatchCaseResponse:
        claim = claim_of(request, "watch_case", call.identity, request.request_id)
        now = to_micros(self._parts.runtime.clock.now())
        decision = (request.watch_case_id, request.state, request.reason)
        case = await self._parts.database.write(decide_case, claim, *decision, now)
        self._parts.reassess.notify()
        return pb.DecideWatchCaseResponse(watch_case=_message(case))


def _message(case: Any) -> pb.WatchCase:
    return pb.WatchCase(
        id=case.id,
        entry_id=case.entry_id,
        call=case.call,
        role=case.role,
        numbers=[int(number) for number in case.numbers.split()],
        exact=case.exact,
        state=case.state,
        officer=case.officer,
        reason=case.reason,
        create_time=timestamp(case.create_time),
        decide_time=None if case.decide_time is None else timestamp(case.decide_time),
    )


def watch_case_service(parts: AgencyParts) -> Service:
    """The service with its default callers."""
    return Service(WatchCaseServicer(parts), pb.DESCRIPTOR.services_by_name["WatchCaseService"], CALLERS)
