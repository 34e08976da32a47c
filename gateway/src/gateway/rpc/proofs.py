"""Evidence written as the contract's: sheets of countersigned heads, and all that proves one clearance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agencykit.evidence import EvidenceInvalid, Signer
from agencykit.evidence.certificates import key_id_of
from agencykit.evidence.sheets import Head, parse_sheet, read_head, sealed_head, sign_sheet
from agencykit.identity import Identity
from agencykit.storage.times import from_micros
from clearance.common.v1.evidence_pb2 import (
    BatchSeal,
    ClearanceEvidence,
    SignedDecision,
    SignedHeadSheet,
    SignedOrder,
    SigningCertificate,
)
from clearance.common.v1.evidence_pb2 import LogHead as HeadMessage
from clearance.common.v1.order_pb2 import ReleaseOrder
from gateway.domain.head import LogHead
from gateway.domain.identifiers import Micros
from gateway.operations.evidence import Proofs, Prover
from gateway.storage.heads import StoredSheet


@dataclass(frozen=True, slots=True)
class SignedSheets:
    """Makes sheets (operations.witness.SheetMaker)."""

    signer: Signer
    gateway: Identity

    def __call__(self, chain: str, number: int, previous: bytes, heads: Sequence[LogHead], now: Micros) -> StoredSheet:
        told = [Head(*each) for each in heads]
        sheet, signature = sign_sheet(
            self.signer,
            gateway=self.gateway,
            replica=chain,
            number=number,
            previous=previous,
            heads=told,
            now=from_micros(now),
        )
        return StoredSheet(sheet, signature, self.signer.key_id)

    def read(self, sheet: bytes) -> list[LogHead]:
        """The heads on one that this gateway made; none where somebody changed it so that it cannot be read."""
        try:
            return [LogHead(*each) for each in parse_sheet(sheet, b"").heads]
        except EvidenceInvalid:
            return []


def head_of(district: str, signed: bytes) -> LogHead:
    """Where its log ended with a stored decision's batch, as this district's sheets name it."""
    return LogHead(*sealed_head(SignedDecision.FromString(signed).seal, district))


def heads_told(heads: Iterable[HeadMessage]) -> list[LogHead]:
    """As an agency tells them."""
    return [LogHead(*read_head(each)) for each in heads]


def certificate_message(certificate: bytes) -> SigningCertificate:
    """With its fingerprint."""
    return SigningCertificate(certificate=certificate, key_id=key_id_of(certificate))


def sheet_message(stored: StoredSheet) -> SignedHeadSheet:
    """As it was signed."""
    return SignedHeadSheet(sheet=stored.sheet, signature=stored.signature)


def signer_of(sheet: bytes) -> bytes:
    """Fingerprint of the key that signed one that was verified before it was kept."""
    return parse_sheet(sheet, b"").key_id


@dataclass(frozen=True, slots=True)
class Exhibits:
    """What proves a clearance, for whoever may see it. `authorities` are the district's, in DER."""

    prover: Prover
    district: str
    authorities: Sequence[bytes]

    async def of(self, number: str, broker: str) -> ClearanceEvidence:
        """Of one case; NotFound where there is none, or where it is not `broker`'s (empty: any)."""
        return evidence_message(number, self.district, self.authorities, await self.prover.gather(number, broker))


def evidence_message(number: str, district: str, authorities: Sequence[bytes], proofs: Proofs) -> ClearanceEvidence:
    """Everything; of the certificates those that signed something of it."""
    decisions = [SignedDecision.FromString(each) for each in proofs.decisions]
    used = {_sealer(each) for each in decisions}
    used |= {ReleaseOrder.FromString(each.order_bytes).key_id for each in proofs.orders}
    used |= {each.key_id for each in proofs.sheets}
    return ClearanceEvidence(
        clearance_number=number,
        district=district,
        decisions=decisions,
        orders=[SignedOrder(order=each.order_bytes, signature=each.signature) for each in proofs.orders],
        certificates=[certificate_message(each) for each in proofs.certificates if key_id_of(each) in used],
        authorities=authorities,
        sheets=[sheet_message(each) for each in proofs.sheets],
    )


def _sealer(signed: SignedDecision) -> bytes:
    return BatchSeal.FromString(signed.seal).key_id
