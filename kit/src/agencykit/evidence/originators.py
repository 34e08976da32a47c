"""Who asks: what a gateway states of the party that it met, and how whoever acts on it proves that (originator.proto).

A gateway signs once for all that were asked together, as an agency does for its decisions. The assertion is stored with
what was asked and sent with it however often, so that it is judged by the moment at which the originator was met.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from google.protobuf.message import DecodeError

from agencykit.evidence.certificates import CertificateInvalid, key_id_of
from agencykit.evidence.merkle import leaf_hash, root_and_paths, root_from_path
from agencykit.evidence.seal import Signer
from agencykit.evidence.tree import ProvenTree
from agencykit.evidence.verify import EvidenceInvalid, Verifier, check_signature
from agencykit.evidence.wire import field, inclusion_proof
from agencykit.identity import Identity, IdentityError
from clearance.common.v1.evidence_pb2 import SigningCertificate
from clearance.common.v1.originator_pb2 import OriginatorAssertion, SignedAssertion

ORIGINATOR_PREFIX = b"tongguan-originator-v1\n"
ASSESSMENT, WITHDRAWAL = int(OriginatorAssertion.PURPOSE_ASSESSMENT), int(OriginatorAssertion.PURPOSE_WITHDRAWAL)
GATEWAY = "gateway"
# Clocks of two machines differ; more than this is no longer a clock's fault.
MOST_SKEW_SECONDS = 300
# Trees whose signature was found good: the items of a convoy stand in one.
TREES_KEPT = 256

Denies = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked for: `digest` is of its content, `audiences` are who shall act on it.

    `relayed_from` is another district's gateway, on whose own assertion this one rests.
    """

    originator: str
    purpose: int
    number: str
    version: int
    digest: bytes
    audiences: tuple[str, ...]
    relayed_from: str = ""


def sign_assertions(signer: Signer, asked: Sequence[Asked], now: datetime, lifetime: timedelta) -> list[bytes]:
    """For each of 1 to 256 its SignedAssertion, serialised; one signature serves all."""
    key_id, met, ends = signer.key_id, int(now.timestamp()), int((now + lifetime).timestamp())
    contents = [_content(each, key_id, met, ends) for each in asked]
    root, paths = root_and_paths([leaf_hash(content) for content in contents])
    count = len(contents)
    signature = field(3, signer.key.sign(_signed_content(root, count)))
    return [
        field(1, content) + field(2, inclusion_proof(index, count, path)) + signature
        for index, (content, path) in enumerate(zip(contents, paths, strict=True))
    ]


def _content(asked: Asked, key_id: bytes, met: int, ends: int) -> bytes:
    assertion = OriginatorAssertion(
        originator=asked.originator,
        purpose=asked.purpose,  # type: ignore[arg-type]  # the contract's own number
        number=asked.number,
        version=asked.version,
        content_digest=asked.digest,
        audiences=asked.audiences,
        key_id=key_id,
        relayed_from=asked.relayed_from,
    )
    assertion.assert_time.seconds, assertion.expire_time.seconds = met, ends
    return assertion.SerializeToString()


def _signed_content(root: bytes, count: int) -> bytes:
    return ORIGINATOR_PREFIX + count.to_bytes(4, "big") + root


class OriginatorProof:
    """Proves assertions of one gateway that are for one audience. `denies(identity, serial)` says who is shut out.

    Certificates come beside what they sign and are believed for the gateway's authorities alone. `relays`: the gateway
    may also pass on what another district's has asserted; it says so, and only its own district's parties believe it.
    """

    def __init__(self, gateway: Verifier, audience: Identity, denies: Denies, *, relays: bool = False) -> None:
        self._gateway, self._audience, self._denies, self._relays = gateway, str(audience), denies, relays
        self._signer = str(gateway.identity)
        # Key -> serial number, and begin and end of its certificate: asked for with every item.
        self._keys: dict[bytes, tuple[str, float, float]] = {}
        # (key, signature, count) -> the tree that it signs.
        self._trees: dict[tuple[bytes, bytes, int], ProvenTree] = {}

    def admit(self, certificates: Iterable[SigningCertificate]) -> None:
        """Takes up those of the gateway; others prove nothing, and harm nothing."""
        for each in certificates:
            if not self._gateway.knows(each.key_id):
                self._admit(each.certificate)

    def _admit(self, certificate: bytes) -> None:
        try:
            self._gateway.admit(certificate)
        except CertificateInvalid:
            return

    def originator(
        self, signed: SignedAssertion, purpose: int, number: str, version: int, digest: bytes, now: datetime
    ) -> Identity:
        """Who asked for just this; EvidenceInvalid, whose flaw says why it is not proved."""
        content = signed.assertion
        try:
            said = OriginatorAssertion.FromString(content)
        except DecodeError:
            raise EvidenceInvalid("it cannot be read") from None
        self._check_signature(signed, content, said.key_id)
        if (said.purpose, said.number, said.version) != (purpose, number, version) or said.content_digest != digest:
            raise EvidenceInvalid("it is about something else")
        if self._audience not in said.audiences:
            raise EvidenceInvalid("it is for another audience")
        self._check_time(said, now)
        return self._met(said.originator, said.relayed_from)

    def _check_signature(self, signed: SignedAssertion, content: bytes, key_id: bytes) -> None:
        """The first of a tree in full; for the others the signature and most of the path are proven."""
        gateway, proof, signature = self._gateway, signed.proof, signed.signature
        if self._denies(self._signer, self._key(key_id)[0]):
            raise EvidenceInvalid("the signer, or its certificate, is shut out")
        leaf, count, siblings = leaf_hash(content), proof.count, tuple(proof.siblings)
        key = (key_id, signature, count)
        tree = self._trees.get(key)
        if tree is None:
            root = root_from_path(leaf, proof.index, count, siblings)
            if root is None:
                raise EvidenceInvalid("the proof leads to no root")
            check_signature(gateway.key(key_id), _signed_content(root, count), signature)
            tree = self._trees[key] = ProvenTree(root, count)
            if len(self._trees) > TREES_KEPT:
                self._trees.pop(next(iter(self._trees)), None)
        if not tree.proves(leaf, proof.index, siblings):
            raise EvidenceInvalid("it is not among what was signed")

    def _key(self, key_id: bytes) -> tuple[str, float, float]:
        known = self._keys.get(key_id)
        if known is None:
            known = self._keys[key_id] = (self._gateway.serial(key_id), *self._gateway.term(key_id))
        return known

    def _check_time(self, said: OriginatorAssertion, now: datetime) -> None:
        """In force when the originator was met, however long ago that was; and not beyond its own end."""
        met, seconds = said.assert_time.seconds, now.timestamp()
        if met > seconds + MOST_SKEW_SECONDS:
            raise EvidenceInvalid("it is of a time to come")
        if said.expire_time.seconds <= seconds:
            raise EvidenceInvalid("it has expired")
        _, begin, end = self._key(said.key_id)
        if not begin <= met <= end:
            raise EvidenceInvalid("the gateway's certificate was not in force when it was signed")

    def _met(self, originator: str, relayed_from: str) -> Identity:
        """A gateway meets parties of its own district, and gateways of others, which have met theirs."""
        try:
            who = _identity(originator)
            by = _identity(relayed_from) if relayed_from else self._gateway.identity
        except IdentityError:
            raise EvidenceInvalid("it names nobody") from None
        relayed = by is not self._gateway.identity
        if by.path != GATEWAY or who.trust_domain != by.trust_domain or (relayed and not self._relays):
            raise EvidenceInvalid("the originator is not of that gateway's district")
        return who


_identity = lru_cache(maxsize=4096)(Identity.parse)


def certificate_messages(certificates: Iterable[bytes]) -> list[SigningCertificate]:
    """As they stand beside what they sign."""
    return [SigningCertificate(certificate=each, key_id=key_id_of(each)) for each in certificates]
