"""Two districts, each with its own authority, over real sockets: an authority vouches for its own names only."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest

from agencykit.identity import Identity
from agencykit.pki import Issued, create_authority, issue_tls
from agencykit.refusals import CallerNotListed, IdentityMissing
from agencykit.rpc.certificates import PartnerTls, TlsFiles
from agencykit.rpc.channel import GrpcTransport
from agencykit.rpc.transport import Unreachable
from agencykit.rpc.trust import Authority
from agencykit.settings import SettingsError
from clearance.agency.v1 import agency_service_pb2 as agency
from clearance.agency.v1 import work_service_pb2 as work

LIST = "/clearance.agency.v1.WorkService/ListWork"
DESCRIBE = "/clearance.agency.v1.AgencyService/DescribeAgency"
ABROAD, HOME = Identity.of_district("hangzhou", "gateway"), Identity.of_district("ningbo", "gateway")
CALLERS = (str(ABROAD), "gateway", "operator/*")


async def list_work(caller: Any) -> Any:
    return await caller.unary(LIST, work.ListWorkRequest(), work.ListWorkResponse, timeout_seconds=5)


async def describe(caller: Any) -> Any:
    return await caller.unary(
        DESCRIBE, agency.DescribeAgencyRequest(), agency.DescribeAgencyResponse, timeout_seconds=5
    )


@pytest.fixture(scope="module")
def hangzhou() -> Issued:
    """Its authority."""
    return create_authority("hangzhou")


@pytest.fixture
def partner(hangzhou: Issued, tmp_path: Path) -> Path:
    """The certificate of Hangzhou's authority as Ningbo has it."""
    hangzhou.write(tmp_path / "hangzhou.pem", tmp_path / "hangzhou.key")
    return tmp_path / "hangzhou.pem"


def certified(house: Any, authority: Issued, *names: Identity) -> TlsFiles:
    """Files of a certificate that this authority has made."""
    files: TlsFiles = house.district.files("operator/odd", issue_tls(authority, names))
    return files


async def test_a_partners_gateway_is_known_by_its_own_authority(
    open_house: Any, hangzhou: Issued, partner: Path
) -> None:
    async with open_house(callers=CALLERS, partner_ca_file=partner) as house:
        await list_work(house.caller(files=certified(house, hangzhou, ABROAD)))
        await list_work(house.caller())
        assert [call.identity.district for call in house.office.calls] == ["hangzhou", "ningbo"]


@pytest.mark.parametrize("path", ["gateway", "operator/li-wei", "customs"])
async def test_a_name_of_this_district_by_a_partners_authority_is_nobody_wherever_it_calls(
    open_house: Any, hangzhou: Issued, partner: Path, path: str
) -> None:
    async with open_house(callers=CALLERS, partner_ca_file=partner) as house:
        forged = house.caller(files=certified(house, hangzhou, Identity.of_district("ningbo", path)))
        for call in (list_work, describe):
            with pytest.raises(IdentityMissing):
                await call(forged)
        assert house.office.calls == house.agency.calls == []


async def test_a_name_of_a_partner_by_the_own_authority_is_nobody(open_house: Any, partner: Path) -> None:
    async with open_house(callers=CALLERS, partner_ca_file=partner) as house:
        forged = house.caller(files=certified(house, house.district.authority, ABROAD))
        with pytest.raises(IdentityMissing):
            await list_work(forged)


async def test_a_name_of_a_third_district_by_a_partners_authority_is_nobody(
    open_house: Any, hangzhou: Issued, partner: Path
) -> None:
    third = Identity.of_district("shanghai", "gateway")
    async with open_house(callers=(*CALLERS, str(third)), partner_ca_file=partner) as house:
        with pytest.raises(IdentityMissing):
            await list_work(house.caller(files=certified(house, hangzhou, third)))


async def test_two_names_of_two_districts_are_nobody(open_house: Any, hangzhou: Issued, partner: Path) -> None:
    async with open_house(callers=CALLERS, partner_ca_file=partner) as house:
        with pytest.raises(IdentityMissing):
            await list_work(house.caller(files=certified(house, hangzhou, ABROAD, HOME)))


async def test_a_partner_who_is_not_listed_is_refused(open_house: Any, hangzhou: Issued, partner: Path) -> None:
    broker = Identity.of_district("hangzhou", "operator/li-wei")
    async with open_house(callers=CALLERS, partner_ca_file=partner) as house:
        with pytest.raises(CallerNotListed):
            await list_work(house.caller(files=certified(house, hangzhou, broker)))


async def test_a_partner_is_refused_by_services_that_are_not_for_partners_whatever_their_list_says(
    open_house: Any, hangzhou: Issued, partner: Path
) -> None:
    async with open_house(callers=CALLERS, partner_ca_file=partner) as house:
        with pytest.raises(CallerNotListed):
            await describe(house.caller(files=certified(house, hangzhou, ABROAD)))
        await describe(house.caller("gateway"))


async def test_without_partners_another_districts_authority_gets_no_connection(
    open_house: Any, hangzhou: Issued
) -> None:
    async with open_house(callers=CALLERS) as house:
        with pytest.raises(Unreachable) as failed:
            await list_work(house.caller(files=certified(house, hangzhou, ABROAD)))
        assert failed.value.code is grpc.StatusCode.UNAVAILABLE


async def test_a_partners_authority_that_is_replaced_vouches_no_more(
    open_house: Any, hangzhou: Issued, partner: Path
) -> None:
    async with open_house(callers=CALLERS, partner_ca_file=partner) as house:
        caller = house.caller(files=certified(house, hangzhou, ABROAD))
        await list_work(caller)
        create_authority("hangzhou").write(partner, partner.with_suffix(".key"))
        # The next handshake of anybody reads it.
        await list_work(house.caller())
        with pytest.raises(IdentityMissing):
            await list_work(caller)


@contextmanager
def refused_to_start(wrong: str) -> Iterator[None]:
    with pytest.raises(SettingsError) as refused:
        yield
    assert wrong in str(refused.value)


async def test_an_authority_for_two_districts_or_none_refuses_to_start(open_house: Any, district: Any) -> None:
    with refused_to_start("have one authority"):
        async with open_house(partner_ca_file=district.files("customs").ca):
            pass
    with refused_to_start("is to vouch for hangzhou.clearance"):
        async with open_house(partner_ca_file=district.folder / "nothing.pem"):
            pass


@dataclass
class Changing:
    """Authorities that a service exchanges while it runs."""

    held: dict[str, Authority]

    def changed(self) -> int:
        return hash(tuple(self.held.items()))

    def read(self) -> dict[str, Authority]:
        return dict(self.held)


async def test_an_authority_follows_another_without_a_failed_call(
    open_house: Any, hangzhou: Issued, partner: Path, district: Any
) -> None:
    old, new = hangzhou, create_authority("hangzhou")
    own = {"ningbo.clearance": Authority(district.authority.certificate_pem)}
    changing = Changing({**own, "hangzhou.clearance": Authority(old.certificate_pem)})
    async with open_house(callers=CALLERS, partner_ca_file=partner, authorities=changing) as house:
        before = house.caller(files=certified(house, old, ABROAD))
        await list_work(before)
        changing.held["hangzhou.clearance"] = Authority(old.certificate_pem + new.certificate_pem)
        after = house.caller(files=house.district.files("operator/new", issue_tls(new, [ABROAD])))
        await list_work(after)
        await list_work(before)
        changing.held["hangzhou.clearance"] = Authority(new.certificate_pem)
        # The next handshake of anybody reads it.
        await list_work(house.caller())
        await list_work(after)
        with pytest.raises(IdentityMissing):
            await list_work(before)


async def test_what_has_ended_vouches_no_more_though_the_handshake_takes_it(
    open_house: Any, hangzhou: Issued, partner: Path, district: Any
) -> None:
    own = {"ningbo.clearance": Authority(district.authority.certificate_pem)}
    ended = datetime(2004, 11, 1, tzinfo=UTC)
    changing = Changing({**own, "hangzhou.clearance": Authority(hangzhou.certificate_pem, ended)})
    async with open_house(callers=CALLERS, partner_ca_file=partner, authorities=changing) as house:
        with pytest.raises(IdentityMissing):
            await list_work(house.caller(files=certified(house, hangzhou, ABROAD)))
        await list_work(house.caller())


@dataclass
class Watch:
    """A clock whose hand the test moves."""

    seconds: float = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime.now(UTC)


async def test_a_connection_to_a_partner_follows_who_vouches_for_it(open_house: Any, hangzhou: Issued) -> None:
    changing, watch = Changing({"ningbo.clearance": Authority(hangzhou.certificate_pem)}), Watch()
    async with open_house() as house:
        own = house.district.files("operator/li-wei")
        material = PartnerTls(own, changing, "ningbo.clearance")
        expected, telemetry = Identity.of_district("ningbo", "customs"), house.telemetry
        caller = GrpcTransport(house.address, material, expected, telemetry, watch)  # type: ignore[arg-type]
        house.transports.append(caller)
        with pytest.raises(Unreachable):
            await list_work(caller)
        both = hangzhou.certificate_pem + house.district.authority.certificate_pem
        changing.held["ningbo.clearance"] = Authority(both)
        watch.seconds += 5
        await list_work(caller)
