"""Partners and trust bundles, as people read them."""

from pathlib import Path

import pytest
from google.protobuf.json_format import MessageToJson

from clearance.common.v1.trust_bundle_pb2 import SignedTrustBundle, TrustBundle
from clearance.district.v1.unavailability_pb2 import UnavailabilityNotice
from clearance.gateway.v1.partner_service_pb2 import ListPartnersResponse, Partner
from tongguan.console import PlainConsole
from tongguan.failures import Misused
from tongguan.partners import bundle_lines, notice_line, notice_lines, partners_table, read_bundle


def told(*partners: Partner) -> str:
    console = PlainConsole(width=220)
    with console.capture() as captured:
        console.print(partners_table(partners))
    return captured.get()


def test_a_partner_that_is_away_says_since_when_and_why() -> None:
    away = Partner(district="shanghai", reach=Partner.REACH_AWAY, unreached_reason="UNAVAILABLE", contract_version=2)
    away.unreached_since_time.FromJsonString("2004-11-01T08:00:00Z")
    assert "away since 2004-11-01" in told(away)
    assert "(UNAVAILABLE)" in told(away)


@pytest.mark.parametrize(
    ("partner", "remark"),
    [
        (Partner(trust=Partner.TRUST_ENDS_SOON), "its trust bundle ends soon"),
        (Partner(trust=Partner.TRUST_EXPIRED), "expired: nothing is sent to it"),
        (Partner(reach=Partner.REACH_INCOMPATIBLE), "no contract version that is spoken here"),
        (Partner(bundle_fault="it has expired"), "its newest bundle was not taken: it has expired"),
    ],
)
def test_what_people_must_see_to_is_remarked(partner: Partner, remark: str) -> None:
    assert remark in told(partner)


def test_a_bundles_fingerprints_are_those_that_openssl_tells(tmp_path: Path) -> None:
    bundle = TrustBundle(district="shanghai", customs_district_code="2200", version=3, authorities=[b"abc"])
    file = tmp_path / "bundle.json"
    file.write_text(MessageToJson(SignedTrustBundle(bundle=bundle.SerializeToString())))
    lines = bundle_lines(read_bundle(file))
    assert "shanghai (2200), version 3" in lines
    # SHA-256 of "abc" (FIPS 180-2, appendix B.1).
    assert "authority BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD" in lines


def test_what_is_no_bundle_is_said_to_be_none(tmp_path: Path) -> None:
    file = tmp_path / "bundle.json"
    file.write_text("{}}")
    for each in (file, tmp_path / "nothing.json"):
        with pytest.raises(Misused):
            read_bundle(each)


def test_a_notice_tells_its_id_and_its_reason_as_it_was_written() -> None:
    notice = UnavailabilityNotice(id="8d0c3a3e", scope=UnavailabilityNotice.SCOPE_TRANSIT, reason="[red] new bridge")
    console = PlainConsole(width=200)
    with console.capture() as captured:
        console.print(notice_line(notice))
    assert captured.get().startswith("transit unavailable ")
    assert "[red] new bridge (notice 8d0c3a3e)" in captured.get()


def test_whoever_has_not_heard_an_own_notice_is_named() -> None:
    found = ListPartnersResponse(partners=[Partner(district="shanghai", notified=True), Partner(district="nanjing")])
    found.own_notices.add(reason="new roof")
    [line] = notice_lines(found)
    assert line.endswith("(not yet heard by nanjing)")
