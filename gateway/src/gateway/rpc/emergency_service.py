"""EmergencyService: officers of the port office declare and end emergencies (应急), two together."""

from collections.abc import Callable

from agencykit.rpc.call import Call
from agencykit.storage import Database
from clearance.common.v1.text_pb2 import BilingualText
from clearance.gateway.v1 import emergency_service_pb2 as pb
from gateway.domain.emergency import Emergency
from gateway.domain.emergency_plan import Measure, Plan
from gateway.domain.identifiers import Micros
from gateway.operations.context import Context
from gateway.operations.emergencies import Act, declare, emergencies_of, emergency_of, end, withdraw
from gateway.rpc.manual_release_service import Officers
from gateway.rpc.times import timestamp


class EmergencyServicer:
    """Answers operators; only `officers` act. `code` begins the numbers of this district."""

    def __init__(
        self, database: Database, context: Callable[[], Context], plan: Plan, officers: Officers, code: str
    ) -> None:
        self._database, self._context, self._plan = database, context, plan
        self._officers, self._code = officers, code

    async def DeclareEmergency(self, request: pb.DeclareEmergencyRequest, call: Call) -> pb.DeclareEmergencyResponse:
        """Proposed, or declared."""
        act = Act(request.request_id, self._officers.check(call), request.measure_id, request.reason)
        made = await self._database.write(declare, act, self._context(), self._plan, self._code)
        return pb.DeclareEmergencyResponse(emergency=await self._told(made))

    async def EndEmergency(self, request: pb.EndEmergencyRequest, call: Call) -> pb.EndEmergencyResponse:
        """Proposed to be ended, or ended."""
        act = Act(request.request_id, self._officers.check(call), request.number, request.reason)
        made = await self._database.write(end, act, self._context())
        return pb.EndEmergencyResponse(emergency=await self._told(made))

    async def WithdrawEmergency(self, request: pb.WithdrawEmergencyRequest, call: Call) -> pb.WithdrawEmergencyResponse:
        """What was proposed is taken back."""
        act = Act(request.request_id, self._officers.check(call), request.number, "")
        made = await self._database.write(withdraw, act, self._context())
        return pb.WithdrawEmergencyResponse(emergency=await self._told(made))

    async def ListEmergencies(self, request: pb.ListEmergenciesRequest, call: Call) -> pb.ListEmergenciesResponse:
        """The newest 100."""
        found = await self._database.read(emergencies_of)
        told = [_message(each, count, self._context().now) for each, count in found]
        return pb.ListEmergenciesResponse(emergencies=told)

    async def DescribeEmergencyPlan(
        self, request: pb.DescribeEmergencyPlanRequest, call: Call
    ) -> pb.DescribeEmergencyPlanResponse:
        """The plan."""
        measures = [_measure(each) for each in self._plan.measures.values()]
        return pb.DescribeEmergencyPlanResponse(plan=pb.EmergencyPlan(version=self._plan.version, measures=measures))

    async def _told(self, made: Emergency) -> pb.Emergency:
        found, count = await self._database.read(emergency_of, made.number)
        return _message(found, count, self._context().now)


def _message(emergency: Emergency, unreconciled: int, now: Micros) -> pb.Emergency:
    declaring, ending = emergency.declaring, emergency.ending
    return pb.Emergency(
        number=emergency.number,
        state=int(emergency.state),  # type: ignore[arg-type]  # the domain's numbers are the contract's
        in_force=emergency.in_force(now),
        plan_version=emergency.plan_version,
        measure_id=emergency.measure,
        declarer=declaring.proposer,
        declare_reason=declaring.reason,
        propose_time=timestamp(declaring.propose_time),
        second_declarer=declaring.second,
        begin_time=timestamp(emergency.begin_time) if emergency.begin_time is not None else None,
        end_time=timestamp(emergency.end_time) if emergency.end_time is not None else None,
        ender=ending.proposer if ending else "",
        end_reason=ending.reason if ending else "",
        second_ender=ending.second if ending else "",
        releases=emergency.releases,
        most_releases=emergency.most_releases,
        used_minor_units=emergency.units,
        most_minor_units=emergency.most_units,
        currency_code=emergency.currency,
        unreconciled=unreconciled,
    )


def _measure(measure: Measure) -> pb.EmergencyMeasure:
    return pb.EmergencyMeasure(
        id=measure.id,
        trigger=measure.trigger,
        text=BilingualText(zh=measure.zh, en=measure.en),
        substituted_agencies=measure.substitutes,
        after_minutes=measure.after_minutes,
        hours=measure.hours,
        most_releases=measure.most_releases,
        most_minor_units=measure.most_units,
        currency_code=measure.currency,
        directions=sorted(measure.directions),
        modes=sorted(measure.modes),
        ports=sorted(measure.ports),
        commodities=measure.commodities,
    )
