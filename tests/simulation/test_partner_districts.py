"""Two districts that keep in touch: bundles follow one another, versions of the contract are agreed."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from guaranteed import Guaranteed, rest
from keeping_touch import partner_of, told
from simulated import CALL_SECONDS, CODES, simulated_authority, simulated_district

from agencykit.bundles import issue, issue_next, read_file
from agencykit.evidence.seal import load_signer
from agencykit.evidence.sheets import AUDIT, parse_sheet
from agencykit.refusals import (
    CallerNotListed,
    IdentityMissing,
    NotFound,
    Refusal,
    Unavailable,
)
from agencykit.rpc.service import Method
from agencykit.rpc.transport import Written
from clearance.gateway.v1.partner_service_pb2 import Partner
from clearance.inspection.v1 import transfer_service_pb2 as transfers
from clearance.inspection.v1.certificate_service_pb2 import Certificate

PASSWORD = "Jinhua-17"


async def sent(issuing: Guaranteed) -> str:
    """Number of a transfer that Hangzhou issues for Ningbo; its gateway carries it there once it may."""
    certificate = Certificate(number="JH-1", kind=Certificate.KIND_ORIGIN_INSPECTION)
    request = transfers.IssueTransferRequest(
        request_id=issuing.district.runtime.ids.uuid(),
        certificate=certificate,
        destination_district="ningbo",
        password=PASSWORD,
    )
    officer = issuing.district.transport("inspection", "operator/officer-inspection")
    method = "/clearance.inspection.v1.TransferService/IssueTransfer"
    response = transfers.IssueTransferResponse
    return str((await officer.unary(method, request, response, timeout_seconds=CALL_SECONDS)).transfer.number)


async def arrived(district: Any, number: str) -> bool:
    """Whether it lies at that district."""
    request = transfers.ClaimTransferRequest(request_id=district.runtime.ids.uuid(), number=number, password=PASSWORD)
    broker = district.transport("inspection", "broker/3104980001")
    method = "/clearance.inspection.v1.TransferClaimService/ClaimTransfer"
    try:
        await broker.unary(method, request, transfers.ClaimTransferResponse, timeout_seconds=CALL_SECONDS)
    except NotFound:
        return False
    return True


def reissued(folder: Path, issuing: Guaranteed, lifetime: timedelta) -> None:
    """Ningbo's next bundle, for so long."""
    file, now = folder / "bundle.json", issuing.district.runtime.clock.now()
    signer = load_signer(folder / "district-signing.pem", folder / "district-signing.key")
    made = issue(
        signer,
        district="ningbo",
        code=CODES["ningbo"],
        version=read_file(file).version + 1,
        authorities_pem=(folder / "ca.pem").read_bytes(),
        keys=[signer.certificate],
        now=now,
        lifetime=lifetime,
    )
    file.write_text(made.json)


def test_partners_agree_on_the_newest_version_a_newer_bundle_is_fetched_and_absence_is_shown(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        await rest(1.5)
        found = await partner_of(hangzhou)
        assert (found.district, found.reach, found.trust) == ("ningbo", Partner.REACH_ANSWERS, Partner.TRUST_IN_FORCE)
        assert (found.contract_version, found.bundle_version) == (3, 1)
        folder, now = tmp_path / "ningbo", ningbo.district.runtime.clock.now()
        issue_next(folder, folder / "bundle.json", "ningbo", CODES["ningbo"], now)
        await rest(1.5)
        assert (await partner_of(hangzhou)).bundle_version == 2
        hangzhou.district.partners["ningbo"].layers = None
        await rest(1.5)
        gone = await partner_of(hangzhou)
        assert (gone.reach, gone.contract_version) == (Partner.REACH_AWAY, 3)
        absent = gone.unreached_since_time.ToDatetime() - gone.reach_time.ToDatetime()
        assert timedelta() < absent < timedelta(seconds=1)
        # Somebody who knows no DescribeDistrict, as a gateway of the first version does not.
        hangzhou.district.partners["ningbo"].layers = ningbo.district.parties["customs"].layers
        await rest(1.5)
        old = await partner_of(hangzhou)
        assert (old.reach, old.contract_version) == (Partner.REACH_INCOMPATIBLE, 0)
        hangzhou.district.reach(ningbo.district)
        await rest(1.5)
        assert (await partner_of(hangzhou)).contract_version == 3

    told(tmp_path, story)


def test_a_bundle_by_a_stranger_is_not_taken_and_the_one_held_stays_in_force(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        folder = tmp_path / "ningbo"
        held = read_file(folder / "bundle.json")
        for each in ("district-signing.pem", "district-signing.key", "bundle.json", "ca.pem", "ca.key"):
            (folder / each).unlink()
        world = ningbo.district.world
        assert world is not None
        simulated_authority(folder, world, "ningbo")
        reissued(folder, ningbo, timedelta(days=90))
        await rest(1.5)
        found = await partner_of(hangzhou)
        assert (found.bundle_version, found.trust) == (held.version, Partner.TRUST_IN_FORCE)
        assert "a key that the bundle held does not name" in found.bundle_fault
        number = await sent(hangzhou)
        await rest(8)
        assert await arrived(ningbo.district, number)

    told(tmp_path, story)


def test_nothing_is_sent_to_a_partner_whose_bundle_has_expired(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        reissued(tmp_path / "ningbo", ningbo, timedelta(seconds=3))
        await rest(1.5)
        assert (await partner_of(hangzhou)).trust == Partner.TRUST_ENDS_SOON
        await rest(1.5)
        # Nor is the next one taken from it: that is for the operator to pin.
        reissued(tmp_path / "ningbo", ningbo, timedelta(days=90))
        number = await sent(hangzhou)
        await rest(8)
        found = await partner_of(hangzhou)
        assert (found.trust, found.reach) == (Partner.TRUST_EXPIRED, Partner.REACH_AWAY)
        assert (found.bundle_version, found.unreached_reason) == (2, "BUNDLE_EXPIRED")
        assert not await arrived(ningbo.district, number)

    told(tmp_path, story)


def test_what_a_gateway_countersigned_is_kept_by_its_partner(tmp_path: Path) -> None:
    """A transfer that came stands in the audit of Ningbo's inspection; where that ends, Hangzhou keeps too."""

    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        await sent(hangzhou)
        await rest(15)
        query = "SELECT sheet, signature FROM partner_sheets WHERE district = 'ningbo'"
        with closing(sqlite3.connect(tmp_path / "hangzhou" / "gateway.db")) as database:
            kept = [parse_sheet(*row) for row in database.execute(query)]
        assert "inspection" in {head.log for sheet in kept for head in sheet.heads if head.kind == AUDIT}

    told(tmp_path, story, countersign_interval_ms=500)


def test_a_gateway_that_speaks_the_version_before_is_spoken_to_in_that(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        reissued(tmp_path / "ningbo", ningbo, timedelta(days=90))
        number = await sent(hangzhou)
        await rest(8)
        found = await partner_of(hangzhou)
        assert (found.reach, found.contract_version) == (Partner.REACH_ANSWERS, 2)
        assert await arrived(ningbo.district, number)
        assert found.bundle_version == 2
        assert (await partner_of(ningbo)).contract_version == 2

    told(tmp_path, story, contract_versions=[2])


def test_a_gateway_two_versions_behind_gets_nothing_and_everything_waits_until_it_is_renewed(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        number = await sent(hangzhou)
        await rest(8)
        found = await partner_of(hangzhou)
        assert (found.reach, found.contract_version) == (Partner.REACH_INCOMPATIBLE, 0)
        assert not await arrived(ningbo.district, number)
        world, renewed = ningbo.district.world, tmp_path / "renewed"
        assert world is not None
        renewed.mkdir()
        for each in ("ca.pem", "ca.key", "bundle.json"):
            (renewed / each).write_bytes((tmp_path / "ningbo" / each).read_bytes())
        partner = {"address": "inline:1", "bundle_file": tmp_path / "hangzhou" / "bundle.json"}
        partners = {"hangzhou": partner | {"customs_district_code": CODES["hangzhou"]}}
        async with simulated_district(renewed, world, name="ningbo", partners=partners) as newer:
            hangzhou.district.reach(newer)
            await rest(10)
            assert (await partner_of(hangzhou)).reach == Partner.REACH_ANSWERS
            assert await arrived(newer, number)

    told(tmp_path, story, contract_versions=[1])


def test_a_partner_reaches_nothing_of_any_party_but_districtservice(tmp_path: Path) -> None:
    async def story(_hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        reached = set()
        for name, party in ningbo.district.parties.items():
            for who in ("gateway", "customs", "operator/officer-customs", "broker/3104980001"):
                caller = ningbo.district.transport(name, who, "hangzhou")
                for method in party.layers.methods.values():
                    try:
                        await called(caller, method)
                    except (CallerNotListed, IdentityMissing):
                        continue
                    except Refusal:
                        reached.add((name, method.service, who))
        assert reached == {("gateway", "clearance.district.v1.DistrictService", "gateway")}

    told(tmp_path, story)


async def called(caller: Any, method: Method) -> None:
    """With nothing in it: who calls is looked at before what is asked. Whatever is let through is told as refused."""
    asked = (method.path, Written(b""), method.response_type)
    if method.streaming:
        async for _ in caller.stream(*asked, timeout_seconds=CALL_SECONDS):
            break
    else:
        await caller.unary(*asked, timeout_seconds=CALL_SECONDS)
    raise Unavailable
