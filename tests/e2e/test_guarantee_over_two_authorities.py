"""Two districts with an authority each, over real sockets: goods of one go on a guarantee of the other."""

from pathlib import Path

import pytest
from guaranteed import ABROAD, Guaranteed
from joined import RealDistrict, eventually, files_of, joined

from agencykit.identity import Identity
from agencykit.pki import issue_tls, load
from agencykit.refusals import CallerNotListed, DistrictMismatch, IdentityMissing
from agencykit.rpc.certificates import TlsFiles
from agencykit.rpc.channel import GrpcTransport
from agencykit.rpc.transport import Unreachable, Written
from clearance.customs.v1.guarantee_pb2 import GuaranteeUse, GuaranteeUseKey
from clearance.district.v1 import district_service_pb2 as pb
from clearance.gateway.v1 import clearance_service_pb2 as clearances
from clearance.gateway.v1.clearance_pb2 import Clearance
from clearance.gateway.v1.guarantee_release_service_pb2 import GuaranteeRelease

LIST = "/clearance.gateway.v1.ClearanceService/ListClearances"


async def test_goods_of_hangzhou_go_on_a_guarantee_of_ningbo_and_what_is_forged_or_not_its_own_is_refused(
    tmp_path: Path,
) -> None:
    """One pair of districts for all of it: to start them is what takes its time."""
    async with joined(tmp_path) as (hangzhou, ningbo):
        clearance = await hangzhou.submitted()
        await ningbo.enter(clearance.consignment.trader.identifier)
        release = await hangzhou.ask(clearance)
        assert (release.state, release.home_district) == (GuaranteeRelease.STATE_CONFIRMED, "ningbo")

        async def released() -> bool:
            return (await hangzhou.read(clearance)).state == Clearance.STATE_RELEASED_ON_GUARANTEE

        await eventually(released)
        [use] = await ningbo.uses()
        assert (use.district, use.state) == ("hangzhou", GuaranteeUse.STATE_CONFIRMED)
        await hangzhou.district.clear_work("customs")

        async def credited() -> bool:
            return [each.state for each in await hangzhou.releases(clearance)] == [GuaranteeRelease.STATE_CREDITED]

        await eventually(credited)
        assert [each.state for each in await ningbo.uses()] == [GuaranteeUse.STATE_CREDITED]
        assert not await ningbo.differences()
        await refusals(hangzhou, ningbo, clearance.number)


async def refusals(hangzhou: Guaranteed, ningbo: Guaranteed, number: str) -> None:
    """By Ningbo's gateway: another district's number, and names of Ningbo that Hangzhou's authority has made."""
    here, there = ningbo.district, hangzhou.district
    assert isinstance(here, RealDistrict)
    assert isinstance(there, RealDistrict)

    def caller(files: TlsFiles) -> GrpcTransport:
        # As Hangzhou's gateway does: only Ningbo's authority may vouch for Ningbo's gateway.
        trusting = TlsFiles(here.folder / "ca.pem", files.cert, files.key)
        expected, address = Identity.of_district("ningbo", "gateway"), f"127.0.0.1:{here.ports['gateway']}"
        made = GrpcTransport(address, trusting, expected, here.telemetry, here.runtime.clock)
        here.stack.push_async_callback(made.close)
        return made

    def forged(path: str) -> TlsFiles:
        authority = load(there.folder / "ca.pem", there.folder / "ca.key")
        files = TlsFiles(there.folder / "ca.pem", there.folder / "forged.pem", there.folder / "forged.key")
        issue_tls(authority, [Identity.of_district("ningbo", path)]).write(files.cert, files.key)
        return files

    def asked(clearance_number: str) -> pb.GetGuaranteeUseRequest:
        return pb.GetGuaranteeUseRequest(key=GuaranteeUseKey(clearance_number=clearance_number, generation=1))

    partner, method = caller(files_of(there.folder, "hangzhou", "gateway")), f"{ABROAD}GetGuaranteeUse"
    found = await partner.unary(method, asked(number), pb.GetGuaranteeUseResponse, timeout_seconds=5)
    assert found.use.district == "hangzhou"
    with pytest.raises(DistrictMismatch):
        await partner.unary(method, asked("31002004X"), pb.GetGuaranteeUseResponse, timeout_seconds=5)
    for path in ("gateway", "operator/port-office", "broker/3104980001"):
        intruder = caller(forged(path))
        with pytest.raises(IdentityMissing):
            await intruder.unary(method, asked(number), pb.GetGuaranteeUseResponse, timeout_seconds=5)
        request, answer = clearances.ListClearancesRequest(), clearances.ListClearancesResponse
        with pytest.raises(IdentityMissing):
            await intruder.unary(LIST, request, answer, timeout_seconds=5)
    await walk(here, partner, [caller(forged(path)) for path in ("gateway", "operator/port-office", "customs")])
    # Customs has no partners: Hangzhou's authority is nobody there, whatever it puts its name to.
    for path in ("gateway", "customs", "operator/officer-customs"):
        files = forged(path)
        address, expected = f"127.0.0.1:{here.ports['customs']}", Identity.of_district("ningbo", "customs")
        trusting = TlsFiles(here.folder / "ca.pem", files.cert, files.key)
        at_customs = GrpcTransport(address, trusting, expected, here.telemetry, here.runtime.clock)
        with pytest.raises(Unreachable):
            await at_customs.unary(method, asked(number), pb.GetGuaranteeUseResponse, timeout_seconds=5)
        await at_customs.close()


async def first(caller: GrpcTransport, method: str) -> None:
    """A call with nothing in it, whether the method streams or not: who calls is looked at before what is asked."""
    nothing, answer = Written(b""), pb.GetGuaranteeUseResponse
    if "Watch" in method or "Follow" in method:
        async for _ in caller.stream(method, nothing, answer, timeout_seconds=5):
            return
    await caller.unary(method, nothing, answer, timeout_seconds=5)


async def walk(here: RealDistrict, partner: GrpcTransport, intruders: list[GrpcTransport]) -> None:
    """Every method of the gateway: all but DistrictService's refuse a partner's gateway, and all a forged name."""
    walked = here.methods["gateway"]
    for method in walked:
        if not method.startswith(ABROAD):
            with pytest.raises(CallerNotListed):
                await first(partner, method)
        for intruder in intruders:
            with pytest.raises(IdentityMissing):
                await first(intruder, method)
    assert len({method.rpartition("/")[0] for method in walked}) > 5
