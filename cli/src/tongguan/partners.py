"""PartnerService by one identity; partners and bundles for people's eyes."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from google.protobuf.json_format import Parse, ParseError
from google.protobuf.message import DecodeError
from rich.table import Table

from clearance.common.v1.trust_bundle_pb2 import SignedTrustBundle, TrustBundle
from clearance.district.v1.unavailability_pb2 import UnavailabilityNotice
from clearance.gateway.v1 import partner_service_pb2 as pb
from tongguan.channels import Peer
from tongguan.failures import Misused
from tongguan.report.names import clock
from tongguan.report.tables import table

_SERVICE = "/clearance.gateway.v1.PartnerService/"
_COLUMNS = ("district", "code", "reached", "contract", "bundle", "trusted until", "remark")


class PartnerList:
    """The district's partners."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def list(self) -> pb.ListPartnersResponse:
        """All."""
        return self._peer.call(f"{_SERVICE}ListPartners", pb.ListPartnersRequest(), pb.ListPartnersResponse)

    def announce(self, request: pb.AnnounceUnavailabilityRequest) -> UnavailabilityNotice:
        """The notice."""
        method = f"{_SERVICE}AnnounceUnavailability"
        return self._peer.call(method, request, pb.AnnounceUnavailabilityResponse).notice

    def withdraw(self, notice: str) -> UnavailabilityNotice:
        """The notice, withdrawn."""
        request, method = pb.WithdrawUnavailabilityRequest(notice_id=notice), f"{_SERVICE}WithdrawUnavailability"
        return self._peer.call(method, request, pb.WithdrawUnavailabilityResponse).notice


def partners_table(partners: Iterable[pb.Partner]) -> Table:
    """One row for each."""
    made = table("", *_COLUMNS)
    for one in partners:
        contract = str(one.contract_version or "-")
        until, remark = clock(one.bundle_expire_time), "; ".join(_remarks(one)) or "-"
        made.add_row(
            one.district, one.customs_district_code, _reach(one), contract, str(one.bundle_version), until, remark
        )
    return made


def own_line(found: pb.ListPartnersResponse) -> str:
    """The own bundle."""
    if not found.own_bundle_version:
        return "no bundle of this district's own is offered to partners"
    return f"own bundle: version {found.own_bundle_version}, until {clock(found.own_bundle_expire_time)}"


def notice_lines(found: pb.ListPartnersResponse) -> list[str]:
    """What is announced: by this district, and who has not heard it; by partners."""
    deaf = [one.district for one in found.partners if not one.notified]
    unheard = f" (not yet heard by {', '.join(deaf)})" if deaf else ""
    lines = [f"announced {notice_line(each)}{unheard}" for each in found.own_notices]
    return lines + [f"{one.district} announced {notice_line(each)}" for one in found.partners for each in one.notices]


def notice_line(notice: UnavailabilityNotice) -> str:
    """`all unavailable 2026-11-23 08:00:00 to 10:00:00: new database`, with its id."""
    scope = UnavailabilityNotice.Scope.Name(notice.scope).removeprefix("SCOPE_").lower()
    times = f"{clock(notice.from_time)} to {clock(notice.until_time)}"
    ended = f", withdrawn {clock(notice.withdraw_time)}" if notice.HasField("withdraw_time") else ""
    # What a partner wrote is no markup of ours.
    return f"{scope} unavailable {times}: {notice.reason}{ended} (notice {notice.id})"


def absence_words(absence: pb.PartnerAbsence) -> str:
    """Why a partner gives no answer."""
    words = []
    if absence.HasField("unreached_since_time"):
        words.append(f"{absence.district} is away since {clock(absence.unreached_since_time)}")
    if absence.HasField("notice"):
        words.append(f"{absence.district} announced: {notice_line(absence.notice)}")
    return "; ".join(words)


def _reach(one: pb.Partner) -> str:
    word = pb.Partner.Reach.Name(one.reach).removeprefix("REACH_").lower()
    if one.reach == pb.Partner.REACH_AWAY:
        return f"{word} since {clock(one.unreached_since_time)} ({one.unreached_reason})"
    return f"{word}, {clock(one.reach_time)}" if one.HasField("reach_time") else word


def _remarks(one: pb.Partner) -> Iterable[str]:
    if one.trust == pb.Partner.TRUST_ENDS_SOON:
        yield "its trust bundle ends soon"
    if one.trust == pb.Partner.TRUST_EXPIRED:
        yield "its trust bundle has expired: nothing is sent to it"
    if one.bundle_fault:
        yield f"its newest bundle was not taken: {one.bundle_fault}"
    if one.reach == pb.Partner.REACH_INCOMPATIBLE:
        yield "it speaks no contract version that is spoken here: what is for it waits"


def read_bundle(file: Path) -> TrustBundle:
    """What a bundle's file says, unverified; raises Misused."""
    try:
        return TrustBundle.FromString(Parse(file.read_text("utf-8"), SignedTrustBundle()).bundle)
    except OSError as error:
        raise Misused(f"{file}: {error.strerror}", "name the file of a bundle") from error
    except (ParseError, DecodeError, UnicodeDecodeError) as error:
        raise Misused(f"{file} is not a trust bundle", "name the file of a bundle") from error


def bundle_lines(bundle: TrustBundle) -> str:
    """District, version, times, and the fingerprints by which two people can compare it."""
    lines = [
        f"{bundle.district} ({bundle.customs_district_code}), version {bundle.version}",
        f"issued {clock(bundle.issue_time)}, to be trusted until {clock(bundle.expire_time)}",
    ]
    lines += [f"authority {_fingerprint(each)}" for each in bundle.authorities]
    lines += [f"key       {_fingerprint(each)}" for each in bundle.signing_certificates]
    return "\n".join(lines)


def _fingerprint(certificate: bytes) -> str:
    """SHA-256 of its DER form, as `openssl x509 -fingerprint -sha256` tells it but for the colons."""
    return sha256(certificate).hexdigest().upper()
