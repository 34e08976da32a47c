"""Whatever the order of events, the log is gapless, chained and proved."""

from contextlib import suppress
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from agencykit.evidence import check_log
from agencykit.refusals import (
    WithdrawalRefused,
)
from agencykit.testing.running import RunningAgency
from agencykit.testing.suite.supplied import Suite, new_number, refused
from clearance.agency.v1 import agency_service_pb2 as pb
from clearance.common.v1.consignment_pb2 import Consignment

# What may happen to one of three clearances, in any order: methods of Story.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["assess", "replay", "amend", "amend_elsewhere", "withdraw", "supply"]), st.integers(0, 2)
    ),
    min_size=1,
    max_size=12,
)


@dataclass
class StoryCase:
    """One clearance of a story."""

    number: str
    consignment: Consignment
    version: int = 0
    sent: pb.AssessmentItem | None = None
    withdrawn: bool = False


class Story:
    """Plays events against an agency and checks each answer."""

    def __init__(self, suite: Suite, agency: RunningAgency) -> None:
        self._suite, self._agency = suite, agency
        numbers = [new_number() for _ in range(3)]
        self.cases = [StoryCase(number, suite.awaiting(number)) for number in numbers]

    async def assess(self, case: StoryCase) -> None:
        """The first version; once known, its repetition under another request id."""
        case.version = case.version or 1
        await self._assess(case)

    async def replay(self, case: StoryCase) -> None:
        """The very item sent last."""
        if case.sent is not None:
            await self._send(case, case.sent, replayed=True)

    async def amend(self, case: StoryCase) -> None:
        """A new version with a changed reference to the goods' place."""
        case.consignment.goods_location_code = f"YARD-{case.version}"
        await self._next_version(case)

    async def amend_elsewhere(self, case: StoryCase) -> None:
        """A new version that does not concern this agency."""
        case.consignment = self._suite.unaffected(case.consignment)
        await self._next_version(case)

    async def withdraw(self, case: StoryCase) -> None:
        """Withdraws, maybe refused because an examination is ordered."""
        with suppress(WithdrawalRefused):
            await self._agency.gateway.withdraw(case.number, max(case.version, 1))
            case.withdrawn = True

    async def supply(self, case: StoryCase) -> None:
        """The awaited fact comes."""
        await self._suite.supply(self._agency.operator, case.consignment)

    async def _next_version(self, case: StoryCase) -> None:
        case.version += 1
        await self._assess(case)

    async def _assess(self, case: StoryCase) -> None:
        item = self._suite.item(self._agency, case.number, case.consignment, version=case.version)
        if await self._send(case, item):
            case.sent = item

    async def _send(self, case: StoryCase, item: pb.AssessmentItem, *, replayed: bool = False) -> bool:
        [answer] = await self._agency.gateway.assess(item)
        if answer.WhichOneof("answer") == "error":
            assert case.withdrawn, answer.error
            assert refused(answer) == "WITHDRAWN"
            return False
        assert replayed or not case.withdrawn
        decision = self._agency.verified(answer.decision)
        assert (decision.version, decision.consignment_digest) == (item.version, item.consignment_digest)
        return True


class Stories(Suite):
    """One property over all orders of events."""

    @given(steps=STEPS)
    async def test_whatever_the_order_of_events_the_log_is_gapless_chained_and_proved(
        self, agency: RunningAgency, steps: list[tuple[str, int]]
    ) -> None:
        before = len(await agency.gateway.whole_log())
        story = Story(self, agency)
        for act, which in steps:
            await getattr(story, act)(story.cases[which])
        current = [await agency.gateway.decision(case.number) for case in story.cases if case.sent is not None]
        log = await agency.gateway.whole_log()
        assert check_log(f"{self.role}/1", log) is None
        assert all(signed in log[before:] for signed in current)
        decisions = [agency.verified(signed) for signed in log[before:]]
        for case in story.cases:
            own = [decision for decision in decisions if decision.clearance_number == case.number]
            assert [decision.revision for decision in own] == list(range(1, len(own) + 1))
            assert [decision.version for decision in own] == sorted(decision.version for decision in own)
        # An earlier story's clearances may still be decided again meanwhile, so that theirs may stand between.
        known = {decision.clearance_number for decision in decisions}
        assert {case.number for case in story.cases if case.sent is not None} <= known
