"""One suite for every agency: what AgencyService and WorkService promise, over real sockets, on both databases.

    from agencykit.testing.agency_suite import AgencySuite

    class TestBorder(AgencySuite):
        role, settings_class, definition = "border", BorderSettings, definition(BorderSettings())
        build = staticmethod(build)

        def awaiting(self, reference): …          # a consignment that waits for a fact of this agency
        async def supply(self, operator, consignment): …   # lodges that fact through the agency's own service

Put `pytest.register_assert_rewrite("agencykit.testing.agency_suite")` into conftest.py for readable failures.
"""

import asyncio
import itertools
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
import pytest_asyncio
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from agencykit.agency import AgencyDefinition
from agencykit.decisions.tables import metadata as kit_tables
from agencykit.evidence import EvidenceInvalid, check_log
from agencykit.refusals import (
    CallerNotListed,
    FormInvalid,
    NotFound,
    Refusal,
    RequestIdReused,
    StaleVersion,
    StateForbids,
    WithdrawalRefused,
    WorkTaken,
    from_status,
)
from agencykit.settings import ServiceSettings
from agencykit.storage.migrations import drift
from agencykit.testing.consignments import assessment_item, sea_import
from agencykit.testing.postgres import DATABASES, migrated_database
from agencykit.testing.running import AGENCY_SERVICE, Build, Caller, RunningAgency, agency_settings, running_agency
from clearance.agency.v1 import agency_service_pb2 as pb
from clearance.agency.v1.work_service_pb2 import Work, WorkResult
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import LogPosition, SignedDecision

_numbers = itertools.count(1)


def new_number() -> str:
    """A clearance number nobody has used in this process."""
    return f"NGB2004{next(_numbers):08d}"


def answered(answer: pb.AssessmentAnswer) -> SignedDecision:
    """The decision of an answer that must have one."""
    assert answer.WhichOneof("answer") == "decision", answer.error
    return answer.decision


def refused(answer: pb.AssessmentAnswer) -> str:
    """The reason of an answer that must be a refusal."""
    assert answer.WhichOneof("answer") == "error", Decision.FromString(answer.decision.decision)
    refusal = from_status(answer.error)
    assert refusal is not None
    return refusal.reason


@contextmanager
def refuses(kind: type[Refusal]) -> Iterator[None]:
    """The call within must be refused in this way, over the socket."""
    with pytest.raises(kind):
        yield


class Supplied:
    """What an agency's tests supply. The defaults fit an agency that has a say on `sea_import`."""

    role: ClassVar[str]
    settings_class: ClassVar[type[ServiceSettings]] = ServiceSettings
    definition: ClassVar[AgencyDefinition]
    build: ClassVar[Build]
    # Settings of the agency's own, for instance paths of its lists.
    settings: ClassVar[dict[str, object]] = {}

    async def prepare(self, operator: Caller) -> None:
        """Lodges facts that every test may rely on, once for each database."""

    def decided(self, reference: str) -> Consignment:
        """A consignment on which the agency decides somehow."""
        return sea_import(reference)

    def unaffected(self, consignment: Consignment) -> Consignment:
        """The same, amended in a way that does not concern this agency."""
        amended = Consignment()
        amended.CopyFrom(consignment)
        amended.supplied_fields.append("consignee.name")
        return amended

    def awaiting(self, reference: str) -> Consignment:
        """A consignment that waits for a fact, which `supply` then lodges."""
        raise pytest.UsageError("give a consignment that waits for a fact of this agency")

    async def supply(self, operator: Caller, consignment: Consignment) -> None:
        """Lodges the fact that `awaiting` waits for; the decision must change."""
        raise pytest.UsageError("lodge the fact that the consignment waits for")

    def for_officers(self, reference: str) -> Consignment | None:
        """A consignment that an officer must look at (EXAMINE or HOLD); None where the agency has no such rule."""
        return None

    async def supply_for_officers(self, operator: Caller, consignment: Consignment) -> None:
        """Lodges what it takes for `for_officers` to reach an officer."""


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

    def __init__(self, suite: "AgencySuite", agency: RunningAgency) -> None:
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


@pytest.mark.asyncio(loop_scope="class")
class AgencySuite(Supplied):
    """The promises. Subclass it, supply what `Supplied` asks for, and pytest runs them all."""

    @pytest.fixture(scope="class", params=DATABASES)
    @classmethod
    def database(cls, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
        yield from migrated_database(cls.definition.migrations_package, request, tmp_path_factory.mktemp(cls.role))

    @pytest_asyncio.fixture(scope="class", loop_scope="class")
    @classmethod
    async def agency(cls, database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningAgency]:
        spans = tmp_path_factory.mktemp("spans") / "spans.db"
        settings = agency_settings(cls.settings_class, cls.role, database, span_store=spans, **cls.settings)
        async with running_agency(cls.build, settings, cls.role) as running:
            await cls().prepare(running.operator)
            yield running

    def item(self, agency: RunningAgency, number: str, consignment: Consignment, **fields: Any) -> pb.AssessmentItem:
        """An item with a request id of its own."""
        fields.setdefault("request_id", agency.runtime.ids.uuid())
        return assessment_item(number, consignment, **fields)

    async def decide(self, agency: RunningAgency, number: str, consignment: Consignment, version: int = 1) -> Decision:
        """Has one version decided, and verifies it."""
        [answer] = await agency.gateway.assess(self.item(agency, number, consignment, version=version))
        return agency.verified(answered(answer))

    async def test_every_item_of_a_batch_gets_a_decision_that_verifies_offline(self, agency: RunningAgency) -> None:
        numbers = [new_number() for _ in range(20)]
        items = [self.item(agency, number, self.decided(number)) for number in numbers]
        answers = await agency.gateway.assess(*items)
        decisions = [agency.verified(answered(answer)) for answer in answers]
        assert [decision.clearance_number for decision in decisions] == numbers
        assert [decision.sequence for decision in decisions] == list(
            range(decisions[0].sequence, decisions[0].sequence + 20)
        )
        assert {decision.consignment_digest for decision in decisions} == {item.consignment_digest for item in items}
        assert {(decision.agency, decision.revision) for decision in decisions} == {(self.role, 1)}

    async def test_a_decision_changed_by_one_bit_does_not_verify(self, agency: RunningAgency) -> None:
        number = new_number()
        [answer] = await agency.gateway.assess(self.item(agency, number, self.decided(number)))
        forged = SignedDecision()
        forged.CopyFrom(answered(answer))
        forged.decision = forged.decision[:-1] + bytes([forged.decision[-1] ^ 1])
        with pytest.raises(EvidenceInvalid):
            agency.verified(forged)

    async def test_a_bad_item_is_refused_and_harms_no_other(self, agency: RunningAgency) -> None:
        good, number = new_number(), new_number()
        empty = Consignment()
        empty.CopyFrom(self.decided(number))
        del empty.items[:]
        other_digest = self.item(agency, number, self.decided(number))
        other_digest.consignment_digest = bytes(32)
        answers = await agency.gateway.assess(
            self.item(agency, "ngb", self.decided("lower case")),
            self.item(agency, number, b"\xff not a consignment"),  # type: ignore[arg-type]
            self.item(agency, number, empty),
            self.item(agency, good, self.decided(good)),
            other_digest,
        )
        assert [refused(answers[index]) for index in (0, 1, 2, 4)] == [
            "FORM_INVALID",
            "MALFORMED",
            "FORM_INVALID",
            "DIGEST_MISMATCH",
        ]
        assert agency.verified(answered(answers[3])).clearance_number == good
        with refuses(NotFound):
            await agency.gateway.decision(number)

    async def test_a_replay_gets_the_same_bytes(self, agency: RunningAgency) -> None:
        number = new_number()
        item = self.item(agency, number, self.decided(number))
        [first] = await agency.gateway.assess(item)
        item.trace_context.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        [again] = await agency.gateway.assess(item)
        assert again == first
        assert await agency.gateway.decision(number) == answered(first)

    async def test_another_request_id_for_the_same_version_gets_the_same_decision(self, agency: RunningAgency) -> None:
        number = new_number()
        consignment = self.decided(number)
        first, second = await agency.gateway.assess(
            self.item(agency, number, consignment), self.item(agency, number, consignment)
        )
        assert answered(second) == answered(first)

    async def test_a_request_id_never_stands_for_other_content(self, agency: RunningAgency) -> None:
        number, other = new_number(), new_number()
        item = self.item(agency, number, self.decided(number))
        await agency.gateway.assess(item)
        [answer] = await agency.gateway.assess(
            self.item(agency, other, self.decided(other), request_id=item.request_id)
        )
        assert refused(answer) == "REQUEST_ID_REUSED"

    async def test_another_digest_for_a_known_version_is_refused(self, agency: RunningAgency) -> None:
        number = new_number()
        consignment = self.decided(number)
        await self.decide(agency, number, consignment)
        [answer] = await agency.gateway.assess(self.item(agency, number, self.unaffected(consignment)))
        assert refused(answer) == "DIGEST_MISMATCH"

    async def test_a_version_below_the_highest_is_refused(self, agency: RunningAgency) -> None:
        number = new_number()
        await self.decide(agency, number, self.decided(number), version=3)
        [answer] = await agency.gateway.assess(self.item(agency, number, self.decided(number), version=2))
        assert refused(answer) == "STALE_VERSION"

    async def test_an_amendment_that_does_not_concern_the_agency_is_carried_forward(
        self, agency: RunningAgency
    ) -> None:
        number = new_number()
        consignment = self.decided(number)
        first = await self.decide(agency, number, consignment)
        second = await self.decide(agency, number, self.unaffected(consignment), version=2)
        assert (second.version, second.revision, second.carried_forward_version) == (2, 2, 1)
        assert second.verdict == first.verdict
        assert second.consignment_digest != first.consignment_digest

    async def test_a_withdrawal_of_something_unknown_refuses_the_late_original(self, agency: RunningAgency) -> None:
        number = new_number()
        first = await agency.gateway.withdraw(number)
        assert await agency.gateway.withdraw(number) == first
        [answer] = await agency.gateway.assess(self.item(agency, number, self.decided(number)))
        assert refused(answer) == "WITHDRAWN"

    async def test_a_withdrawal_names_the_highest_version(self, agency: RunningAgency) -> None:
        number = new_number()
        await self.decide(agency, number, self.decided(number), version=2)
        with refuses(StaleVersion):
            await agency.gateway.withdraw(number, version=1)

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

    async def test_outcomes_are_kept_in_the_order_of_the_orders(self, agency: RunningAgency) -> None:
        number = new_number()
        released = self.outcome(agency, number, pb.Outcome.KIND_RELEASED, 1)
        stopped = self.outcome(agency, number, pb.Outcome.KIND_STOPPED, 2)
        assert await self.tell(agency, stopped, released) == [False, True]
        assert await self.tell(agency, released) == [True]
        assert await self.tell(agency, stopped) == [False]
        stopped.order_number = 3
        with refuses(RequestIdReused):
            await self.tell(agency, stopped)

    def outcome(
        self, agency: RunningAgency, number: str, kind: "pb.Outcome.Kind.ValueType", order_number: int
    ) -> pb.Outcome:
        """One outcome with a request id of its own."""
        return pb.Outcome(
            request_id=agency.runtime.ids.uuid(),
            clearance_number=number,
            version=1,
            kind=kind,
            order_number=order_number,
            outcome_time=Timestamp(seconds=1_100_700_000),
        )

    async def tell(self, agency: RunningAgency, *outcomes: pb.Outcome) -> list[bool]:
        """RecordOutcomes; for each, whether it was superseded."""
        request = pb.RecordOutcomesRequest(outcomes=outcomes)
        response = await agency.gateway.call(f"{AGENCY_SERVICE}RecordOutcomes", request, pb.RecordOutcomesResponse)
        return [receipt.superseded for receipt in response.receipts]

    async def test_the_description_holds_every_rule_in_both_languages(self, agency: RunningAgency) -> None:
        description = await agency.gateway.describe()
        assert (description.agency, description.district, description.batch_limit) == (self.role, "ningbo", 256)
        assert list(description.contract_versions) == ["v1"]
        assert len({rule.id for rule in description.rules}) == len(description.rules) >= 3
        for rule in description.rules:
            assert all((rule.text.zh, rule.text.en, rule.enough.zh, rule.enough.en, rule.source)), rule.id

    async def test_only_the_gateway_and_officers_are_listed(self, agency: RunningAgency) -> None:
        number = new_number()
        for path in ("broker/3104980001", "operator/port-office", "console"):
            with refuses(CallerNotListed):
                await agency.caller(path).assess(self.item(agency, number, self.decided(number)))
        with refuses(CallerNotListed):
            await agency.gateway.list_work()

    async def test_a_batch_without_items_breaks_the_form(self, agency: RunningAgency) -> None:
        with refuses(FormInvalid):
            await agency.gateway.assess()

    async def test_an_item_is_a_span_in_its_own_trace(self, agency: RunningAgency) -> None:
        numbers = [new_number() for _ in range(3)]
        parents = [agency.telemetry.begin_trace().traceparent for _ in numbers]
        items = [
            self.item(agency, number, self.decided(number), traceparent=parent)
            for number, parent in zip(numbers, parents, strict=True)
        ]
        await agency.gateway.assess(*items)
        for parent in parents:
            _, trace_id, span_id, _ = parent.split("-")
            [(name, above, attributes, links)] = await _spans(agency, trace_id)
            assert (name, above) == (f"{self.role}.assess", span_id)
            assert attributes["agency"] == self.role
            assert (attributes["version"], attributes["revision"], attributes["batch.size"]) == (1, 1, 3)
            assert attributes["verdict"] in Decision.Verdict.keys() or attributes["verdict"].isupper()  # noqa: SIM118
            assert links, "the span must be linked to the RPC that carried the item"

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

    async def test_migrations_and_tables_agree(self, agency: RunningAgency, database: str) -> None:
        own = [self.definition.metadata] if self.definition.metadata is not None else []
        assert await asyncio.to_thread(drift, database, kit_tables, *own) == []


async def _spans(agency: RunningAgency, trace_id: str) -> list[tuple[str, str, dict[str, Any], list[Any]]]:
    """Name, parent, attributes and links of a trace's spans in the agency's span store."""
    await asyncio.to_thread(agency.telemetry.flush)
    with sqlite3.connect(agency.app.parts.settings.span_store or "") as store:
        rows = store.execute(
            "SELECT name, parent_span_id, attributes_json, links_json FROM spans WHERE trace_id = ?", (trace_id,)
        ).fetchall()
    store.close()
    return [(name, parent, json.loads(attributes), json.loads(links)) for name, parent, attributes, links in rows]
