"""What officers' results bring about, and what recalls do, over sockets."""

from agencykit.refusals import FormInvalid, NotFound, StateForbids
from agencykit.testing.agency_suite import new_number, refuses
from agencykit.testing.consignments import sea_import
from agencykit.testing.running import RunningAgency
from agencykit.testing.suite.supplied import Suite
from clearance.agency.v1.work_service_pb2 import Work, WorkResult
from clearance.common.v1.decision_pb2 import Decision, Finding
from clearance.inspection.v1 import certificate_service_pb2 as pb

from .calls import SERVICE, after, certificate, check, exemption, fish, producer, recall, toys


class Results(Suite):
    """Spot checks, samples, follow-up, recall."""

    async def test_the_class_of_a_producer_decides_and_an_exemption_excuses_but_for_a_spot_check(
        self, agency: RunningAgency
    ) -> None:
        number = new_number()
        maker = f"T{number[-6:]}"
        assert (await self.decide(agency, number, toys(number, maker))).verdict == Decision.VERDICT_PENDING
        await producer(agency.operator, maker, 3)
        assert (await after(agency, number, 2)).verdict == Decision.VERDICT_EXAMINE
        await exemption(agency.operator, maker)
        drawn = await after(agency, number, 3)
        assert [finding.rule_id for finding in drawn.findings] == ["INS-239"]
        await check(agency, number, WorkResult.OUTCOME_CLEARED)
        assert (await after(agency, number, 4)).verdict == Decision.VERDICT_APPROVED

    async def test_a_spot_check_that_fails_refuses_the_goods_and_suspends_the_exemption(
        self, agency: RunningAgency
    ) -> None:
        number, other = new_number(), new_number()
        maker = f"T{number[-6:]}"
        await exemption(agency.operator, maker)
        for each in (number, other):
            drawn = await self.decide(agency, each, toys(each, maker))
            assert [finding.rule_id for finding in drawn.findings] == ["INS-239"]
        await check(agency, number, WorkResult.OUTCOME_REFUSED)
        assert (await after(agency, number, 2)).verdict == Decision.VERDICT_REFUSED
        other_after = await after(agency, other, 2)
        assert [finding.rule_id for finding in other_after.findings] == ["INS-233", "INS-235"]
        request = pb.GetExemptionRequest(number=f"MJ-{maker}")
        use = await agency.operator.call(f"{SERVICE}GetExemption", request, pb.GetExemptionResponse)
        assert (use.suspended_by, use.used_count, use.checked_count, use.failed_count) == (number, 2, 2, 1)
        signed = await agency.gateway.decision(number)
        assert agency.verified(signed).verdict == Decision.VERDICT_REFUSED

    async def test_goods_found_wanting_stay_refused_whatever_papers_come(self, agency: RunningAgency) -> None:
        number = new_number()
        maker = f"T{number[-6:]}"
        await exemption(agency.operator, maker)
        await producer(agency.operator, maker, 1)
        await self.decide(agency, number, toys(number, maker))
        await check(agency, number, WorkResult.OUTCOME_REFUSED)
        refused = await after(agency, number, 2)
        await exemption(agency.operator, maker, revoked=True)
        again = await after(agency, number, 3)
        assert [finding.rule_id for finding in again.findings] == ["INS-235", "INS-239"]
        assert again.verdict == refused.verdict == Decision.VERDICT_REFUSED

    async def test_a_recall_takes_an_approval_back_until_it_is_lifted(self, agency: RunningAgency) -> None:
        number, maker = new_number(), "T-RECALLED"
        await producer(agency.operator, maker, 1)
        assert (await self.decide(agency, number, toys(number, maker))).verdict == Decision.VERDICT_APPROVED
        for revision, subject in ((2, {"clearance_number": number}), (4, {"producer_identifier": maker})):
            await recall(agency.operator, f"ZH-{revision}", **subject)
            back = await after(agency, number, revision)
            assert back.verdict == Decision.VERDICT_RECALLED
            assert [finding.rule_id for finding in back.findings] == ["INS-261"]
            await recall(agency.operator, f"ZH-{revision}", lifted=True, **subject)
            assert (await after(agency, number, revision + 1)).verdict == Decision.VERDICT_APPROVED

    async def test_a_recall_names_one_clearance_that_inspection_has_a_say_on(self, agency: RunningAgency) -> None:
        number = new_number()
        with refuses(NotFound):
            await recall(agency.operator, "ZH-1", clearance_number=number)
        await self.decide(agency, number, sea_import(number))
        with refuses(StateForbids):
            await recall(agency.operator, "ZH-1", clearance_number=number)
        with refuses(FormInvalid):
            await recall(agency.operator, "ZH-1", clearance_number=number, producer_identifier="T1")

    async def test_a_sample_goes_to_the_laboratory_and_its_result_is_the_next_revision(
        self, agency: RunningAgency
    ) -> None:
        number = new_number()
        first = await self.decide(agency, number, toys(number, ""))
        assert [(each.rule_id, each.required_action) for each in first.findings] == [
            ("INS-231", Finding.REQUIRED_ACTION_SAMPLE)
        ]
        for officer, outcome, verdict in (
            (agency.operator, WorkResult.OUTCOME_SAMPLED, Decision.VERDICT_PENDING),
            (agency.caller("operator/laboratory"), WorkResult.OUTCOME_CLEARED, Decision.VERDICT_APPROVED),
        ):
            [work] = (await officer.list_work(number)).work
            await officer.take_work(work.id)
            await officer.record_work(work.id, outcome)
            first = await after(agency, number, first.revision + 1)
            assert first.verdict == verdict

    async def test_who_took_a_sample_does_not_test_it(self, agency: RunningAgency) -> None:
        number = new_number()
        await self.decide(agency, number, toys(number, ""))
        await check(agency, number, WorkResult.OUTCOME_SAMPLED)
        await after(agency, number, 2)
        [test] = (await agency.operator.list_work(number)).work
        assert test.kind == Work.KIND_LABORATORY
        with refuses(StateForbids):
            await agency.operator.take_work(test.id)
        assert (await agency.caller("operator/laboratory").take_work(test.id)).officer.endswith("operator/laboratory")

    async def test_an_obligation_is_followed_up_and_recalls_the_approval_where_it_turns_out_badly(
        self, agency: RunningAgency
    ) -> None:
        found: dict[int, Decision] = {}
        for outcome in (WorkResult.OUTCOME_CLEARED, WorkResult.OUTCOME_REFUSED):
            number = new_number()
            await certificate(agency.operator, f"V-{number}")
            owed = await self.decide(agency, number, fish(number, f"V-{number}", 600))
            assert owed.verdict == Decision.VERDICT_APPROVED_WITH_OBLIGATIONS
            [work] = (await agency.operator.list_work(number)).work
            assert work.kind == Work.KIND_FOLLOW_UP
            await agency.operator.take_work(work.id)
            await agency.operator.record_work(work.id, outcome)
            found[outcome] = await after(agency, number, 2)
        assert found[WorkResult.OUTCOME_CLEARED].verdict == Decision.VERDICT_APPROVED
        assert found[WorkResult.OUTCOME_REFUSED].verdict == Decision.VERDICT_RECALLED
