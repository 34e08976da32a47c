"""Customs as a service: what every agency promises, and how its registers reach decisions."""

from datetime import UTC, datetime
from typing import ClassVar

import pytest

from agencykit.refusals import CallerNotListed, FormInvalid, RequestIdReused
from agencykit.testing.agency_suite import AgencySuite, new_number, refuses
from agencykit.testing.consignments import sea_import
from agencykit.testing.running import Caller, RunningAgency
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision
from clearance.customs.v1 import register_service_pb2 as pb
from customs.app import LISTS, CustomsSettings, build, definition

SERVICE = "/clearance.customs.v1.RegisterService/"
TRADER = sea_import("NGB200400000000").trader.identifier
BROKER = sea_import("NGB200400000000").broker_licence
UNTIL = datetime(2005, 12, 31, tzinfo=UTC)
A, B, D = (pb.Enterprise.EnterpriseClass.Value(f"ENTERPRISE_CLASS_{each}") for each in "ABD")


async def enterprise(operator: Caller, request_id: str = "", **fields: object) -> None:
    request = pb.RegisterEnterprisesRequest(request_id=request_id or operator.runtime.ids.uuid())
    entry = {"identifier": TRADER, "name": "宁波海曙进出口有限公司", "enterprise_class": B, **fields}
    request.enterprises.add(**entry).valid_until_time.FromDatetime(UNTIL)  # type: ignore[arg-type]
    answer = await operator.call(f"{SERVICE}RegisterEnterprises", request, pb.RegisterEnterprisesResponse)
    assert list(answer.enterprises) == list(request.enterprises)


async def broker(operator: Caller, *mandates: str, licence: str = BROKER, suspended: bool = False) -> None:
    request = pb.RegisterBrokersRequest(request_id=operator.runtime.ids.uuid())
    request.brokers.add(licence=licence, name="甬兴报关行", mandate_identifiers=mandates, suspended=suspended)
    answer = await operator.call(f"{SERVICE}RegisterBrokers", request, pb.RegisterBrokersResponse)
    assert list(answer.brokers) == list(request.brokers)


async def licence(operator: Caller, number: str, **fields: object) -> None:
    request = pb.RegisterLicencesRequest(request_id=operator.runtime.ids.uuid())
    good = {"type_code": "P", "holder_identifier": TRADER, "commodity_prefixes": ["7204"]}
    request.licences.add(number=number, **(good | fields))  # type: ignore[arg-type]
    answer = await operator.call(f"{SERVICE}RegisterLicences", request, pb.RegisterLicencesResponse)
    assert list(answer.licences) == list(request.licences)


def of_trader(reference: str, first_digits: str = "3302") -> Consignment:
    """An import of an enterprise of its own, which nobody has registered yet."""
    consignment = sea_import(reference)
    consignment.trader.identifier = f"{first_digits}{reference[-6:]}"
    return consignment


def scrap(reference: str) -> Consignment:
    """An import of ferrous scrap under a licence that is named after the reference."""
    consignment = sea_import(reference)
    consignment.items[0].commodity_code = "7204490090"
    consignment.items[0].value.minor_units = consignment.invoice_total.minor_units = 25_000
    consignment.items[0].documents.add(type_code="P", number=f"P-{reference}")
    return consignment


class TestCustoms(AgencySuite):
    role, settings_class, definition = "customs", CustomsSettings, definition(CustomsSettings())
    settings: ClassVar = {"risk_profile_file": LISTS / "risk_nothing.toml"}
    build = staticmethod(build)

    async def prepare(self, operator: Caller) -> None:
        await enterprise(operator)
        await broker(operator)

    def awaiting(self, reference: str) -> Consignment:
        return of_trader(reference)

    async def supply(self, operator: Caller, consignment: Consignment) -> None:
        await enterprise(operator, identifier=consignment.trader.identifier)

    def for_officers(self, reference: str) -> Consignment:
        return of_trader(reference, "3303")

    async def supply_for_officers(self, operator: Caller, consignment: Consignment) -> None:
        await enterprise(operator, identifier=consignment.trader.identifier, enterprise_class=D)

    async def after(self, agency: RunningAgency, number: str, revision: int) -> Decision:
        return agency.verified(await agency.gateway.next_revision(number, revision))

    async def test_a_sound_import_is_approved_with_the_duty_it_owes(self, agency: RunningAgency) -> None:
        """12,500.00 EUR at 10.26 are 128,250 yuan: 8 % duty 10,260.00, 17 % VAT of both 23,546.70."""
        number = new_number()
        decision = await self.decide(agency, number, sea_import(number))
        assert decision.verdict == Decision.VERDICT_APPROVED_WITH_OBLIGATIONS
        (duty,) = decision.findings
        assert (duty.rule_id, duty.amount_minor_units, duty.currency_code) == ("CUS-141", 3_380_670, "CNY")
        assert list(decision.waiting) == []

    async def test_a_licence_is_waited_for_and_its_revocation_is_heard(self, agency: RunningAgency) -> None:
        number = new_number()
        first = await self.decide(agency, number, scrap(number))
        (waiting,) = first.waiting
        named = (waiting.party, waiting.fact_kind, waiting.fact_key, waiting.rule_id)
        assert named == ("trader", "licence", f"P-{number}", "CUS-122")
        await licence(agency.operator, f"P-{number}")
        assert (await self.after(agency, number, 2)).verdict == Decision.VERDICT_APPROVED_WITH_OBLIGATIONS
        await licence(agency.operator, f"P-{number}", revoked=True)
        assert (await self.after(agency, number, 3)).verdict == Decision.VERDICT_REFUSED

    async def test_a_better_class_ends_the_examination(self, agency: RunningAgency) -> None:
        number = new_number()
        consignment = of_trader(number)
        await enterprise(agency.operator, identifier=consignment.trader.identifier, enterprise_class=D)
        assert (await self.decide(agency, number, consignment)).verdict == Decision.VERDICT_EXAMINE
        await enterprise(agency.operator, identifier=consignment.trader.identifier, enterprise_class=A)
        assert (await self.after(agency, number, 2)).verdict == Decision.VERDICT_APPROVED_WITH_OBLIGATIONS

    async def test_a_restored_registration_ends_the_hold(self, agency: RunningAgency) -> None:
        number = new_number()
        consignment = of_trader(number)
        await enterprise(agency.operator, identifier=consignment.trader.identifier, suspended=True)
        first = await self.decide(agency, number, consignment)
        assert first.verdict == Decision.VERDICT_HOLD
        assert {waiting.party for waiting in first.waiting} == {"customs", "trader"}
        await enterprise(agency.operator, identifier=consignment.trader.identifier)
        assert (await self.after(agency, number, 2)).verdict == Decision.VERDICT_APPROVED_WITH_OBLIGATIONS

    async def test_a_mandate_is_asked_of_the_broker_and_heard_of(self, agency: RunningAgency) -> None:
        number = new_number()
        consignment = sea_import(number)
        consignment.broker_licence = f"3104{number[-6:]}"
        await broker(agency.operator, "3302960000", licence=consignment.broker_licence)
        first = await self.decide(agency, number, consignment)
        assert first.verdict == Decision.VERDICT_INFORMATION_REQUESTED
        assert [(waiting.party, waiting.fact_kind) for waiting in first.waiting] == [("broker", "broker")]
        await broker(agency.operator, "3302960000", TRADER, licence=consignment.broker_licence)
        assert (await self.after(agency, number, 2)).verdict == Decision.VERDICT_APPROVED_WITH_OBLIGATIONS

    async def test_an_unlicensed_broker_is_refused_and_nothing_is_waited_for(self, agency: RunningAgency) -> None:
        number = new_number()
        consignment = sea_import(number)
        consignment.broker_licence = "3104999999"
        decision = await self.decide(agency, number, consignment)
        assert decision.verdict == Decision.VERDICT_REFUSED
        assert list(decision.waiting) == []

    async def test_entries_are_stored_once_for_each_request_id(self, agency: RunningAgency) -> None:
        request_id = agency.runtime.ids.uuid()
        for _ in range(2):
            await enterprise(agency.operator, request_id, identifier="3302960001")
        with refuses(RequestIdReused):
            await enterprise(agency.operator, request_id, identifier="3302960002")

    async def test_only_operators_keep_the_registers(self, agency: RunningAgency) -> None:
        for caller in (agency.gateway, agency.caller("broker/3104980001")):
            with refuses(CallerNotListed):
                await broker(caller)

    @pytest.mark.parametrize("identifier", ["", "33029\x0061234", "3" * 36])
    async def test_an_entry_in_bad_form_is_refused(self, agency: RunningAgency, identifier: str) -> None:
        with refuses(FormInvalid):
            await enterprise(agency.operator, identifier=identifier)
