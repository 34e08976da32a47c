"""What others hold under this gateway's own signature, verified (operations.old_copy)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from google.protobuf.message import DecodeError

from agencykit.evidence import EvidenceInvalid, Verifier
from agencykit.evidence.certificates import CertificateInvalid
from agencykit.evidence.sheets import verify_sheet
from agencykit.evidence.verify import verify_order
from agencykit.identity import Identity
from clearance.common.v1.evidence_pb2 import SignedHeadSheet, SignedOrder
from clearance.common.v1.order_pb2 import ReleaseOrder
from gateway.operations.old_copy import OldCopy, OwnOrder, OwnSheet
from gateway.rpc.keys import OwnKeys
from gateway.rpc.times import micros

# Digests of what was looked at and is here: each is told every few seconds.
MOST_KNOWN = 1024


@dataclass(slots=True)
class OwnSigned:
    """Takes what somebody shows. What this gateway did not sign proves nothing and is passed over."""

    district: str
    authorities_pem: bytes
    keys: OwnKeys
    copy: OldCopy
    _known: dict[bytes, None] = field(default_factory=dict)

    async def order(self, witness: str, shown: SignedOrder) -> None:
        """The newest that an agency was told."""
        digest = sha256(shown.order).digest()
        if digest in self._known or not shown.order:
            return
        try:
            read = ReleaseOrder.FromString(shown.order)
            verify_order(self._verifier(), shown.order, shown.signature, read.key_id)
        except (DecodeError, EvidenceInvalid):
            return
        own = OwnOrder(read.clearance_number, read.number, micros(read.issue_time), shown.order)
        await self.copy.shown(own, witness)
        self._remember(digest)

    async def sheets(self, witness: str, kept: Iterable[SignedHeadSheet], certificates: Iterable[bytes]) -> None:
        """Those that a partner keeps, with certificates of keys that this database may have forgotten."""
        verifier = self._verifier(certificates)
        for each in kept:
            digest = sha256(each.sheet).digest()
            if digest in self._known:
                continue
            try:
                sheet = verify_sheet(verifier, each.sheet, each.signature)
            except EvidenceInvalid:
                continue
            await self.copy.shown(OwnSheet(sheet.replica, sheet.number, sheet.digest), witness)
            self._remember(digest)

    def _verifier(self, certificates: Iterable[bytes] = ()) -> Verifier:
        made = Verifier.trusting(Identity.of_district(self.district, "gateway"), self.authorities_pem)
        for certificate in (*self.keys.known, *certificates):
            try:
                made.admit(certificate)
            except CertificateInvalid:
                continue
        return made

    def _remember(self, digest: bytes) -> None:
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[digest] = None
