"""Sheets of countersigned heads: what a gateway saw of its district's logs, and when (common.v1, evidence.proto).

A gateway signs one every few seconds and keeps them in a chain; partners keep the newest. So the time by which a
signature is judged is not the signer's own, and whoever rewrites a log must rewrite what others keep.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from google.protobuf.message import DecodeError

from agencykit.evidence.certificates import CertificateInvalid
from agencykit.evidence.seal import Signer
from agencykit.evidence.verify import EvidenceInvalid, Verifier, check_signature
from agencykit.identity import Identity, trust_domain
from clearance.common.v1.evidence_pb2 import BatchSeal, HeadSheet, LogHead

SHEET_PREFIX = b"tongguan-head-sheet-v1\n"
DECISIONS, AUDIT = int(LogHead.KIND_DECISIONS), int(LogHead.KIND_AUDIT)
GATEWAY = "gateway"


class Head(NamedTuple):
    """Where one log ended. `kind` is DECISIONS or AUDIT."""

    kind: int
    log: str
    sequence: int
    head: bytes


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as it was read. `sheet` is the bytes that `signature` covers."""

    district: str
    replica: str
    number: int
    time: datetime
    previous: bytes
    heads: tuple[Head, ...]
    key_id: bytes
    sheet: bytes
    signature: bytes

    @property
    def digest(self) -> bytes:
        """By which the next one of the chain names it."""
        return sha256(self.sheet).digest()


def sign_sheet(
    signer: Signer,
    *,
    gateway: Identity,
    replica: str,
    number: int,
    previous: bytes,
    heads: Iterable[Head],
    now: datetime,
) -> tuple[bytes, bytes]:
    """The next sheet of a replica's chain, serialised, and the signature over it."""
    sheet = HeadSheet(
        district=gateway.district,
        gateway=str(gateway),
        replica=replica,
        number=number,
        previous_digest=previous,
        heads=[head_message(each) for each in heads],
        key_id=signer.key_id,
    )
    sheet.sheet_time.FromDatetime(now)
    content = sheet.SerializeToString()
    return content, signer.key.sign(SHEET_PREFIX + content)


def head_message(head: Head) -> LogHead:
    """As the contract tells it."""
    kind: LogHead.Kind.ValueType = head.kind  # type: ignore[assignment]  # the contract's own number
    return LogHead(kind=kind, log=head.log, sequence=head.sequence, head=head.head)


def read_head(told: LogHead) -> Head:
    """As a value."""
    return Head(int(told.kind), told.log, told.sequence, told.head)


def sealed_head(seal: bytes, district: str) -> Head:
    """Where the log ended with a batch, as its seal says, named as a sheet of this district names it.

    EvidenceInvalid where that cannot be read.
    """
    try:
        read = BatchSeal.FromString(seal)
    except DecodeError:
        raise EvidenceInvalid("the seal cannot be read") from None
    log = read.log if read.district == district else f"{read.district}:{read.log}"
    return Head(DECISIONS, log, read.first_sequence + read.count - 1, read.head)


def parse_sheet(content: bytes, signature: bytes) -> Sheet:
    """A sheet, unverified; EvidenceInvalid where it is none."""
    try:
        read = HeadSheet.FromString(content)
        time = read.sheet_time.ToDatetime(UTC)
    except (DecodeError, ValueError):
        raise EvidenceInvalid("it is not a sheet of heads") from None
    heads = tuple([read_head(each) for each in read.heads])
    names = (read.district, read.replica, read.number, time, read.previous_digest)
    return Sheet(*names, heads, read.key_id, content, signature)


def verify_sheet(gateway: Verifier, content: bytes, signature: bytes) -> Sheet:
    """A sheet, proved to be signed by a key that `gateway`, a verifier of its identity, has admitted."""
    sheet = parse_sheet(content, signature)
    check_signature(gateway.key(sheet.key_id), SHEET_PREFIX + content, signature)
    if trust_domain(sheet.district) != gateway.identity.trust_domain:
        raise EvidenceInvalid("it is of another district")
    if not gateway.in_force(sheet.key_id, int(sheet.time.timestamp())):
        raise EvidenceInvalid("the gateway's certificate was not in force when it was signed")
    return sheet


def verify_sheets(
    district: str, authorities_pem: bytes, sheets: Sequence[tuple[bytes, bytes]], certificates: Iterable[bytes]
) -> list[Sheet]:
    """Sheets, (content, signature), of a district whom these authorities vouch for; EvidenceInvalid at the first flaw.

    Certificates of others pass by: they prove nothing, and harm nothing.
    """
    gateway = Verifier.trusting(Identity.of_district(district, GATEWAY), authorities_pem)
    for certificate in certificates:
        try:
            gateway.admit(certificate)
        except CertificateInvalid:
            continue
    return [verify_sheet(gateway, content, signature) for content, signature in sheets]
