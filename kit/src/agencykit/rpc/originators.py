"""On whose behalf a gateway asks: proved for every request by which it would set another party to work (ADR 40)."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Protocol

from agencykit.evidence import EvidenceInvalid, Verifier
from agencykit.evidence.originators import ASSESSMENT, GATEWAY, WITHDRAWAL, OriginatorProof
from agencykit.identity import Identity
from agencykit.refusals import OriginatorNotListed, OriginatorUnproven, Refusal
from agencykit.rpc.denied import DenyList
from agencykit.runtime import Clock
from agencykit.settings import ServiceSettings
from clearance.common.v1.evidence_pb2 import SigningCertificate
from clearance.common.v1.originator_pb2 import OriginatorAssertion, SignedAssertion

# Purpose -> roles that may ask for it: the contract's own words.
ROLES: Mapping[int, frozenset[str]] = {ASSESSMENT: frozenset({"broker"}), WITHDRAWAL: frozenset({"broker"})}

# Nobody who may is proved to have asked for it; and what an audit row keeps of such a refusal.
UNASKED = (OriginatorUnproven, OriginatorNotListed)
_KEPT = ("flaw", "identity", "purpose")


class Asking(Protocol):
    """A request, or an item of one, with its assertion."""

    @property
    def clearance_number(self) -> str:
        """What it is about."""
        ...

    @property
    def version(self) -> int:
        """Which version of it."""
        ...

    @property
    def assertion(self) -> SignedAssertion:
        """Who asks."""
        ...


class Originators:
    """Of what one gateway asks of one party. Pure work of the processor, on any thread."""

    def __init__(self, proof: OriginatorProof, clock: Clock) -> None:
        self._proof, self._clock = proof, clock

    @classmethod
    def of_agency(cls, agency: str, settings: ServiceSettings, denied: DenyList, clock: Clock) -> "Originators":
        """An agency is asked by the gateway of its district, and trusts the district's own authority for it."""
        gateway = Verifier.trusting(Identity.of_district(settings.district, GATEWAY), settings.ca_file.read_bytes())
        own = Identity.of_district(settings.district, agency)
        return cls(OriginatorProof(gateway, own, denied.denies, relays=True), clock)

    def admit(self, certificates: Iterable[SigningCertificate]) -> None:
        """Certificates that came beside a request."""
        self._proof.admit(certificates)

    def of_version(self, item: Asking, digest: bytes) -> Identity:
        """Who has a version of this digest assessed; OriginatorUnproven or OriginatorNotListed."""
        return self._proved(item, ASSESSMENT, digest)

    def of_withdrawal(self, request: Asking, reason: str) -> Identity:
        """Who withdraws for this reason; OriginatorUnproven or OriginatorNotListed."""
        return self._proved(request, WITHDRAWAL, sha256(reason.encode()).digest())

    def _proved(self, asked: Asking, purpose: int, digest: bytes) -> Identity:
        number, signed = asked.clearance_number, asked.assertion
        if not signed.signature:
            raise OriginatorUnproven(number, "no assertion came with it")
        try:
            found = self._proof.originator(signed, purpose, number, asked.version, digest, self._clock.now())
        except EvidenceInvalid as invalid:
            raise OriginatorUnproven(number, invalid.flaw) from None
        if found.role not in ROLES[purpose]:
            raise OriginatorNotListed(number, found, purpose_name(purpose))
        return found


def why_unasked(refusal: Refusal) -> dict[str, str]:
    """What an audit row says of it."""
    return {"reason": refusal.reason} | {name: refusal.metadata[name] for name in _KEPT if name in refusal.metadata}


def purpose_name(purpose: int) -> str:
    """`ASSESSMENT`."""
    return OriginatorAssertion.Purpose.Name(purpose).removeprefix("PURPOSE_")  # type: ignore[arg-type]  # its number
