"""Border as a service: what every agency promises, and how its own facts and watch list reach the decisions."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from agencykit.decisions.candidates import Decided
from agencykit.decisions.due import mark_due
from agencykit.decisions.redecide import redecide
from agencykit.refusals import CallerNotListed, FormInvalid, NotFound, RequestIdReused, StateForbids
from agencykit.storage.times import from_micros
from agencykit.testing.agency_suite import AgencySuite, new_number, refuses
from agencykit.testing.running import Caller, RunningAgency
from border.app import BorderSettings, build, definition
from clearance.agency.v1 import agency_service_pb2 as agency_pb
from clearance.agency.v1 import work_service_pb2 as work_pb
from clearance.border.v1 import appeal_service_pb2 as appeal_pb
from clearance.border.v1 import conveyance_service_pb2 as pb
from clearance.border.v1 import watch_case_service_pb2 as case_pb
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision

from .calls import (
    APPEALS,
    CASES,
    ETA,
    SERVICE,
    announce,
    appeal,
    clear_of_formalities,
    decide_appeal,
    depart,
    dues,
    enter,
    inspect,
    list_crew,
    on_voyage,
    permit,
    watch,
)


class TestBorder(AgencySuite):
    role, settings_class, definition = "border", BorderSettings, definition(BorderSettings())
    build = staticmethod(build)

    def awaiting(self, reference: str) -> Consignment:
        return on_voyage(reference)

    async def supply(self, operator: Caller, consignment: Consignment) -> None:
        await announce(operator, consignment.border_transport.voyage_number, timedelta(days=8))

    def for_officers(self, reference: str) -> Consignment:
        return on_voyage(reference)

    async def supply_for_officers(self, operator: Caller, consignment: Consignment) -> None:
        voyage = consignment.border_transport.voyage_number
        await clear_of_formalities(operator, voyage)
        await announce(operator, voyage, timedelta(hours=23))

    async def verdict(self, agency: RunningAgency, number: str, revision: int) -> "Decision.Verdict.ValueType":
        return agency.verified(await agency.gateway.next_revision(number, revision)).verdict

    async def test_facts_that_come_one_by_one_end_in_approval(self, agency: RunningAgency) -> None:
        number = new_number()
        first = await self.decide(agency, number, on_voyage(number))
        waits = {(waiting.party, waiting.fact_kind) for waiting in first.waiting}
        carriers = {("carrier", kind) for kind in ("announcement", "crew_list", "permit")}
        assert waits == {*carriers, ("border", "inspection")}
        assert {waiting.fact_key for waiting in first.waiting} == {f"9074729/{number}"}
        await clear_of_formalities(agency.operator, number)
        while (decision := agency.verified(await agency.gateway.decision(number))).waiting:
            await agency.gateway.next_revision(number, decision.revision + 1)
        assert decision.verdict == Decision.VERDICT_APPROVED

    async def test_an_approval_gives_way_when_somebody_comes_under_watch(self, agency: RunningAgency) -> None:
        number = new_number()
        await clear_of_formalities(agency.operator, number)
        await list_crew(agency.operator, number, f"E{number}")
        assert (await self.decide(agency, number, on_voyage(number))).verdict == Decision.VERDICT_APPROVED
        await watch(agency.operator, f"W-{number}", pb.WatchEntry.KIND_PERSON, f"E{number}")
        assert await self.verdict(agency, number, 2) == Decision.VERDICT_HOLD
        await watch(agency.operator, f"W-{number}", pb.WatchEntry.KIND_PERSON, f"E{number}", lifted=True)
        assert await self.verdict(agency, number, 3) == Decision.VERDICT_APPROVED

    async def test_a_passenger_who_may_be_watched_for_becomes_a_case_and_an_officer_clears_it(
        self, agency: RunningAgency
    ) -> None:
        number, operator = new_number(), agency.operator
        await clear_of_formalities(operator, number)
        entry = pb.EnterWatchListRequest(request_id=operator.runtime.ids.uuid())
        entry.watch_entries.add(id=f"W-{number}", kind=pb.WatchEntry.KIND_PERSON, name=f"Haiming Chen {number}")
        await operator.call(f"{SERVICE}EnterWatchList", entry, pb.EnterWatchListResponse)
        assert (await self.decide(agency, number, on_voyage(number))).verdict == Decision.VERDICT_APPROVED
        lists = pb.LodgePassengerListsRequest(request_id=operator.runtime.ids.uuid())
        aboard = lists.passenger_lists.add(identification="9074729", voyage_number=number)
        aboard.lodge_time.FromDatetime(ETA)
        aboard.passengers.add(name=f"CHEN, HAIMING {number}", document_number="E51830274")
        await operator.call(f"{SERVICE}LodgePassengerLists", lists, pb.LodgePassengerListsResponse)
        assert await self.verdict(agency, number, 2) == Decision.VERDICT_EXAMINE
        found = await operator.call(
            f"{CASES}ListWatchCases", case_pb.ListWatchCasesRequest(page_size=1000), case_pb.ListWatchCasesResponse
        )
        [case] = [each for each in found.watch_cases if each.entry_id == f"W-{number}"]
        assert (list(case.numbers), case.exact, case.role) == ([1], False, case_pb.WatchCase.ROLE_PASSENGER)
        decide = case_pb.DecideWatchCaseRequest(
            request_id=operator.runtime.ids.uuid(),
            watch_case_id=case.id,
            state=case_pb.WatchCase.STATE_CLEARED,
            reason="another date of birth in the passport",
        )
        for _ in range(2):
            done = await operator.call(f"{CASES}DecideWatchCase", decide, case_pb.DecideWatchCaseResponse)
            assert done.watch_case.officer.endswith("operator/port-office")
        assert await self.verdict(agency, number, 3) == Decision.VERDICT_APPROVED
        decide.request_id = operator.runtime.ids.uuid()
        with refuses(StateForbids):
            await operator.call(f"{CASES}DecideWatchCase", decide, case_pb.DecideWatchCaseResponse)
        with refuses(CallerNotListed):
            await agency.gateway.call(f"{CASES}DecideWatchCase", decide, case_pb.DecideWatchCaseResponse)

    async def test_an_entry_that_names_nobody_is_refused(self, agency: RunningAgency) -> None:
        with pytest.raises(FormInvalid) as refused:
            await watch(agency.operator, "W-0", pb.WatchEntry.KIND_PARTY, "")
        assert [violation.path for violation in refused.value.violations] == ["watch_entries[0].subject"]

    async def test_goods_wait_until_the_conveyance_has_passed_its_inspection(self, agency: RunningAgency) -> None:
        number = new_number()
        await clear_of_formalities(agency.operator, number)
        await inspect(agency.operator, number, passed=False)
        assert (await self.decide(agency, number, on_voyage(number))).verdict == Decision.VERDICT_PENDING
        await inspect(agency.operator, number)
        assert await self.verdict(agency, number, 2) == Decision.VERDICT_APPROVED

    async def test_an_exit_permit_that_nobody_used_ends_the_approval_by_itself(self, agency: RunningAgency) -> None:
        late, sailed = new_number(), new_number()
        for number in (late, sailed):
            await depart(agency, number)
            leaving = on_voyage(number)
            leaving.direction = Consignment.DIRECTION_EXPORT
            assert (await self.decide(agency, number, leaving)).verdict == Decision.VERDICT_APPROVED
        request = pb.RecordDeparturesRequest(request_id=agency.runtime.ids.uuid())
        request.departures.add(identification="9074729", voyage_number=sailed).sail_time.FromDatetime(
            agency.runtime.clock.now()
        )
        await agency.operator.call(f"{SERVICE}RecordDepartures", request, pb.RecordDeparturesResponse)
        read = agency.app.parts.database.read
        for _ in range(500):
            due = await read(dues, [late, sailed])
            if sailed not in due:  # the departure has been taken in
                break
            await asyncio.sleep(0.02)
        assert set(due) == {late}
        moment = from_micros(due[late])
        [again] = await agency.app.parts.database.write(redecide, agency.app._decider, [late], moment)
        assert isinstance(again.result, Decided)
        assert again.result.verdict == Decision.VERDICT_PENDING

    async def test_an_approval_gives_way_when_entry_formalities_are_not_completed_in_their_term(
        self, agency: RunningAgency
    ) -> None:
        number, now = new_number(), agency.runtime.clock.now()
        await clear_of_formalities(agency.operator, number)
        await enter(agency.operator, number, now - timedelta(hours=23), None)
        assert (await self.decide(agency, number, on_voyage(number))).verdict == Decision.VERDICT_APPROVED
        due = (await agency.app.parts.database.read(dues, [number]))[number]
        assert from_micros(due) - now == timedelta(hours=1, microseconds=1)
        [again] = await agency.app.parts.database.write(redecide, agency.app._decider, [number], from_micros(due))
        assert isinstance(again.result, Decided)
        assert again.result.verdict == Decision.VERDICT_PENDING
        await enter(agency.operator, number, now - timedelta(hours=23), now)
        assert await self.verdict(agency, number, 3) == Decision.VERDICT_APPROVED

    async def test_goods_that_had_left_by_the_end_of_the_term_are_not_called_back(self, agency: RunningAgency) -> None:
        number, now = new_number(), agency.runtime.clock.now()
        await clear_of_formalities(agency.operator, number)
        await enter(agency.operator, number, now - timedelta(hours=23), None)
        assert (await self.decide(agency, number, on_voyage(number))).verdict == Decision.VERDICT_APPROVED
        due = from_micros((await agency.app.parts.database.read(dues, [number]))[number])
        await self.tell(agency, self.outcome(agency, number, agency_pb.Outcome.KIND_CLOSED, 2))
        write, decider = agency.app.parts.database.write, agency.app._decider
        [again] = await write(redecide, decider, [number], due)
        assert (again.result, await agency.app.parts.database.read(dues, [number])) == (None, {})
        await self.tell(agency, self.outcome(agency, number, agency_pb.Outcome.KIND_REOPENED, 3))
        await write(mark_due, [number])
        [again] = await write(redecide, decider, [number], due)
        assert isinstance(again.result, Decided)

    async def test_an_arrival_on_the_calendars_last_day_is_waited_for_by_no_timer(self, agency: RunningAgency) -> None:
        number = new_number()
        await clear_of_formalities(agency.operator, number)
        await enter(agency.operator, number, datetime.max.replace(tzinfo=UTC), None)
        assert (await self.decide(agency, number, on_voyage(number))).verdict == Decision.VERDICT_APPROVED
        assert await agency.app.parts.database.read(dues, [number]) == {}

    async def test_an_appeal_that_is_upheld_has_the_matter_looked_at_by_another_officer(
        self, agency: RunningAgency
    ) -> None:
        number, broker = new_number(), agency.caller("broker/3104980001")
        await self.supply_for_officers(agency.operator, on_voyage(number))
        assert (await self.decide(agency, number, on_voyage(number))).verdict == Decision.VERDICT_EXAMINE
        with refuses(StateForbids):
            await appeal(broker, number)
        [work] = (await agency.operator.list_work(number)).work
        await agency.operator.take_work(work.id)
        await agency.operator.record_work(work.id, work_pb.WorkResult.OUTCOME_REFUSED)
        assert await self.verdict(agency, number, 2) == Decision.VERDICT_REFUSED
        with refuses(NotFound):
            await appeal(agency.caller("broker/3104980002"), number)
        lodged = await appeal(broker, number)
        with refuses(StateForbids):
            await appeal(broker, number)
        for caller, kind in ((broker, CallerNotListed), (agency.operator, StateForbids)):
            with refuses(kind):
                await decide_appeal(caller, lodged.id)
        upheld = await decide_appeal(agency.caller("operator/officer-lin"), lodged.id)
        assert (upheld.state, upheld.officer.rpartition("/")[2]) == (appeal_pb.Appeal.STATE_UPHELD, "officer-lin")
        assert await self.verdict(agency, number, 3) == Decision.VERDICT_EXAMINE
        [anew] = (await agency.operator.list_work(number)).work
        assert anew.id != work.id
        request, response = appeal_pb.ListAppealsRequest(page_size=1000), appeal_pb.ListAppealsResponse
        for caller, sees in ((broker, True), (agency.caller("broker/3104980002"), False)):
            listed = await caller.call(f"{APPEALS}ListAppeals", request, response)
            assert (upheld in listed.appeals) == sees

    async def test_a_finding_of_the_watch_list_names_no_person(self, agency: RunningAgency) -> None:
        number = new_number()
        await clear_of_formalities(agency.operator, number)
        await list_crew(agency.operator, number, f"P{number}")
        await watch(agency.operator, f"W-{number}", pb.WatchEntry.KIND_PERSON, f"P{number}")
        decision = await self.decide(agency, number, on_voyage(number))
        (hit,) = decision.findings
        assert (hit.rule_id, hit.parameters["entry"]) == ("BOR-323", f"W-{number}")
        assert f"P{number}" not in str(decision)
        assert "Chen" not in str(decision)

    async def test_a_revoked_permit_refuses_what_was_approved(self, agency: RunningAgency) -> None:
        number = new_number()
        await clear_of_formalities(agency.operator, number)
        await self.decide(agency, number, on_voyage(number))
        await permit(agency.operator, number, revoked=True)
        assert await self.verdict(agency, number, 2) == Decision.VERDICT_REFUSED

    async def test_facts_are_lodged_once_for_each_request_id(self, agency: RunningAgency) -> None:
        number, request_id = new_number(), agency.runtime.ids.uuid()
        for _ in range(2):
            await announce(agency.operator, number, timedelta(days=8), request_id)
        with refuses(RequestIdReused):
            await announce(agency.operator, number, timedelta(days=9), request_id)

    async def test_only_operators_lodge_facts(self, agency: RunningAgency) -> None:
        for caller in (agency.gateway, agency.caller("broker/3104980001")):
            with refuses(CallerNotListed):
                await announce(caller, new_number(), timedelta(days=8))

    async def test_a_bad_announcement_names_every_fault_and_stores_nothing(self, agency: RunningAgency) -> None:
        number = new_number()
        request = pb.AnnounceConveyancesRequest(request_id="once")
        request.announcements.add(identification="9074729", voyage_number=number, name="evil\u202egnp.exe")
        with pytest.raises(FormInvalid) as refused:
            await agency.operator.call(f"{SERVICE}AnnounceConveyances", request, pb.AnnounceConveyancesResponse)
        paths = {violation.path for violation in refused.value.violations}
        assert {"request_id", "announcements[0].mode", "announcements[0].name"} <= paths
        assert "announcements[0].expected_time" in paths
        decision = await self.decide(agency, number, on_voyage(number))
        assert "announcement" in {waiting.fact_kind for waiting in decision.waiting}
