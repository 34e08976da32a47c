"""Inspection as a service: what every agency promises, and how certificates and registers reach decisions."""

import asyncio
from pathlib import Path
from typing import ClassVar

import pytest

from agencykit.refusals import CallerNotListed, FormInvalid, NotFound, PasswordWrong, RequestIdReused, StateForbids
from agencykit.runtime.real import SystemRandomness
from agencykit.testing.agency_suite import AgencySuite, answered, new_number, refuses
from agencykit.testing.consignments import sea_import
from agencykit.testing.running import Caller, RunningAgency
from clearance.agency.v1.work_service_pb2 import Work, WorkResult
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision, Finding
from clearance.inspection.v1 import certificate_service_pb2 as pb
from clearance.inspection.v1 import transfer_service_pb2 as transfer_pb
from inspection.app import InspectionSettings, build, definition

SERVICE = "/clearance.inspection.v1.CertificateService/"
TRANSFERS = "/clearance.inspection.v1.TransferService/"
CLAIMS = "/clearance.inspection.v1.TransferClaimService/"
EXCHANGE = "/clearance.inspection.v1.TransferExchangeService/"
HEALTH, ORIGIN = pb.Certificate.KIND_HEALTH, pb.Certificate.KIND_ORIGIN_INSPECTION


async def certificate(operator: Caller, number: str, request_id: str = "", **fields: object) -> None:
    request = pb.LodgeCertificatesRequest(request_id=request_id or operator.runtime.ids.uuid())
    good = {"kind": HEALTH, "issue_country_code": "DE", "commodity_prefixes": ["0101", "0303", "9503"]}
    request.certificates.add(number=number, **(good | fields))  # type: ignore[arg-type]
    answer = await operator.call(f"{SERVICE}LodgeCertificates", request, pb.LodgeCertificatesResponse)
    assert list(answer.certificates) == list(request.certificates)


async def exemption(operator: Caller, holder: str) -> None:
    request = pb.RegisterExemptionsRequest(request_id=operator.runtime.ids.uuid())
    request.exemptions.add(number=f"MJ-{holder}", holder_identifier=holder, commodity_prefixes=["9503"])
    answer = await operator.call(f"{SERVICE}RegisterExemptions", request, pb.RegisterExemptionsResponse)
    assert list(answer.exemptions) == list(request.exemptions)


async def producer(operator: Caller, identifier: str, inspection_class: int) -> None:
    request = pb.RegisterProducersRequest(request_id=operator.runtime.ids.uuid())
    request.producers.add(identifier=identifier, name="慈溪玩具厂", inspection_class=inspection_class)
    answer = await operator.call(f"{SERVICE}RegisterProducers", request, pb.RegisterProducersResponse)
    assert list(answer.producers) == list(request.producers)


def animal_goods(reference: str, code: str) -> Consignment:
    """An import under a veterinary certificate that is named after the reference."""
    consignment = sea_import(reference)
    consignment.items[0].commodity_code = code
    consignment.items[0].documents.add(type_code="N853", number=f"V-{reference}")
    return consignment


def toys(reference: str, maker: str) -> Consignment:
    """An export of toys."""
    consignment = sea_import(reference)
    consignment.direction = Consignment.DIRECTION_EXPORT
    consignment.items[0].commodity_code = "95030041"
    consignment.items[0].producer_identifier = maker
    return consignment


def fish(reference: str, number: str, kilograms: float) -> Consignment:
    """An import of so much frozen fish under a veterinary certificate."""
    consignment = sea_import(reference)
    item = consignment.items[0]
    item.commodity_code, item.net_mass_kg = "0303131000", kilograms
    item.documents.add(type_code="N853", number=number)
    return consignment


async def certificate_use(caller: Caller, number: str) -> pb.GetCertificateResponse:
    request = pb.GetCertificateRequest(number=number)
    return await caller.call(f"{SERVICE}GetCertificate", request, pb.GetCertificateResponse)


def origin_certificate(number: str) -> pb.Certificate:
    return pb.Certificate(number=number, kind=ORIGIN, issue_country_code="CN", commodity_prefixes=["9503"])


async def issue(
    operator: Caller, number: str, request_id: str = "", password: str = "Jinhua-17", destination: str = "ningbo"
) -> transfer_pb.Transfer:
    """A transfer of the certificate of this number."""
    request = transfer_pb.IssueTransferRequest(
        request_id=request_id or operator.runtime.ids.uuid(),
        certificate=origin_certificate(number),
        destination_district=destination,
        password=password,
    )
    answer = await operator.call(f"{TRANSFERS}IssueTransfer", request, transfer_pb.IssueTransferResponse)
    return answer.transfer


async def claim(caller: Caller, number: str, password: str = "Jinhua-17") -> transfer_pb.Transfer:
    request = transfer_pb.ClaimTransferRequest(request_id=caller.runtime.ids.uuid(), number=number, password=password)
    answer = await caller.call(f"{CLAIMS}ClaimTransfer", request, transfer_pb.ClaimTransferResponse)
    return answer.transfer


async def act_on(operator: Caller, verb: str, number: str) -> transfer_pb.Transfer:
    """Cancels or unlocks a transfer."""
    request_type = getattr(transfer_pb, f"{verb}TransferRequest")
    request = request_type(request_id=operator.runtime.ids.uuid(), number=number)
    answer = await operator.call(f"{TRANSFERS}{verb}Transfer", request, getattr(transfer_pb, f"{verb}TransferResponse"))
    return answer.transfer  # type: ignore[no-any-return]


async def recall(operator: Caller, number: str, **fields: object) -> None:
    request = pb.RegisterRecallsRequest(request_id=operator.runtime.ids.uuid())
    request.recalls.add(number=number, reason="小零件脱落 small parts come off", **fields)  # type: ignore[arg-type]
    answer = await operator.call(f"{SERVICE}RegisterRecalls", request, pb.RegisterRecallsResponse)
    assert list(answer.recalls) == list(request.recalls)


class TestInspection(AgencySuite):
    role, settings_class = "inspection", InspectionSettings
    definition = definition(InspectionSettings(), SystemRandomness())
    settings: ClassVar[dict[str, object]] = {"mode_file": Path(__file__).with_name("modes_all_checked.toml")}
    build = staticmethod(build)

    def awaiting(self, reference: str) -> Consignment:
        return animal_goods(reference, "0303131000")

    async def supply(self, operator: Caller, consignment: Consignment) -> None:
        await certificate(operator, consignment.items[0].documents[0].number)

    def for_officers(self, reference: str) -> Consignment:
        return animal_goods(reference, "0101210000")

    async def supply_for_officers(self, operator: Caller, consignment: Consignment) -> None:
        await certificate(operator, consignment.items[0].documents[0].number)

    async def after(self, agency: RunningAgency, number: str, revision: int) -> Decision:
        return agency.verified(await agency.gateway.next_revision(number, revision))

    async def test_rivet_nuts_are_not_subject_by_a_rule_that_is_published(self, agency: RunningAgency) -> None:
        number = new_number()
        decision = await self.decide(agency, number, sea_import(number))
        assert decision.verdict == Decision.VERDICT_NOT_SUBJECT
        assert [finding.rule_id for finding in decision.findings] == ["INS-200"]
        assert "INS-200" in {rule.id for rule in (await agency.gateway.describe()).rules}

    async def test_a_certificate_is_waited_for_and_its_revocation_is_heard(self, agency: RunningAgency) -> None:
        number = new_number()
        first = await self.decide(agency, number, animal_goods(number, "0303131000"))
        (waiting,) = first.waiting
        named = (waiting.party, waiting.fact_kind, waiting.fact_key, waiting.rule_id)
        assert named == ("trader", "certificate", f"V-{number}", "INS-222")
        await certificate(agency.operator, f"V-{number}")
        assert (await self.after(agency, number, 2)).verdict == Decision.VERDICT_APPROVED_WITH_OBLIGATIONS
        await certificate(agency.operator, f"V-{number}", revoked=True)
        assert (await self.after(agency, number, 3)).verdict == Decision.VERDICT_REFUSED

    async def test_goods_are_asked_for_a_certificate_they_do_not_name(self, agency: RunningAgency) -> None:
        number = new_number()
        consignment = animal_goods(number, "0303131000")
        del consignment.items[0].documents[:]
        decision = await self.decide(agency, number, consignment)
        assert decision.verdict == Decision.VERDICT_INFORMATION_REQUESTED
        assert [finding.rule_id for finding in decision.findings] == ["INS-211", "INS-221"]

    async def test_the_class_of_a_producer_decides_and_an_exemption_excuses_but_for_a_spot_check(
        self, agency: RunningAgency
    ) -> None:
        number = new_number()
        maker = f"T{number[-6:]}"
        assert (await self.decide(agency, number, toys(number, maker))).verdict == Decision.VERDICT_PENDING
        await producer(agency.operator, maker, 3)
        assert (await self.after(agency, number, 2)).verdict == Decision.VERDICT_EXAMINE
        await exemption(agency.operator, maker)
        drawn = await self.after(agency, number, 3)
        assert [finding.rule_id for finding in drawn.findings] == ["INS-239"]
        await self.check(agency, number, WorkResult.OUTCOME_CLEARED)
        assert (await self.after(agency, number, 4)).verdict == Decision.VERDICT_APPROVED

    async def test_a_spot_check_that_fails_refuses_the_goods_and_suspends_the_exemption(
        self, agency: RunningAgency
    ) -> None:
        number, other = new_number(), new_number()
        maker = f"T{number[-6:]}"
        await exemption(agency.operator, maker)
        for each in (number, other):
            drawn = await self.decide(agency, each, toys(each, maker))
            assert [finding.rule_id for finding in drawn.findings] == ["INS-239"]
        await self.check(agency, number, WorkResult.OUTCOME_REFUSED)
        assert (await self.after(agency, number, 2)).verdict == Decision.VERDICT_REFUSED
        after = await self.after(agency, other, 2)
        assert [finding.rule_id for finding in after.findings] == ["INS-233", "INS-235"]
        request = pb.GetExemptionRequest(number=f"MJ-{maker}")
        use = await agency.operator.call(f"{SERVICE}GetExemption", request, pb.GetExemptionResponse)
        assert (use.suspended_by, use.used_count, use.checked_count, use.failed_count) == (number, 2, 2, 1)
        signed = await agency.gateway.decision(number)
        assert agency.verified(signed).verdict == Decision.VERDICT_REFUSED

    async def check(self, agency: RunningAgency, number: str, outcome: "WorkResult.Outcome.ValueType") -> None:
        """An officer examines the goods of a clearance."""
        [work] = (await agency.operator.list_work(number)).work
        await agency.operator.take_work(work.id)
        await agency.operator.record_work(work.id, outcome)

    async def test_what_was_inspected_at_origin_passes_on_its_certificate(self, agency: RunningAgency) -> None:
        number = new_number()
        consignment = toys(number, "")
        consignment.documents.add(type_code="N003", number=f"HZ-{number}")
        assert (await self.decide(agency, number, consignment)).verdict == Decision.VERDICT_PENDING
        await certificate(agency.operator, f"HZ-{number}", kind=ORIGIN, issue_country_code="CN")
        passed = await self.after(agency, number, 2)
        assert passed.verdict == Decision.VERDICT_APPROVED
        assert [finding.rule_id for finding in passed.findings] == ["INS-236"]

    async def test_of_two_clearances_at_once_one_has_the_certificate_until_it_withdraws(
        self, agency: RunningAgency
    ) -> None:
        both = [new_number(), new_number()]
        name = f"V-{both[0]}"
        await certificate(agency.operator, name, limit_net_mass_kg=1000)
        items = [self.item(agency, number, fish(number, name, 600)) for number in both]
        answers = await asyncio.gather(*(agency.gateway.assess(item) for item in (*items, *items)))
        decisions = {
            decision.clearance_number: decision
            for [answer] in answers
            for decision in [agency.verified(answered(answer))]
        }
        has, lacks = sorted(decisions.values(), key=lambda decision: decision.verdict)
        assert has.verdict == Decision.VERDICT_APPROVED_WITH_OBLIGATIONS
        assert lacks.verdict == Decision.VERDICT_INFORMATION_REQUESTED
        assert [each.parameters["left"] for each in lacks.findings if each.rule_id == "INS-225"] == ["400"]
        used = await certificate_use(agency.operator, name)
        assert (used.used_net_mass_kg, used.left_net_mass_kg) == (600, 400)
        assert [entry.clearance_number for entry in used.write_offs] == [has.clearance_number]
        await agency.gateway.withdraw(has.clearance_number)
        after = await self.after(agency, lacks.clearance_number, 2)
        assert after.verdict == Decision.VERDICT_APPROVED_WITH_OBLIGATIONS
        used = await certificate_use(agency.operator, name)
        assert sorted(entry.net_mass_kg for entry in used.write_offs) == [-600, 600, 600]

    async def test_an_amendment_to_less_lets_another_have_the_rest(self, agency: RunningAgency) -> None:
        first, second = new_number(), new_number()
        name = f"V-{first}"
        await certificate(agency.operator, name, limit_net_mass_kg=1000)
        await self.decide(agency, first, fish(first, name, 1000))
        lacks = await self.decide(agency, second, fish(second, name, 300))
        assert lacks.verdict == Decision.VERDICT_INFORMATION_REQUESTED
        await self.decide(agency, first, fish(first, name, 700), version=2)
        assert (await self.after(agency, second, 2)).verdict == Decision.VERDICT_APPROVED_WITH_OBLIGATIONS
        assert (await certificate_use(agency.operator, name)).left_net_mass_kg == 0

    async def test_a_certificate_without_limit_has_nothing_left_to_tell(self, agency: RunningAgency) -> None:
        number = new_number()
        await certificate(agency.operator, f"V-{number}")
        used = await certificate_use(agency.operator, f"V-{number}")
        assert (used.certificate.kind, used.HasField("left_net_mass_kg"), len(used.write_offs)) == (HEALTH, False, 0)
        with refuses(NotFound):
            await certificate_use(agency.operator, "V-none")
        with refuses(CallerNotListed):
            await certificate_use(agency.gateway, f"V-{number}")

    async def test_a_recall_takes_an_approval_back_until_it_is_lifted(self, agency: RunningAgency) -> None:
        number, maker = new_number(), "T-RECALLED"
        await producer(agency.operator, maker, 1)
        assert (await self.decide(agency, number, toys(number, maker))).verdict == Decision.VERDICT_APPROVED
        for revision, subject in ((2, {"clearance_number": number}), (4, {"producer_identifier": maker})):
            await recall(agency.operator, f"ZH-{revision}", **subject)
            back = await self.after(agency, number, revision)
            assert back.verdict == Decision.VERDICT_RECALLED
            assert [finding.rule_id for finding in back.findings] == ["INS-261"]
            await recall(agency.operator, f"ZH-{revision}", lifted=True, **subject)
            assert (await self.after(agency, number, revision + 1)).verdict == Decision.VERDICT_APPROVED

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
        for outcome, verdict in (
            (WorkResult.OUTCOME_SAMPLED, Decision.VERDICT_PENDING),
            (WorkResult.OUTCOME_CLEARED, Decision.VERDICT_APPROVED),
        ):
            [work] = (await agency.operator.list_work(number)).work
            await agency.operator.take_work(work.id)
            await agency.operator.record_work(work.id, outcome)
            first = await self.after(agency, number, first.revision + 1)
            assert first.verdict == verdict

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
            found[outcome] = await self.after(agency, number, 2)
        assert found[WorkResult.OUTCOME_CLEARED].verdict == Decision.VERDICT_APPROVED
        assert found[WorkResult.OUTCOME_REFUSED].verdict == Decision.VERDICT_RECALLED

    async def test_a_transfer_claimed_at_the_port_releases_goods_inspected_at_origin(
        self, agency: RunningAgency
    ) -> None:
        number = new_number()
        consignment = toys(number, "")
        consignment.documents.add(type_code="N003", number=f"JH-{number}")
        assert (await self.decide(agency, number, consignment)).verdict == Decision.VERDICT_PENDING
        issued = await issue(agency.operator, f"JH-{number}")
        assert (issued.state, issued.number[:7]) == (transfer_pb.Transfer.STATE_ISSUED, "NINGBO-")
        broker = agency.caller("broker/3104980001")
        with refuses(PasswordWrong):
            await claim(broker, issued.number, "Jinhua-18")
        claimed = await claim(broker, issued.number)
        assert claimed.state == transfer_pb.Transfer.STATE_CLAIMED
        assert claimed.claimant.endswith("broker/3104980001")
        assert await claim(broker, issued.number) == claimed
        with refuses(StateForbids):
            await claim(agency.operator, issued.number)
        passed = await self.after(agency, number, 2)
        assert [finding.rule_id for finding in passed.findings] == ["INS-236"]

    async def test_the_last_wrong_password_locks_a_transfer_until_an_officer_unlocks_it(
        self, agency: RunningAgency
    ) -> None:
        number = (await issue(agency.operator, f"JH-{new_number()}")).number
        broker = agency.caller("broker/3104980001")
        for tries_left in (4, 3, 2, 1, 0):
            with pytest.raises(PasswordWrong) as refused:
                await claim(broker, number, "wrong-wrong")
            assert refused.value.metadata["tries_left"] == str(tries_left)
        with refuses(StateForbids):
            await claim(broker, number)
        unlocked = await act_on(agency.operator, "Unlock", number)
        assert (unlocked.state, unlocked.tries_left) == (transfer_pb.Transfer.STATE_ISSUED, 5)
        assert (await claim(broker, number)).state == transfer_pb.Transfer.STATE_CLAIMED

    async def test_a_repeated_issue_finds_the_transfer_and_another_password_is_other_content(
        self, agency: RunningAgency
    ) -> None:
        name, request_id = f"JH-{new_number()}", agency.runtime.ids.uuid()
        issued = await issue(agency.operator, name, request_id)
        assert await issue(agency.operator, name, request_id) == issued
        with refuses(RequestIdReused):
            await issue(agency.operator, name, request_id, password="Jinhua-18")
        with refuses(StateForbids):
            await issue(agency.operator, name)
        assert (await act_on(agency.operator, "Cancel", issued.number)).state == transfer_pb.Transfer.STATE_CANCELLED
        again = await issue(agency.operator, name)
        with refuses(NotFound):
            await claim(agency.operator, "NINGBO-NOSUCH")
        with refuses(StateForbids):
            await claim(agency.operator, issued.number)
        assert (await claim(agency.operator, again.number)).certificate.number == name

    async def test_only_operators_issue_and_only_the_gateway_carries(self, agency: RunningAgency) -> None:
        broker = agency.caller("broker/3104980001")
        with refuses(CallerNotListed):
            await issue(broker, "JH-1")
        request = transfer_pb.DispatchTransfersRequest(
            request_id=agency.runtime.ids.uuid(), destination_district="shanghai"
        )
        for caller in (broker, agency.operator):
            with refuses(CallerNotListed):
                await caller.call(f"{EXCHANGE}DispatchTransfers", request, transfer_pb.DispatchTransfersResponse)

    async def test_transfers_travel_between_districts_with_what_proves_their_password(
        self, agency: RunningAgency
    ) -> None:
        name, request_id = f"JH-{new_number()}", agency.runtime.ids.uuid()
        issued = await issue(agency.operator, name, destination="shanghai")
        with refuses(NotFound):
            await claim(agency.operator, issued.number)
        request = transfer_pb.DispatchTransfersRequest(request_id=request_id, destination_district="shanghai")
        handed, again = [
            await agency.gateway.call(f"{EXCHANGE}DispatchTransfers", request, transfer_pb.DispatchTransfersResponse)
            for _ in range(2)
        ]
        assert handed == again
        [package] = [each for each in handed.packages if each.transfer.number == issued.number]
        with refuses(StateForbids):
            await act_on(agency.operator, "Cancel", issued.number)
        package.transfer.number = f"JINHUA-{name}"
        package.transfer.origin_district = "jinhua"
        received = transfer_pb.ReceiveTransfersRequest(request_id=agency.runtime.ids.uuid(), packages=[package])
        with refuses(FormInvalid):
            await agency.gateway.call(f"{EXCHANGE}ReceiveTransfers", received, transfer_pb.ReceiveTransfersResponse)
        received.packages[0].transfer.destination_district = "ningbo"
        answer = await agency.gateway.call(
            f"{EXCHANGE}ReceiveTransfers", received, transfer_pb.ReceiveTransfersResponse
        )
        assert [each.number for each in answer.transfers] == [f"JINHUA-{name}"]
        assert (await claim(agency.operator, f"JINHUA-{name}")).state == transfer_pb.Transfer.STATE_CLAIMED
        assert (await certificate_use(agency.operator, name)).certificate == origin_certificate(name)

    async def test_entries_are_stored_once_for_each_request_id(self, agency: RunningAgency) -> None:
        request_id = agency.runtime.ids.uuid()
        for _ in range(2):
            await certificate(agency.operator, "V-7", request_id)
        with refuses(RequestIdReused):
            await certificate(agency.operator, "V-8", request_id)

    async def test_only_operators_keep_the_registers(self, agency: RunningAgency) -> None:
        for caller in (agency.gateway, agency.caller("broker/3104980001")):
            with refuses(CallerNotListed):
                await producer(caller, "T1", 1)

    @pytest.mark.parametrize("inspection_class", [0, 4])
    async def test_an_entry_in_bad_form_is_refused(self, agency: RunningAgency, inspection_class: int) -> None:
        with refuses(FormInvalid):
            await producer(agency.operator, "T1", inspection_class)
