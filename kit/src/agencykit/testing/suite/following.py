"""Decisions change when facts come, and the feed tells it."""

from agencykit.evidence import check_log
from agencykit.testing.running import RunningAgency
from agencykit.testing.suite.supplied import Suite, answered, new_number
from clearance.common.v1.evidence_pb2 import LogPosition


class Following(Suite):
    """What the feed promises."""

    async def test_an_awaited_fact_brings_the_next_revision(self, agency: RunningAgency) -> None:
        number = new_number()
        consignment = self.awaiting(number)
        first = await self.decide(agency, number, consignment)
        assert first.waiting, "the decision must name the fact it waits for"
        await self.supply(agency.operator, consignment)
        second = agency.verified(await agency.gateway.next_revision(number, first.revision + 1))
        assert second.version == first.version
        assert (second.verdict, second.findings) != (first.verdict, first.findings)
        [replay] = await agency.gateway.assess(self.item(agency, number, consignment))
        assert agency.verified(answered(replay)).revision == second.revision

    async def test_the_feed_resumes_from_any_position(self, agency: RunningAgency) -> None:
        number = new_number()
        await self.decide(agency, number, self.decided(number))
        whole = await agency.gateway.whole_log()
        decisions = [agency.verified(signed) for signed in whole]
        log = decisions[0].log
        assert [decision.sequence for decision in decisions] == list(range(1, len(decisions) + 1))
        assert check_log(log, whole) is None
        position = LogPosition(log=log, sequence=len(whole) - 1)
        async for message in agency.gateway.follow([position]):
            assert list(message.decisions) == whole[-1:]
            assert list(message.positions) == [LogPosition(log=log, sequence=len(whole))]
            break

    async def test_the_feed_ends_by_itself_at_the_deadline(self, agency: RunningAgency) -> None:
        whole = await agency.gateway.whole_log()
        positions = [LogPosition(log=f"{self.role}/1", sequence=len(whole))]
        messages = [message async for message in agency.gateway.follow(positions, seconds=0.6)]
        assert [len(message.decisions) for message in messages] == [0]
