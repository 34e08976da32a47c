"""Who may come in, over real sockets with real certificates."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2

from agencykit.identity import Identity
from agencykit.pki import create_authority, issue_tls, self_signed
from agencykit.refusals import BrokerMismatch, CallerNotListed, IdentityMissing
from agencykit.rpc.peer import Peer, identity_of
from agencykit.rpc.trailer import refusal_of
from agencykit.rpc.transport import Unreachable
from clearance.agency.v1 import work_service_pb2 as work

LIST = "/clearance.agency.v1.WorkService/ListWork"
HEALTH = "/grpc.health.v1.Health/Check"
LI_WEI = Identity.of_district("ningbo", "operator/li-wei")


async def list_work(caller: Any) -> Any:
    return await caller.unary(LIST, work.ListWorkRequest(), work.ListWorkResponse, timeout_seconds=5)


async def test_a_listed_caller_is_answered_and_known_by_its_uri_name(open_house: Any) -> None:
    async with open_house() as house:
        answer = await list_work(house.caller())
        assert answer.next_page_token == "lantern"
        assert [call.identity for call in house.office.calls] == [LI_WEI]


async def test_a_caller_who_is_not_listed_is_refused(open_house: Any) -> None:
    async with open_house() as house:
        with pytest.raises(CallerNotListed) as refused:
            await list_work(house.caller("broker/3104980001"))
        assert refused.value.metadata == {
            "identity": "spiffe://ningbo.clearance/broker/3104980001",
            "method": LIST,
        }
        assert house.office.calls == []


async def test_an_empty_list_of_callers_means_nobody(open_house: Any) -> None:
    async with open_house(callers=()) as house:
        with pytest.raises(CallerNotListed):
            await list_work(house.caller())


async def test_settings_replace_the_list_of_callers(open_house: Any) -> None:
    callers = {"clearance.agency.v1.WorkService": ["broker/*"]}
    async with open_house(callers_setting=callers) as house:
        await list_work(house.caller("broker/3104980001"))
        with pytest.raises(CallerNotListed):
            await list_work(house.caller())


async def test_officers_of_one_agency_are_nobody_at_another(open_house: Any) -> None:
    async with open_house(own_officers=["operator/officer-customs", "operator/port-office"]) as house:
        await list_work(house.caller("operator/port-office"))
        with pytest.raises(CallerNotListed):
            await list_work(house.caller("operator/officer-border"))
    service = "clearance.agency.v1.WorkService"
    async with open_house(
        own_officers=["operator/officer-customs"], callers_setting={service: ["operator/*"]}
    ) as house:
        await list_work(house.caller("operator/officer-border"))


async def test_the_call_of_a_refused_caller_does_not_reveal_the_form(open_house: Any) -> None:
    async with open_house() as house:
        caller = house.caller("broker/3104980001")
        with pytest.raises(CallerNotListed):
            await caller.unary(LIST, work.ListWorkRequest(page_size=-1), work.ListWorkResponse, timeout_seconds=5)


@pytest.mark.parametrize("kind", ["foreign authority", "expired", "not yet in force", "self-signed"])
async def test_a_certificate_that_nobody_here_vouches_for_gets_no_connection(open_house: Any, kind: str) -> None:
    async with open_house() as house:
        made = {
            "foreign authority": lambda: issue_tls(create_authority("ningbo"), [LI_WEI]),
            "expired": lambda: issue_tls(house.district.authority, [LI_WEI], lifetime=timedelta(hours=-1)),
            "not yet in force": lambda: issue_tls(
                house.district.authority, [LI_WEI], now=datetime.now(UTC) + timedelta(days=1)
            ),
            "self-signed": lambda: self_signed(LI_WEI),
        }[kind]()
        with pytest.raises(Unreachable) as failed:
            await list_work(house.caller(files=house.district.files("operator/intruder", made)))
        assert failed.value.code is grpc.StatusCode.UNAVAILABLE
        assert house.office.calls == []


@pytest.mark.parametrize(("begins", "lasts", "told"), [(0, -1, "expired at 20"), (24, 48, "is in force from 20")])
async def test_a_client_whose_own_certificate_is_not_in_force_says_so_and_no_outage_does(
    open_house: Any, begins: int, lasts: int, told: str
) -> None:
    async with open_house() as house:
        begin, lifetime = datetime.now(UTC) + timedelta(hours=begins), timedelta(hours=lasts)
        issued = issue_tls(house.district.authority, [LI_WEI], now=begin, lifetime=lifetime)
        with pytest.raises(Unreachable) as failed:
            await list_work(house.caller(files=house.district.files("operator/late", issued)))
        assert f"the own certificate {told}" in failed.value.detail
        with pytest.raises(Unreachable) as failed:
            await list_work(house.caller(address="127.0.0.1:1"))
        assert "certificate" not in failed.value.detail


async def test_an_identity_that_the_call_itself_claims_counts_for_nothing(open_house: Any) -> None:
    async with open_house() as house, house.raw(house.district.files("broker/3104980001")) as channel:
        claims = [(name, str(LI_WEI)) for name in ("identity", "x-spiffe-id", "x-forwarded-client-cert", "from")]
        claims.append(("authorization", f"Bearer {LI_WEI}"))
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await channel.unary_unary(LIST)(b"", timeout=5, metadata=claims)
        refused = refusal_of(failed.value.trailing_metadata(), failed.value.code())
        assert isinstance(refused, CallerNotListed)
        assert refused.metadata["identity"] == "spiffe://ningbo.clearance/broker/3104980001"
        assert str(LI_WEI) not in house.log_text()


async def test_who_is_refused_is_told_of_with_the_certificates_serial_number(open_house: Any) -> None:
    async with open_house() as house:
        names = [LI_WEI, Identity.of_district("ningbo", "operator/wang-fang")]
        issued = issue_tls(house.district.authority, names)
        with pytest.raises(IdentityMissing):
            await list_work(house.caller(files=house.district.files("operator/odd", issued)))
        [line] = [each for each in map(json.loads, house.log_text().splitlines()) if each["event"] == "caller.refused"]
        assert (line["level"], line["method"], line["reason"]) == ("warning", LIST, "IDENTITY_MISSING")
        assert line["identity"] == f"{names[0]} {names[1]}"
        assert line["serial"] == f"{issued.certificate.serial_number:x}"


async def test_who_speaks_in_anothers_name_is_told_of_under_his_own(open_house: Any) -> None:
    async with open_house() as house:

        async def refuse(_request: Any, _call: Any) -> Any:
            raise BrokerMismatch("3104980002")

        house.office.then = refuse
        with pytest.raises(BrokerMismatch):
            await list_work(house.caller())
        [line] = [each for each in map(json.loads, house.log_text().splitlines()) if each["event"] == "caller.refused"]
        assert (line["identity"], line["reason"]) == (str(LI_WEI), "BROKER_MISMATCH")


async def test_health_is_told_to_every_identity_and_to_nobody_without_one(open_house: Any, tmp_path: Any) -> None:
    denied = tmp_path / "denied.toml"
    denied.write_text('identities = ["spiffe://ningbo.clearance/haulier/YONGGANG"]')
    async with open_house(denied_file=denied) as house:
        asked = (HEALTH, health_pb2.HealthCheckRequest(), health_pb2.HealthCheckResponse)
        answer = await house.caller("terminal/BEILUN-2").unary(*asked, timeout_seconds=5)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        nobody = house.district.files("operator/odd", issue_tls(house.district.authority, []))
        for caller in (house.caller(files=nobody), house.caller("haulier/YONGGANG")):
            with pytest.raises(IdentityMissing):
                await caller.unary(*asked, timeout_seconds=5)


async def test_without_a_certificate_there_is_no_connection(open_house: Any) -> None:
    async with open_house() as house:
        options = [("grpc.ssl_target_name_override", "customs.ningbo.clearance")]
        credentials = grpc.ssl_channel_credentials(house.district.files("customs").ca.read_bytes())
        async with grpc.aio.secure_channel(house.address, credentials, options) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as failed:
                await channel.unary_unary(LIST)(b"", timeout=5)
        assert failed.value.code() is grpc.StatusCode.UNAVAILABLE
        assert house.office.calls == []


@pytest.mark.parametrize(
    "names",
    [
        [],
        [LI_WEI, Identity.of_district("ningbo", "operator/wang-fang")],
        [Identity.of_district("ningbo", "gateway"), Identity.of_district("ningbo", "customs")],
        [Identity.of_district("shanghai", "operator/li-wei")],
        ["https://ningbo.clearance/operator/li-wei"],
        ["spiffe://ningbo.clearance/operator/li-wei/../gateway"],
    ],
    ids=["none", "two officers", "two agencies", "another district", "not an identity", "a climbing path"],
)
async def test_anything_but_one_uri_name_of_the_own_trust_domain_is_no_identity(open_house: Any, names: Any) -> None:
    async with open_house() as house:
        files = house.district.files("operator/odd", issue_tls(house.district.authority, names))
        with pytest.raises(IdentityMissing):
            await list_work(house.caller(files=files))
        assert house.office.calls == []


async def test_the_common_name_proves_nothing(open_house: Any) -> None:
    async with open_house() as house:
        issued = issue_tls(house.district.authority, [], dns_names=[LI_WEI.host_name])
        with pytest.raises(IdentityMissing):
            await list_work(house.caller(files=house.district.files("operator/unnamed", issued)))


async def test_a_server_with_another_identity_is_not_spoken_to(open_house: Any) -> None:
    async with open_house() as house:
        with pytest.raises(Unreachable) as failed:
            await list_work(house.caller(expected="border"))
        assert failed.value.code is grpc.StatusCode.UNAVAILABLE
        assert house.office.calls == []


@pytest.mark.parametrize("by", ["identity", "serial"])
async def test_a_denied_certificate_is_shut_out_at_once_on_a_living_connection(
    open_house: Any, tmp_path: Any, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agencykit.rpc.denied._REREAD_SECONDS", 0.0)
    denied = tmp_path / "denied.toml"
    denied.write_text("")
    async with open_house(denied_file=denied) as house:
        issued = issue_tls(house.district.authority, [LI_WEI])
        caller = house.caller(files=house.district.files("operator/li-wei", issued))
        await list_work(caller)
        serial = f"{issued.certificate.serial_number:040X}"
        denied.write_text(f'identities = ["{LI_WEI}"]' if by == "identity" else f'serials = ["{serial}"]')
        with pytest.raises(IdentityMissing):
            await list_work(caller)


def test_a_certificate_that_ends_on_a_living_connection_is_out_at_its_end() -> None:
    end = datetime(2004, 11, 17, tzinfo=UTC)
    peer = Peer((str(LI_WEI),), "5f", end, voucher="ningbo.clearance")
    assert identity_of(peer, {"ningbo.clearance"}, end - timedelta(seconds=1)) == LI_WEI
    with pytest.raises(IdentityMissing):
        identity_of(peer, {"ningbo.clearance"}, end)
