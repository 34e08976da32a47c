"""Officers' work, and what their results bring about."""

from agencykit.refusals import (
    StateForbids,
    WithdrawalRefused,
    WorkTaken,
)
from agencykit.testing.running import RunningAgency
from agencykit.testing.suite.supplied import Suite, new_number, refuses
from clearance.agency.v1.work_service_pb2 import Work, WorkResult
from clearance.common.v1.decision_pb2 import Decision


class Officers(Suite):
    """What WorkService promises."""

    async def test_an_officers_result_brings_the_next_revision(self, agency: RunningAgency) -> None:
        number = new_number()
        consignment = self.for_officers(number)
        if consignment is None:
            return
        await self.supply_for_officers(agency.operator, consignment)
        first = await self.decide(agency, number, consignment)
        assert first.verdict in (Decision.VERDICT_EXAMINE, Decision.VERDICT_HOLD), first
        for work in (await agency.operator.list_work(number)).work:
            taken = await agency.operator.take_work(work.id)
            assert (taken.state, taken.officer) == (Work.STATE_TAKEN, "spiffe://ningbo.clearance/operator/port-office")
            done = await agency.operator.record_work(work.id)
            assert (done.state, done.result.outcome) == (Work.STATE_DONE, WorkResult.OUTCOME_CLEARED)
        second = agency.verified(await agency.gateway.next_revision(number, first.revision + 1))
        assert second.verdict not in (first.verdict, Decision.VERDICT_REFUSED)
        assert any(finding.resolved for finding in second.findings)
        carried = await self.decide(agency, number, self.unaffected(consignment), version=2)
        assert carried.verdict == second.verdict

    async def test_work_belongs_to_the_officer_who_took_it(self, agency: RunningAgency) -> None:
        number = new_number()
        consignment = self.for_officers(number)
        if consignment is None:
            return
        await self.supply_for_officers(agency.operator, consignment)
        await self.decide(agency, number, consignment)
        [work] = (await agency.operator.list_work(number)).work
        other = agency.caller("operator/night-shift")
        with refuses(StateForbids):
            await other.record_work(work.id)
        await agency.operator.take_work(work.id)
        for act in (other.take_work, other.return_work, other.record_work):
            with refuses(WorkTaken):
                await act(work.id)
        assert (await agency.operator.return_work(work.id)).state == Work.STATE_OPEN
        assert (await other.take_work(work.id)).officer.endswith("/night-shift")
        refusal = await other.record_work(work.id, WorkResult.OUTCOME_REFUSED)
        assert refusal.result.outcome == WorkResult.OUTCOME_REFUSED
        second = agency.verified(await agency.gateway.next_revision(number, 2))
        assert second.verdict == Decision.VERDICT_REFUSED

    async def test_an_ordered_examination_forbids_the_withdrawal(self, agency: RunningAgency) -> None:
        number = new_number()
        consignment = self.for_officers(number)
        if consignment is None:
            return
        await self.supply_for_officers(agency.operator, consignment)
        decision = await self.decide(agency, number, consignment)
        if decision.verdict != Decision.VERDICT_EXAMINE:
            return
        with refuses(WithdrawalRefused):
            await agency.gateway.withdraw(number)
