"""WorkService, for every agency: officers' work, each under his own identity."""

from typing import Any

from sqlalchemy import Row

from agencykit.decisions.decider import Decider
from agencykit.decisions.messages import claim_of, work_message
from agencykit.decisions.reassess import Reassess
from agencykit.decisions.shield import Shield
from agencykit.decisions.work_acts import RESOURCE, Act, Result, WorkRules, perform
from agencykit.decisions.work_list import WorkFilter, list_work
from agencykit.decisions.work_results import read_result
from agencykit.rpc.call import Call
from agencykit.storage import Database, to_micros
from clearance.agency.v1 import work_service_pb2 as pb

WorkRequest = pb.TakeWorkRequest | pb.ReturnWorkRequest | pb.RecordWorkRequest


class WorkServicer:
    """Answers officers."""

    def __init__(self, decider: Decider, database: Database, reassess: Reassess, shield: Shield) -> None:
        self._definition = decider.definition
        self._clock = decider.runtime.clock
        self._database = database
        self._reassess = reassess
        self._shield = shield

    async def ListWork(self, request: pb.ListWorkRequest, call: Call) -> pb.ListWorkResponse:
        """Lists a page."""
        wanted = WorkFilter(request.state, request.clearance_number)
        listed = await self._database.read(list_work, wanted, request.page_size, request.page_token)
        work = [work_message(row, appointment) for row, appointment in listed.page]
        return pb.ListWorkResponse(work=work, next_page_token=listed.next_token)

    async def TakeWork(self, request: pb.TakeWorkRequest, call: Call) -> pb.TakeWorkResponse:
        """Takes work for the calling officer."""
        return pb.TakeWorkResponse(work=work_message(await self._perform(Act.TAKE, request, call)))

    async def ReturnWork(self, request: pb.ReturnWorkRequest, call: Call) -> pb.ReturnWorkResponse:
        """Gives it back; where it had asked for documents, the consignment is decided again."""
        row = await self._perform(Act.RETURN, request, call)
        self._reassess.notify()
        return pb.ReturnWorkResponse(work=work_message(row))

    async def RecordWork(self, request: pb.RecordWorkRequest, call: Call) -> pb.RecordWorkResponse:
        """Records what was found; the consignment is then decided again."""
        result = read_result(request.result)
        row = await self._perform(Act.RECORD, request, call, result)
        self._reassess.notify()
        return pb.RecordWorkResponse(work=work_message(row))

    async def _perform(
        self,
        act: Act,
        request: WorkRequest,
        call: Call,
        result: Result = Result(),  # noqa: B008
    ) -> Row[*tuple[Any, ...]]:
        claim = claim_of(request, RESOURCE, call.identity, request.request_id)
        now = to_micros(self._clock.now())
        rules = WorkRules(self._definition.record_work, self._definition.kept_apart)
        return await self._shield.run(self._database.write(perform, claim, request.work_id, act, result, now, rules))
