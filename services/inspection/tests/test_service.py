"""Inspection as a service: what every agency promises, and how certificates and registers reach decisions."""

import asyncio
from pathlib import Path
from typing import ClassVar

import pytest

from agencykit.refusals import CallerNotListed, FormInvalid, NotFound, RequestIdReused
from agencykit.runtime.real import SystemRandomness
from agencykit.testing.agency_suite import AgencySuite, answered, new_number, refuses
from agencykit.testing.consignments import sea_import
from agencykit.testing.running import Caller, RunningAgency
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision
from inspection.app import InspectionSettings, build, definition

from .calls import (
    HEALTH,
    ORIGIN,
    after,
    animal_goods,
    certificate,
    certificate_use,
    fish,
    producer,
    toys,
)
from .results import Results
from .transfers import Transfers

ASKED = Decision.VERDICT_INFORMATION_REQUESTED


class TestInspection(AgencySuite, Transfers, Results):
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
        assert (await after(agency, number, 2)).verdict == Decision.VERDICT_APPROVED_WITH_OBLIGATIONS
        await certificate(agency.operator, f"V-{number}", revoked=True)
        assert (await after(agency, number, 3)).verdict == Decision.VERDICT_REFUSED

    async def test_goods_are_asked_for_a_certificate_they_do_not_name(self, agency: RunningAgency) -> None:
        number = new_number()
        consignment = animal_goods(number, "0303131000")
        del consignment.items[0].documents[:]
        decision = await self.decide(agency, number, consignment)
        assert decision.verdict == Decision.VERDICT_INFORMATION_REQUESTED
        assert [finding.rule_id for finding in decision.findings] == ["INS-211", "INS-221"]

    async def test_what_was_inspected_at_origin_passes_on_its_certificate(self, agency: RunningAgency) -> None:
        number = new_number()
        consignment = toys(number, "")
        consignment.documents.add(type_code="N003", number=f"HZ-{number}")
        assert (await self.decide(agency, number, consignment)).verdict == Decision.VERDICT_PENDING
        await certificate(agency.operator, f"HZ-{number}", kind=ORIGIN, issue_country_code="CN")
        passed = await after(agency, number, 2)
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
        later = await after(agency, lacks.clearance_number, 2)
        assert later.verdict == Decision.VERDICT_APPROVED_WITH_OBLIGATIONS
        used = await certificate_use(agency.operator, name)
        assert sorted(entry.net_mass_kg for entry in used.write_offs) == [-600, 600, 600]

    async def test_a_dozen_at_once_never_have_more_than_the_certificate_covers(self, agency: RunningAgency) -> None:
        numbers = [new_number() for _ in range(12)]
        name = f"V-{numbers[0]}"
        await certificate(agency.operator, name, limit_net_mass_kg=1000)
        decisions = await asyncio.gather(*(self.decide(agency, each, fish(each, name, 100)) for each in numbers))
        lacking = {each.clearance_number for each in decisions if each.verdict == ASKED}
        having = [number for number in numbers if number not in lacking]
        assert (len(having), len(lacking)) == (10, 2)
        await asyncio.gather(*(agency.gateway.withdraw(number) for number in having[:2]))
        for number in lacking:
            assert (await after(agency, number, 2)).verdict == Decision.VERDICT_APPROVED_WITH_OBLIGATIONS
        assert (await certificate_use(agency.operator, name)).used_net_mass_kg == 1000

    async def test_an_amendment_to_less_lets_another_have_the_rest(self, agency: RunningAgency) -> None:
        first, second = new_number(), new_number()
        name = f"V-{first}"
        await certificate(agency.operator, name, limit_net_mass_kg=1000)
        await self.decide(agency, first, fish(first, name, 1000))
        lacks = await self.decide(agency, second, fish(second, name, 300))
        assert lacks.verdict == Decision.VERDICT_INFORMATION_REQUESTED
        await self.decide(agency, first, fish(first, name, 700), version=2)
        assert (await after(agency, second, 2)).verdict == Decision.VERDICT_APPROVED_WITH_OBLIGATIONS
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
