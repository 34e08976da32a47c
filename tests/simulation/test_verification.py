"""Goods declared at Hangzhou are verified and released at Ningbo's port (属地申报、口岸验放)."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from aside import aside, changed, requeue
from cryptography import x509
from guaranteed import Guaranteed
from simulated import CALL_SECONDS
from verified import HOME, OWING, PORT, Verified, rest, told_verified

from agencykit.evidence.clearance import verify_clearance
from agencykit.refusals import FormInvalid, NotFound
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.order_pb2 import ReleaseOrder
from clearance.gateway.v1.clearance_service_pb2 import GetEvidenceRequest, GetEvidenceResponse
from clearance.gateway.v1.quarantine_service_pb2 import QuarantinedItem as Item
from gateway.domain import policy


def test_goods_declared_at_home_leave_another_districts_port_and_both_cases_are_closed(tmp_path: Path) -> None:
    async def story(both: Verified) -> None:
        clearance = await both.submitted()
        number, [container] = clearance.number, clearance.consignment.containers
        assert (clearance.verified_at_district, list(clearance.policy.asked_agencies)) == (PORT, ["customs", PORT])
        # Home releases once the port's agencies agree; the port, once home has: neither before the other.
        assert await both.states(number) == ("RELEASED", "IN_PROGRESS")
        assert await both.waits(both.port, number) == {f"{HOME} home_release"}
        early = await both.leave(number, container.number)
        assert early.HasField("error")
        await rest()
        assert await both.states(number) == ("RELEASED", "RELEASED")
        at_port = await both.at(both.port, number)
        assert (at_port.declared_at_district, at_port.trace_id) == (HOME, clearance.trace_id)
        for seen in (await both.at(both.home, number), at_port):
            [signed] = seen.orders
            order = ReleaseOrder.FromString(signed.order_bytes)
            assert order.release_mode == "05"
            assert {each.agency for each in order.decisions} == set(seen.policy.required_agencies)
        assert (await both.leave(number, container.number)).HasField("gate_out")
        await rest()
        assert await both.states(number) == ("CLOSED", "CLOSED")
        [left] = (await both.at(both.home, number)).exits
        assert (left.container_number, left.last) == (container.number, True)
        for district in (both.home, both.port):
            district.parties["gateway"].telemetry.flush()

    stores = {name: tmp_path / f"{name}.spans" for name in (HOME, PORT)}
    told_verified(tmp_path, story, **{name: {"span_store": store} for name, store in stores.items()})
    # One trace: the port's stands below home's.
    [root], [at_port] = (clearance_spans(stores[name]) for name in (HOME, PORT))
    assert at_port[::2] == root[:2]


def clearance_spans(store: Path) -> list[tuple[str, str, str]]:
    """Trace, span and parent of what a clearance's way begins with."""
    with closing(sqlite3.connect(store)) as connection:
        query = "SELECT trace_id, span_id, parent_span_id FROM spans WHERE name = 'clearance'"
        return connection.execute(query).fetchall()


def test_what_customs_at_home_selects_is_examined_at_the_port_and_both_wait_for_it(tmp_path: Path) -> None:
    async def story(both: Verified) -> None:
        number = (await both.submitted()).number
        await rest()
        assert await both.states(number) == ("EXAMINATION", "EXAMINATION")
        assert await both.waits(both.home, number) == {f"{PORT} officer_result"}
        assert {share.holder for share in (await both.at(both.home, number)).clock.shares} == {PORT}
        [of_port] = [each for each in (await both.at(both.home, number)).agencies if each.agency == PORT]
        assert of_port.decision.verdict == Decision.VERDICT_EXAMINE
        [of_customs] = [each for each in (await both.at(both.port, number)).agencies if each.agency == "customs"]
        assert [found.rule_id for found in of_customs.decision.findings] == ["CUS-205"]
        assert await both.home.clear_work("customs", number) == 0
        assert await both.port.clear_work("customs", number) == 1
        await rest()
        assert await both.states(number) == ("RELEASED", "RELEASED")

    told_verified(tmp_path, story, lane="red")


def test_goods_go_on_a_guarantee_that_is_given_at_home_and_the_port_asks_for_none(tmp_path: Path) -> None:
    async def story(both: Verified) -> None:
        clearance = await both.submitted(OWING, doubted=True)
        number, home = clearance.number, Guaranteed(both.home)
        assert await both.states(number) == ("ON_HOLD", "")
        await home.enter(clearance.consignment.trader.identifier)
        await home.ask(clearance)
        await rest()
        assert await both.states(number) == ("RELEASED_ON_GUARANTEE", "RELEASED")

    told_verified(tmp_path, story)


def test_who_is_not_entitled_is_refused_and_the_port_never_hears_of_it(tmp_path: Path) -> None:
    async def story(both: Verified) -> None:
        clearance = await both.submitted()
        [of_customs, _] = clearance.agencies
        assert "CUS-204" in [found.rule_id for found in of_customs.decision.findings]
        assert await both.state(both.home, clearance.number) == "REFUSED"
        await rest()
        with pytest.raises(NotFound):
            await both.at(both.port, clearance.number)
        for nowhere in ("2201", "9901"):
            with pytest.raises(FormInvalid, match="verification_office_code"):
                await both.submitted(office=nowhere)

    told_verified(tmp_path, story, schemes="")


def test_a_port_whose_own_traders_declare_for_no_other_port_tells_homes_all_the_same(tmp_path: Path) -> None:
    offered = Path(policy.__file__).with_name("policy.toml").read_text("utf-8")
    (tmp_path / "at_port.toml").write_text(offered.replace('[verification]\nhome = ["customs"]\n', ""))
    assert "home =" not in (tmp_path / "at_port.toml").read_text()

    async def story(both: Verified) -> None:
        both.port.cut("border")
        number = (await both.submitted()).number
        assert await both.states(number) == ("IN_PROGRESS", "IN_PROGRESS")
        both.port.mend("border")
        await rest(60)
        assert await both.states(number) == ("RELEASED", "RELEASED")

    told_verified(tmp_path, story, ningbo={"policy_file": tmp_path / "at_port.toml"})


def test_a_hold_of_the_port_keeps_the_goods_in_both_districts_also_after_release(tmp_path: Path) -> None:
    async def story(both: Verified) -> None:
        clearance = await both.submitted()
        number, [container] = clearance.number, clearance.consignment.containers
        await rest()
        await both.hold(clearance)
        await rest()
        assert await both.states(number) == ("RELEASE_STOPPED", "RELEASE_STOPPED")
        assert (await both.leave(number, container.number)).HasField("error")
        await both.lift(clearance)
        await rest()
        assert await both.states(number) == ("RELEASED", "RELEASED")
        assert (await both.leave(number, container.number)).HasField("gate_out")

    told_verified(tmp_path, story)


def test_what_proves_a_release_in_two_districts_needs_the_authorities_of_both(tmp_path: Path) -> None:
    async def story(both: Verified) -> None:
        number = (await both.submitted()).number
        await rest()
        authorities = {
            name: x509.load_pem_x509_certificates((tmp_path / name / "ca.pem").read_bytes()) for name in (HOME, PORT)
        }
        for district in (both.home, both.port):
            told = (
                await district.transport("gateway", "operator/port-office").unary(
                    "/clearance.gateway.v1.ClearanceService/GetEvidence",
                    GetEvidenceRequest(number=number),
                    GetEvidenceResponse,
                    timeout_seconds=CALL_SECONDS,
                )
            ).evidence
            assert verify_clearance(told, authorities).faults == []
            own = {district.name: authorities[district.name]}
            assert any("no trusted authority" in fault for fault in verify_clearance(told, own).faults)

    told_verified(tmp_path, story)


def test_a_damaged_case_of_another_district_keeps_nothing_else_from_being_said(tmp_path: Path) -> None:
    async def story(both: Verified) -> None:
        bad = (await both.submitted()).number
        await rest()
        row = f"cases WHERE number = '{bad}'"
        whole = changed(tmp_path, PORT, "asks", row, "damaged")
        changed(tmp_path, PORT, "due", f"verifications WHERE number = '{bad}'", "1")
        good = (await both.submitted()).number
        await rest(30)
        assert await both.states(good) == ("RELEASED", "RELEASED")
        items = {item.kind: item for item in await aside(both.port)}
        assert items[Item.KIND_VERIFICATION].number == bad
        changed(tmp_path, PORT, "asks", row, whole)
        for kind in items:
            await requeue(both.port, kind)
        await rest(10)
        assert not await aside(both.port)
        assert await both.states(bad) == ("RELEASED", "RELEASED")

    told_verified(tmp_path, story)
