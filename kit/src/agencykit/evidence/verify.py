"""Verification, offline: a trusted CA, the agency's identity and its signing certificates are all it takes.

Pure work of the processor: call it in the executor. One batch costs one signature check, and a hash path for each item.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from google.protobuf.message import DecodeError

from agencykit.evidence.certificates import CertificateInvalid, check_signing_certificate, key_id_of
from agencykit.evidence.merkle import leaf_hash, root_from_path
from agencykit.evidence.seal import SEAL_PREFIX, order_content
from agencykit.identity import Identity, trust_domain
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import BatchSeal, OrderSignature, SignedDecision

# Seals whose signature was found good and may be met again: replays, and the feed after the reply.
SEALS_KEPT = 1024


class EvidenceInvalid(Exception):
    """A decision, log or order that proves nothing. `flaw` says which part; it may be shown to anybody."""

    def __init__(self, flaw: str) -> None:
        super().__init__(flaw)
        self.flaw = flaw


@dataclass(frozen=True, slots=True)
class _Key:
    key: Ed25519PublicKey
    certificate: x509.Certificate


class Verifier:
    """Verifies decisions of one agency, for instance `Identity.of_district("ningbo", "customs")`.

    Certificates come from DescribeAgency and are admitted once; a seal by a key not admitted is refused with flaw
    `unknown key`, upon which the caller may ask the agency again for its certificates.
    """

    def __init__(self, identity: Identity, authorities: Iterable[x509.Certificate]) -> None:
        self.identity = identity
        self._authorities = tuple(authorities)
        self._keys: dict[bytes, _Key] = {}
        self._seals: OrderedDict[tuple[bytes, bytes], BatchSeal] = OrderedDict()

    @classmethod
    def trusting(cls, identity: Identity, authorities_pem: bytes) -> "Verifier":
        """A verifier that trusts the CA certificates in a PEM file's content."""
        return cls(identity, x509.load_pem_x509_certificates(authorities_pem))

    def admit(self, certificate: bytes) -> bytes:
        """Admits a signing certificate (DER) if it is the agency's; returns its key id; else CertificateInvalid."""
        try:
            parsed = x509.load_der_x509_certificate(certificate)
        except ValueError:
            raise CertificateInvalid("it is not a certificate") from None
        key = check_signing_certificate(parsed, self.identity, self._authorities)
        key_id = key_id_of(certificate)
        self._keys[key_id] = _Key(key, parsed)
        return key_id

    def knows(self, key_id: bytes) -> bool:
        """Whether a certificate with this fingerprint has been admitted."""
        return key_id in self._keys

    def key(self, key_id: bytes) -> Ed25519PublicKey:
        """The admitted key with this fingerprint; else EvidenceInvalid, flaw `unknown key`."""
        return self._known(key_id).key

    def serial(self, key_id: bytes) -> str:
        """Serial number of the admitted certificate, as lists of who is shut out have it."""
        return f"{self._known(key_id).certificate.serial_number:x}"

    def in_force(self, key_id: bytes, seconds: int) -> bool:
        """Whether the admitted certificate was in force then, in seconds since 1970."""
        begin, end = self.term(key_id)
        return begin <= seconds <= end

    def term(self, key_id: bytes) -> tuple[float, float]:
        """From when until when it is in force, in the same seconds."""
        certificate = self._known(key_id).certificate
        return certificate.not_valid_before_utc.timestamp(), certificate.not_valid_after_utc.timestamp()

    def verify(self, signed: SignedDecision) -> Decision:
        """The decision, proved to be the agency's; else EvidenceInvalid.

        Whether it is about the case, version and digest in question is for the caller to compare.
        """
        seal = self.verify_leaf(leaf_hash(signed.decision), signed)
        proof = signed.proof
        try:
            decision = Decision.FromString(signed.decision)
        except DecodeError:
            raise EvidenceInvalid("the decision cannot be read") from None
        if (decision.agency, decision.district, decision.log) != (seal.agency, seal.district, seal.log):
            raise EvidenceInvalid("the decision names another agency or log than its seal")
        if decision.sequence != seal.first_sequence + proof.index:
            raise EvidenceInvalid("the decision names another place in the log than its seal")
        return decision

    def verify_leaf(self, leaf: bytes, signed: SignedDecision) -> BatchSeal:
        """The seal of the batch in which the leaf stands, as the proof beside it shows; else EvidenceInvalid."""
        seal, proof = self._seal(signed.seal, signed.signature), signed.proof
        if proof.count != seal.count:
            raise EvidenceInvalid("the proof is of another batch")
        if root_from_path(leaf, proof.index, proof.count, proof.siblings) != seal.root:
            raise EvidenceInvalid("the decision is not in the sealed batch")
        return seal

    def _seal(self, content: bytes, signature: bytes) -> BatchSeal:
        known = self._seals.get((content, signature))
        if known is not None:
            self._seals.move_to_end((content, signature))
            return known
        try:
            seal = BatchSeal.FromString(content)
        except DecodeError:
            raise EvidenceInvalid("the seal cannot be read") from None
        self._check_seal(seal, content, signature)
        self._seals[content, signature] = seal
        if len(self._seals) > SEALS_KEPT:
            self._seals.popitem(last=False)
        return seal

    def _known(self, key_id: bytes) -> _Key:
        key = self._keys.get(key_id)
        if key is None:
            raise EvidenceInvalid("unknown key")
        return key

    def _check_seal(self, seal: BatchSeal, content: bytes, signature: bytes) -> None:
        key = self._known(seal.key_id)
        check_signature(key.key, SEAL_PREFIX + content, signature)
        domain = trust_domain(seal.district)
        if (domain, seal.agency) != (self.identity.trust_domain, self.identity.path):
            raise EvidenceInvalid("the seal names another agency")
        if seal.log.partition("/")[0] != seal.agency or seal.count < 1 or seal.first_sequence < 1:
            raise EvidenceInvalid("the seal names no place in a log of the agency")
        if not self.in_force(seal.key_id, seal.seal_time.seconds):
            raise EvidenceInvalid("the certificate was not in force when the batch was sealed")


def verify_order(gateway: Verifier, order: bytes, signature: bytes, key_id: bytes) -> None:
    """Checks a release order's OrderSignature by a key that `gateway`, a verifier of its identity, has admitted."""
    try:
        signed = OrderSignature.FromString(signature)
    except DecodeError:
        raise EvidenceInvalid("the signature cannot be read") from None
    proof = signed.proof
    root = root_from_path(leaf_hash(order), proof.index, proof.count, proof.siblings)
    if root is None:
        raise EvidenceInvalid("the proof leads to no root")
    check_signature(gateway.key(key_id), order_content(root, proof.count), signed.signature)


def check_signature(key: Ed25519PublicKey, content: bytes, signature: bytes) -> None:
    """EvidenceInvalid where the signature is not the key's over these bytes."""
    try:
        key.verify(signature, content)
    except InvalidSignature:
        raise EvidenceInvalid("the signature is not the key's") from None
