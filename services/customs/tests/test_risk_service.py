"""Selection in the running service: what is selected waits for an officer, and what he finds comes back."""

import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from agencykit.refusals import FormInvalid, NotFound
from agencykit.runtime import real_runtime
from agencykit.storage.rows import Fields, run
from agencykit.testing.consignments import assessment_item, sea_import
from agencykit.testing.inline_agency import InlineAgency, inline_agency
from agencykit.testing.postgres import own_database
from agencykit.testing.running import WORK_SERVICE, agency_settings
from clearance.agency.v1 import work_service_pb2 as work
from clearance.common.v1.decision_pb2 import Decision
from clearance.customs.v1 import register_service_pb2 as pb
from clearance.customs.v1 import risk_service_pb2 as risk
from customs.app import CustomsSettings, build
from customs.domain.risk.profile import Profile
from customs.operations import reporting
from customs.storage.risk_profile import parse_profile

PROFILE = """
version = "test"
[selection]
random_minimum_percent = "0"
expected_percent = "0"
window_hours = 24
least_declared = 100
[throttle]
inspected = 40
rate_percent = "20"
[relief]
fast_lane_percent = "0"
high_tech_percent = "40"
convenience_percent = "50"
[weights]
safety = "1"
health = "1"
quarantine = "1"
environment = "1"
fraud = "1"
"""
CRITERION = """
[[criterion]]
id = "R-{lane}"
version = 4
zh = "测试"
en = "test"
concern = "fraud"
lane = "{lane}"
rate_percent = "100"
[criterion.when]
origins = ["{origin}"]
"""
RISK = "/clearance.customs.v1.RiskService/"
REGISTER = "/clearance.customs.v1.RegisterService/"
ORIGINS = {"red": "DE", "yellow": "FR", "blue": "IT"}


@pytest.fixture
async def customs(tmp_path: Path) -> AsyncIterator[InlineAgency]:
    """Customs that examines goods from Germany, reads the papers of French and audits Italian ones."""
    criteria = [CRITERION.format(lane=lane, origin=origin) for lane, origin in ORIGINS.items()]
    (tmp_path / "risk.toml").write_text(PROFILE + "".join(criteria))
    url = own_database(tmp_path / "customs.db")
    settings = agency_settings(CustomsSettings, "customs", url, risk_profile_file=tmp_path / "risk.toml")
    async with inline_agency(build, settings, "customs", real_runtime()) as running:
        await register(running)
        yield running


async def register(
    customs: InlineAgency,
    enterprise_class: "pb.Enterprise.EnterpriseClass.ValueType" = pb.Enterprise.ENTERPRISE_CLASS_B,
) -> None:
    enterprises = pb.RegisterEnterprisesRequest(request_id=customs.runtime.ids.uuid())
    enterprises.enterprises.add(identifier="3302910001", enterprise_class=enterprise_class)
    brokers = pb.RegisterBrokersRequest(request_id=customs.runtime.ids.uuid())
    brokers.brokers.add(licence="3104980001", quality_percent=87)
    await customs.operator.call(f"{REGISTER}RegisterEnterprises", enterprises, pb.RegisterEnterprisesResponse)
    await customs.operator.call(f"{REGISTER}RegisterBrokers", brokers, pb.RegisterBrokersResponse)


async def declare(customs: InlineAgency, number: str, origin: str, version: int = 1) -> Decision:
    consignment = sea_import(number)
    consignment.items[0].origin_country_code = origin
    item = assessment_item(number, consignment, request_id=customs.runtime.ids.uuid(), version=version)
    [answer] = await customs.gateway.assess(item)
    return customs.verifier.verify(answer.decision)


def criteria(decision: Decision) -> dict[str, str]:
    found = (each for each in decision.findings if each.rule_id.startswith("CUS-18"))
    return {each.rule_id: each.parameters["criteria"] for each in found}


async def record(customs: InlineAgency, number: str, *finds: work.Find, cleared: bool = True) -> work.Work:
    [piece] = (await customs.operator.list_work(number)).work
    await customs.operator.take_work(piece.id)
    outcome = work.WorkResult.OUTCOME_CLEARED if cleared else work.WorkResult.OUTCOME_REFUSED
    result = work.WorkResult(outcome=outcome, reason="开箱查验", finds=finds)
    request = work.RecordWorkRequest(request_id=customs.runtime.ids.uuid(), work_id=piece.id, result=result)
    return (await customs.operator.call(f"{WORK_SERVICE}RecordWork", request, work.RecordWorkResponse)).work


async def rows(customs: InlineAgency, text: str) -> list[Fields]:
    def read(connection: Connection) -> list[Fields]:
        return run(connection, text)

    return await customs.app.parts.database.read(read)


async def test_each_lane_leads_where_it_should_and_names_its_criterion(customs: InlineAgency) -> None:
    verdicts = {}
    for origin in ("DE", "FR", "IT", "JP"):
        decision = await declare(customs, f"NBRISK00000{origin}", origin)
        verdicts[origin] = (Decision.Verdict.Name(decision.verdict).removeprefix("VERDICT_"), criteria(decision))
    assert verdicts == {
        "DE": ("EXAMINE", {"CUS-181": "R-red/4"}),
        "FR": ("HOLD", {"CUS-182": "R-yellow/4"}),
        "IT": ("APPROVED_WITH_OBLIGATIONS", {"CUS-183": "R-blue/4"}),
        "JP": ("APPROVED_WITH_OBLIGATIONS", {}),
    }


async def test_an_officers_find_is_told_again_and_stands_in_customs_own_rows(customs: InlineAgency) -> None:
    number = "NBRISK00000017"
    await declare(customs, number, "DE")
    find = work.Find(kind=work.Find.KIND_UNDERVALUATION, description="发票价格不实", item_numbers=[1])
    done = await record(customs, number, find)
    assert list(done.result.finds) == [find]
    second = customs.verifier.verify(await customs.gateway.next_revision(number, 2))
    assert second.verdict == Decision.VERDICT_APPROVED_WITH_OBLIGATIONS, "what was found did not speak against release"
    assert await rows(customs, "SELECT clearance_number, found FROM risk_examinations") == [(number, 1)]


async def test_a_check_of_documents_that_finds_nothing_ends_the_hold(customs: InlineAgency) -> None:
    number = "NBRISK00000018"
    await declare(customs, number, "FR")
    await record(customs, number)
    second = customs.verifier.verify(await customs.gateway.next_revision(number, 2))
    assert second.verdict == Decision.VERDICT_APPROVED_WITH_OBLIGATIONS
    assert await rows(customs, "SELECT found FROM risk_examinations") == [(0,)]


async def test_an_amendment_of_the_origin_does_not_shake_the_examination_off(customs: InlineAgency) -> None:
    number = "NBRISK00000019"
    await declare(customs, number, "DE")
    amended = await declare(customs, number, "IT", version=2)
    assert amended.verdict == Decision.VERDICT_EXAMINE
    assert criteria(amended) == {"CUS-181": "R-red/4"}
    strata = await rows(customs, "SELECT stratum FROM risk_marks ORDER BY stratum")
    assert strata == [("R-blue",), ("R-red",)]
    assert await rows(customs, "SELECT sum(declared) FROM risk_traffic") == [(1,)]


async def test_a_benefit_is_told_with_what_selected_the_goods_all_the_same(customs: InlineAgency) -> None:
    await register(customs, pb.Enterprise.ENTERPRISE_CLASS_A)
    passed = await declare(customs, "NBRISK00000023", "JP")
    assert {one.rule_id: one.parameters["selected_by"] for one in passed.findings if one.rule_id == "CUS-192"} == {
        "CUS-192": "-"
    }
    told = set()
    for number in range(24, 44):
        decision = await declare(customs, f"NBRISK000000{number}", "DE")
        told |= {one.parameters["selected_by"] for one in decision.findings if one.rule_id == "CUS-192"}
    assert told == {"-", "R-red/4"}, "of twenty about half are selected: not all, as they were without the benefit"


async def test_the_draw_and_its_rate_are_recorded_with_the_decision(customs: InlineAgency) -> None:
    await declare(customs, "NBRISK00000020", "DE")
    [(facts,)] = await rows(customs, "SELECT facts FROM decisions")
    assert b'"lane":"RED","marks":[["R-red",4,"RED","DRAWN",' in facts
    assert b'"quality_percent":87' in facts


async def test_the_blue_lane_may_go_at_once_and_its_audit_afterwards_can_take_the_approval_back(
    customs: InlineAgency,
) -> None:
    good, bad = "NBRISK00000021", "NBRISK00000022"
    for number in (good, bad):
        assert (await declare(customs, number, "IT")).verdict == Decision.VERDICT_APPROVED_WITH_OBLIGATIONS
        [audit] = (await customs.operator.list_work(number)).work
        assert (audit.kind, list(audit.rule_ids)) == (work.Work.KIND_FOLLOW_UP, ["CUS-183"])
    await record(customs, good)
    await record(customs, bad, work.Find(kind=work.Find.KIND_UNDERVALUATION), cleared=False)
    verdicts = [
        customs.verifier.verify(await customs.gateway.next_revision(number, 2)).verdict for number in (good, bad)
    ]
    assert verdicts == [Decision.VERDICT_APPROVED_WITH_OBLIGATIONS, Decision.VERDICT_RECALLED]
    found = await rows(customs, "SELECT clearance_number, found FROM risk_examinations ORDER BY 1")
    assert found == [(good, 0), (bad, 1)]


async def test_a_brokers_quality_and_an_enterprises_record_are_measured(customs: InlineAgency) -> None:
    await declare(customs, "NBRISK00000051", "JP")
    await declare(customs, "NBRISK00000052", "")
    await declare(customs, "NBRISK00000053", "DE")
    await declare(customs, "NBRISK00000054", "FR")
    unpriced = sea_import("NBRISK00000055")
    unpriced.items[0].ClearField("value")
    item = assessment_item("NBRISK00000055", unpriced, request_id=customs.runtime.ids.uuid())
    await customs.gateway.assess(item)
    await record(customs, "NBRISK00000053", work.Find(kind=work.Find.KIND_QUANTITY))
    await record(customs, "NBRISK00000054")
    await register(customs, pb.Enterprise.ENTERPRISE_CLASS_C)
    broker = await customs.operator.call(
        f"{REGISTER}GetBroker", pb.GetBrokerRequest(licence=" 3104980001"), pb.GetBrokerResponse
    )
    figures = broker.figures
    assert (figures.declared, figures.asked_back, figures.inspected, figures.found) == (5, 1, 2, 1)
    assert (figures.sound_rate, figures.hit_rate, broker.broker.quality_percent) == (0.8, 0.5, 87)
    enterprise = await customs.operator.call(
        f"{REGISTER}GetEnterprise", pb.GetEnterpriseRequest(identifier="3302910001"), pb.GetEnterpriseResponse
    )
    assert [one.enterprise_class for one in enterprise.classes] == [
        pb.Enterprise.ENTERPRISE_CLASS_C,
        pb.Enterprise.ENTERPRISE_CLASS_B,
    ]
    assert (enterprise.inspected, enterprise.found) == (2, 1)
    for method, request, response in (
        ("GetBroker", pb.GetBrokerRequest(licence="9"), pb.GetBrokerResponse),
        ("GetEnterprise", pb.GetEnterpriseRequest(identifier="9"), pb.GetEnterpriseResponse),
    ):
        with pytest.raises(NotFound):
            await customs.operator.call(f"{REGISTER}{method}", request, response)


async def test_a_review_of_another_rule_is_no_inspection(customs: InlineAgency) -> None:
    number = "NBRISK00000056"
    dear = sea_import(number)
    dear.items[0].origin_country_code = "JP"
    dear.items[0].value.minor_units = dear.invoice_total.minor_units = 99_000_000_000
    await customs.gateway.assess(assessment_item(number, dear, request_id=customs.runtime.ids.uuid()))
    [piece] = (await customs.operator.list_work(number)).work
    assert piece.kind == work.Work.KIND_REVIEW
    await record(customs, number)
    assert await rows(customs, "SELECT found FROM risk_examinations") == []


async def test_a_profile_is_read_beside_the_event_loop_and_a_bad_one_told_fault_by_fault(
    customs: InlineAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A profile may hold 256 KiB, and reading that takes a quarter of a second."""
    places = []

    def watched(text: str) -> Profile:
        places.append(threading.current_thread())
        return parse_profile(text)

    monkeypatch.setattr(reporting, "parse_profile", watched)
    for content in (b"version = [[[[", b"\xff"):
        with pytest.raises(FormInvalid):
            await customs.operator.call(
                f"{RISK}BacktestProfile", risk.BacktestProfileRequest(profile=content), risk.BacktestProfileResponse
            )
    assert threading.current_thread() not in places
    assert len(places) == 1
