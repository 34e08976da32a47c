"""Sealing: one root, one head, one signature for all decisions of one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from agencykit.evidence.certificates import CertificateInvalid, key_id_of
from agencykit.evidence.chain import next_head
from agencykit.evidence.merkle import leaf_hash, root_and_paths
from agencykit.evidence.wire import field, inclusion_proof, sealed_part, signed_decision
from clearance.common.v1.evidence_pb2 import BatchSeal

SEAL_PREFIX = b"tongguan-batch-seal-v1\n"
ORDER_PREFIX = b"tongguan-release-order-v1\n"


@dataclass(frozen=True)
class Signer:
    """A party's signing key and the certificate that vouches for it (DER)."""

    key: Ed25519PrivateKey
    certificate: bytes

    @property
    def key_id(self) -> bytes:
        return key_id_of(self.certificate)

    @cached_property
    def in_force_from(self) -> datetime:
        """Nothing that it sealed before then is believed."""
        return x509.load_der_x509_certificate(self.certificate).not_valid_before_utc


def load_signer(certificate_file: str | Path, key_file: str | Path) -> Signer:
    """Reads certificate and key (PEM); CertificateInvalid where they do not belong together or are not Ed25519."""
    certificate = x509.load_pem_x509_certificate(Path(certificate_file).read_bytes())
    key = load_pem_private_key(Path(key_file).read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise CertificateInvalid("the signing key is not Ed25519")
    if key.public_key() != certificate.public_key():
        raise CertificateInvalid("the signing key is not the certificate's")
    return Signer(key, certificate.public_bytes(Encoding.DER))


@dataclass(frozen=True, slots=True)
class SealedBatch:
    """A sealed batch: `proofs[i]`, an InclusionProof as bytes, is decision i's; `head` is the log's after the last."""

    seal: bytes
    signature: bytes
    proofs: list[bytes]
    head: bytes

    def signed(self, decisions: Sequence[bytes]) -> list[bytes]:
        """The batch's decisions as SignedDecisions, as bytes."""
        sealed = sealed_part(self.seal, self.signature)
        return [
            signed_decision(decision, proof, sealed) for decision, proof in zip(decisions, self.proofs, strict=True)
        ]


def seal_batch(
    signer: Signer,
    *,
    agency: str,
    district: str,
    log: str,
    first_sequence: int,
    previous_head: bytes,
    decisions: Sequence[bytes],
    seal_time: datetime,
) -> SealedBatch:
    """Seals 1 to 256 serialised decisions that follow `previous_head` in the log."""
    leaves = [leaf_hash(decision) for decision in decisions]
    head = previous_head
    for leaf in leaves:
        head = next_head(head, leaf)
    root, paths = root_and_paths(leaves)
    seal = BatchSeal(
        agency=agency,
        district=district,
        log=log,
        first_sequence=first_sequence,
        count=len(leaves),
        root=root,
        head=head,
        key_id=signer.key_id,
    )
    seal.seal_time.FromDatetime(seal_time)
    sealed = seal.SerializeToString()
    count = len(leaves)
    proofs = [inclusion_proof(index, count, path) for index, path in enumerate(paths)]
    return SealedBatch(sealed, signer.key.sign(SEAL_PREFIX + sealed), proofs, head)


def sign_orders(signer: Signer, orders: Sequence[bytes]) -> list[bytes]:
    """For each of 1 to 256 serialised release orders its OrderSignature, serialised; one signature serves all."""
    root, paths = root_and_paths([leaf_hash(order) for order in orders])
    count = len(orders)
    signature = field(2, signer.key.sign(order_content(root, count)))
    return [field(1, inclusion_proof(index, count, path)) + signature for index, path in enumerate(paths)]


def order_content(root: bytes, count: int) -> bytes:
    """What a gateway signs for `count` orders under a root."""
    return ORDER_PREFIX + count.to_bytes(4, "big") + root
