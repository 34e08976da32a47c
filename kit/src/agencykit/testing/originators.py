"""Assertions of who asks, as the tests' gateway would make them, by a key in force in the plan's year and today."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256

from agencykit.evidence import Signer, load_signer
from agencykit.evidence.originators import ASSESSMENT, WITHDRAWAL, Asked, certificate_messages, sign_assertions
from agencykit.identity import Identity
from agencykit.pki import issue_signing
from agencykit.testing.authority import DISTRICT, authority, certificates
from clearance.agency.v1.agency_service_pb2 import AssessmentItem, WithdrawConsignmentRequest
from clearance.common.v1.evidence_pb2 import SigningCertificate
from clearance.common.v1.originator_pb2 import SignedAssertion

ORIGINATOR = "spiffe://ningbo.clearance/broker/3104980001"
# When he was met: before every test, whether its time is virtual or not.
MET = datetime(2004, 11, 17, tzinfo=UTC)
LIFETIME = timedelta(days=365 * 90)
# Whoever a test may ask.
AUDIENCES = tuple(
    str(Identity.of_district(DISTRICT, role))
    for role in ("customs", "inspection", "border", "port", "weighbridge", "tax")
)


@cache
def gateway_signer() -> Signer:
    """The gateway's key for assertions."""
    folder = certificates()
    files = folder / "originators.pem", folder / "originators.key"
    begun = datetime(2000, 1, 1, tzinfo=UTC)
    issue_signing(authority(), Identity.of_district(DISTRICT, "gateway"), now=begun, lifetime=LIFETIME).write(*files)
    return load_signer(*files)


@cache
def certificate() -> SigningCertificate:
    """Of that key."""
    return certificate_messages([gateway_signer().certificate])[0]


def asserted(items: Sequence[AssessmentItem], originator: str = ORIGINATOR) -> None:
    """Says of 1 to 256 items, with one signature, that this party asked for them as they now are."""
    asked = [
        Asked(originator, ASSESSMENT, each.clearance_number, each.version, each.consignment_digest, AUDIENCES)
        for each in items
    ]
    for item, signed in zip(items, sign_assertions(gateway_signer(), asked, MET, LIFETIME), strict=True):
        item.assertion.ParseFromString(signed)


def withdrawal(
    number: str, version: int, request_id: str, originator: str = ORIGINATOR, reason: str = ""
) -> WithdrawConsignmentRequest:
    """A withdrawal that this party asked for."""
    asked = Asked(originator, WITHDRAWAL, number, version, sha256(reason.encode()).digest(), AUDIENCES)
    [signed] = sign_assertions(gateway_signer(), [asked], MET, LIFETIME)
    return WithdrawConsignmentRequest(
        request_id=request_id,
        clearance_number=number,
        version=version,
        reason=reason,
        assertion=SignedAssertion.FromString(signed),
        signing_certificates=[certificate()],
    )
