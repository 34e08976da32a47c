"""Schemes in running customs, in virtual time: what is decided before arrival, what waits, what is recorded."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import Connection

from agencykit.refusals import CallerNotListed, FormInvalid
from agencykit.runtime import real_runtime
from agencykit.storage.rows import Fields, run
from agencykit.testing.consignments import assessment_item, sea_import
from agencykit.testing.inline_agency import InlineAgency, inline_agency
from agencykit.testing.postgres import own_database
from agencykit.testing.running import agency_settings
from agencykit.testing.virtual import World, virtual_time
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision
from clearance.customs.v1 import register_service_pb2 as pb
from clearance.customs.v1 import scheme_service_pb2 as schemes
from customs.app import LISTS, CustomsSettings, build
from customs.rpc.spans import whole_hours

REPORT = "/clearance.customs.v1.SchemeService/ReportSchemes"
REGISTER = "/clearance.customs.v1.RegisterService/"
B, C = pb.Enterprise.ENTERPRISE_CLASS_B, pb.Enterprise.ENTERPRISE_CLASS_C
NOW = datetime(2004, 11, 22, tzinfo=UTC)
WAITS, GOES = Decision.VERDICT_PENDING, Decision.VERDICT_APPROVED_WITH_OBLIGATIONS


def customs(folder: Path, story: Callable[[InlineAgency, World], Awaitable[None]]) -> None:
    """Runs a story at customs that selects nothing by risk."""

    async def whole() -> None:
        url, quiet = own_database(folder / "customs.db"), LISTS / "risk_nothing.toml"
        settings = agency_settings(CustomsSettings, "customs", url, risk_profile_file=quiet)
        async with inline_agency(build, settings, "customs", world.runtime) as running:
            brokers = pb.RegisterBrokersRequest(request_id=world.runtime.ids.uuid())
            brokers.brokers.add(licence="3104980001")
            await running.operator.call(f"{REGISTER}RegisterBrokers", brokers, pb.RegisterBrokersResponse)
            await story(running, world)

    # From now on: the certificates are of today.
    with virtual_time(2004, real_runtime().clock.now()) as world:
        world.loop.run_until_complete(whole())


async def register(running: InlineAgency, enterprise_class: "pb.Enterprise.EnterpriseClass.ValueType") -> None:
    request = pb.RegisterEnterprisesRequest(request_id=running.runtime.ids.uuid())
    enterprise = request.enterprises.add(identifier="3302910001", enterprise_class=enterprise_class)
    enterprise.high_tech_until_time.FromDatetime(running.runtime.clock.now() + timedelta(days=300))
    await running.operator.call(f"{REGISTER}RegisterEnterprises", request, pb.RegisterEnterprisesResponse)


async def declare(running: InlineAgency, number: str, hours: int, urgent: bool = False, version: int = 1) -> Decision:
    """An import declared so many hours before it arrives."""
    now = running.runtime.clock.now()
    consignment = sea_import(number)
    consignment.declaration_type = Consignment.DECLARATION_TYPE_PRE_LODGED
    consignment.arrival_time.FromDatetime(now + timedelta(hours=hours))
    consignment.total_packages = 40 + version
    item = assessment_item(number, consignment, request_id=running.runtime.ids.uuid(), version=version)
    item.accept_time.FromDatetime(now)
    item.urgent = urgent
    [answer] = await running.gateway.assess(item)
    return running.verifier.verify(answer.decision)


async def rows(running: InlineAgency, text: str) -> list[Fields]:
    def read(connection: Connection) -> list[Fields]:
        return run(connection, text)

    return await running.app.parts.database.read(read)


async def report(running: InlineAgency, **bounds: Timestamp) -> dict[str, tuple[int, int, dict[str, int]]]:
    """Entitled, delivered and why not, of the schemes that anybody was entitled to."""
    request = schemes.ReportSchemesRequest(**bounds)
    told = (await running.operator.call(REPORT, request, schemes.ReportSchemesResponse)).report
    assert [one.id for one in told.schemes if not one.granted] == ["HOME"]
    assert all(one.rule_id and one.text.zh and one.text.en for one in told.schemes)
    return {
        one.id: (one.entitled, one.delivered, {why.reason: why.count for why in one.withheld})
        for one in told.schemes
        if one.entitled
    }


def test_whoever_may_not_declare_ahead_is_decided_when_the_goods_arrive(tmp_path: Path) -> None:
    async def story(running: InlineAgency, world: World) -> None:
        await register(running, C)
        waiting = await declare(running, "NBAHEAD0000001", hours=5)
        assert waiting.verdict == WAITS
        assert [(wait.party, wait.fact_kind) for wait in waiting.waiting] == [("carrier", "arrival")]
        await asyncio.sleep(5 * 3600 + 1)
        decided = running.verifier.verify(await running.gateway.next_revision("NBAHEAD0000001", 2))
        assert decided.verdict == GOES
        assert await rows(running, "SELECT standings FROM scheme_standings") == [], "class C is entitled to nothing"

    customs(tmp_path, story)


def test_who_may_is_decided_at_once_and_the_record_follows_every_decision(tmp_path: Path) -> None:
    """The enterprise is entered only after its first declaration, which waits for that and is then settled in time."""

    async def story(running: InlineAgency, world: World) -> None:
        assert (await declare(running, "NBAHEAD0000002", hours=5)).verdict == WAITS
        assert await rows(running, "SELECT standings FROM scheme_standings") == []
        await register(running, B)
        settled = running.verifier.verify(await running.gateway.next_revision("NBAHEAD0000002", 2))
        assert settled.verdict == GOES
        assert (await declare(running, "NBAHEAD0000003", hours=-1, urgent=True)).verdict == GOES
        assert await rows(running, "SELECT clearance_number, standings FROM scheme_standings ORDER BY 1") == [
            ("NBAHEAD0000002", "HIGH_TECH ADVANCE URGENT=NOT_ASKED GUARANTEE=NOT_NEEDED"),
            ("NBAHEAD0000003", "HIGH_TECH ADVANCE=NOT_USED URGENT GUARANTEE=NOT_NEEDED"),
        ]
        assert await report(running) == {
            "HIGH_TECH": (2, 2, {}),
            "ADVANCE": (2, 1, {"NOT_USED": 1}),
            "URGENT": (2, 1, {"NOT_ASKED": 1}),
            "GUARANTEE": (2, 0, {"NOT_NEEDED": 2}),
        }

    customs(tmp_path, story)


def test_what_an_amended_declaration_is_no_longer_entitled_to_is_no_longer_reported(tmp_path: Path) -> None:
    async def story(running: InlineAgency, world: World) -> None:
        await register(running, B)
        await declare(running, "NBAHEAD0000006", hours=-1)
        assert set(await report(running)) == {"HIGH_TECH", "ADVANCE", "URGENT", "GUARANTEE"}
        await register(running, C)
        await declare(running, "NBAHEAD0000006", hours=-1, version=2)
        assert await report(running) == {}

    customs(tmp_path, story)


def test_a_span_that_ends_within_an_hour_holds_that_hour() -> None:
    start, end = Timestamp(seconds=7200), Timestamp(seconds=7200, nanos=1)
    assert whole_hours(schemes.ReportSchemesRequest(start_time=start, end_time=end), NOW) == (2, 3)


def test_a_report_takes_its_span_by_the_first_acceptance_and_is_for_operators_alone(tmp_path: Path) -> None:
    async def story(running: InlineAgency, world: World) -> None:
        await register(running, B)
        await declare(running, "NBAHEAD0000004", hours=5)
        hour = int(world.runtime.clock.now().timestamp()) // 3600 * 3600
        await asyncio.sleep(2 * 3600)
        await declare(running, "NBAHEAD0000005", hours=5, urgent=True)
        before = await report(running, end_time=Timestamp(seconds=hour + 3600))
        after = await report(running, start_time=Timestamp(seconds=hour + 3600))
        assert (before["URGENT"], after["URGENT"]) == ((1, 0, {"NOT_ASKED": 1}), (1, 1, {}))
        empty = schemes.ReportSchemesRequest(start_time=Timestamp(seconds=hour), end_time=Timestamp(seconds=hour))
        with pytest.raises(FormInvalid):
            await running.operator.call(REPORT, empty, schemes.ReportSchemesResponse)
        request = schemes.ReportSchemesRequest()
        with pytest.raises(CallerNotListed):
            await running.gateway.call(REPORT, request, schemes.ReportSchemesResponse)

    customs(tmp_path, story)
