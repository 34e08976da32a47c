"""What a partner district says, proved to be its own: by the authorities of its trust bundle, and its signing
certificates, which come beside and are believed for those authorities alone.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from google.protobuf.message import DecodeError

from agencykit.evidence import EvidenceInvalid as Flawed
from agencykit.evidence import Verifier, verify_order
from agencykit.evidence.certificates import CertificateInvalid
from agencykit.evidence.originators import OriginatorProof
from agencykit.identity import Identity, IdentityError
from agencykit.refusals import EvidenceInvalid
from agencykit.rpc.denied import DenyList
from agencykit.rpc.originators import Originators
from agencykit.rules import Verdict
from agencykit.runtime import Clock
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import BatchSeal, SignedDecision, SigningCertificate
from clearance.common.v1.order_pb2 import ReleaseOrder
from clearance.district.v1.verification_pb2 import HomeOrder
from gateway.domain.attribution import PARTIES
from gateway.domain.decision import HOME_ORDER, Wait
from gateway.domain.verification import GATEWAY
from gateway.operations.partners import Partner
from gateway.rpc.evidence import received
from gateway.rpc.orders import MODE_05
from gateway.storage.decisions import Received
from gateway.storage.heads import Key

# As it travels among waits: it fits any database.
ORDER_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
# Of a key that may yet be found good: its certificate, or the trust bundle that vouches for it, may still come.
UNKNOWN = frozenset({"unknown key", "no trusted authority issued it"})
VERDICT_OF_ORDER = {ReleaseOrder.KIND_RELEASE: Verdict.APPROVED, ReleaseOrder.KIND_STOP: Verdict.RECALLED}


@dataclass(slots=True)
class Proofs:
    """Pure work of the processor, for the executor; `partners` by district. Who is `denied` proves nothing."""

    partners: Mapping[str, Partner]
    denied: DenyList
    # This gateway, for which partners' assertions of who asks must be.
    own: Identity
    clock: Clock
    # Hears of every key that is believed.
    trusted: Callable[[Key], None]
    # (district, role) -> the version of the bundle that it rests on, and the verifier.
    _verifiers: dict[tuple[str, str], tuple[int, Verifier]] = field(default_factory=dict)
    # District -> the version of the bundle that it rests on, and what proves who asks there.
    _originators: dict[str, tuple[int, Originators]] = field(default_factory=dict)

    def of_gateway(
        self, district: str, signed: Iterable[SignedDecision], certificates: Sequence[SigningCertificate]
    ) -> list[Received | str]:
        """Each as a decision of the party named by its district, or what is wrong with it."""
        found: list[Received | str] = []
        for each in signed:
            try:
                decided = self._decided(district, each, GATEWAY, certificates)
                _checked(decided.decision.waits)
                decided.decision.waits = tuple([_here(wait, district) for wait in decided.decision.waits])
                found.append(decided)
            except Flawed as flawed:
                found.append(flawed.flaw)
        return found

    def of_agencies(
        self, district: str, signed: Iterable[SignedDecision], certificates: Sequence[SigningCertificate]
    ) -> list[Received]:
        """Decisions of a district's agencies; EvidenceInvalid for the first that proves nothing."""
        found = []
        for each in signed:
            try:
                agency = BatchSeal.FromString(each.seal).agency
                if agency == GATEWAY:
                    raise Flawed("it is no agency's")
                decided = self._decided(district, each, agency, certificates)
            except DecodeError:
                raise EvidenceInvalid("", "the seal cannot be read") from None
            except Flawed as flawed:
                raise EvidenceInvalid("", flawed.flaw) from None
            # Another party than the own agency of that name.
            decided.decision.agency = f"{district}_{agency}"
            found.append(decided)
        return found

    def orders(
        self, district: str, told: Iterable[HomeOrder], certificates: Sequence[SigningCertificate]
    ) -> list[Received]:
        """Each as `order` reads it; EvidenceInvalid for the first that proves nothing."""
        return [self.order(district, each, certificates) for each in told]

    def order(self, district: str, told: HomeOrder, certificates: Sequence[SigningCertificate]) -> Received:
        """An order of a home, as its decision; EvidenceInvalid where decision or order prove nothing, or differ.

        Without an order it says that the case is closed, which only a yes to the whole can.
        """
        number = ""
        try:
            decided = self._decided(district, told.decision, GATEWAY, certificates)
            number = decided.number
            if not told.order:
                if decided.decision.verdict != Verdict.APPROVED or decided.decision.scope is not None:
                    raise Flawed("it comes without its order")
                return decided
            order = ReleaseOrder.FromString(told.order)
            verifier = self._verifier(district, GATEWAY)
            # It was issued before it was told, maybe under another key.
            self._believe(verifier, order.key_id, certificates)
            verify_order(verifier, told.order, told.order_signature, order.key_id)
        except DecodeError:
            raise EvidenceInvalid(number, "the order cannot be read") from None
        except Flawed as flawed:
            raise EvidenceInvalid(number, flawed.flaw) from None
        decision = decided.decision
        said = (order.clearance_number, order.number, order.version, order.consignment_digest, order.release_mode)
        if said != (number, decision.revision, decision.version, decided.digest, MODE_05):
            raise EvidenceInvalid(number, "the order says something else than the decision")
        if VERDICT_OF_ORDER.get(order.kind) != decision.verdict:
            raise EvidenceInvalid(number, "the order says something else than the decision")
        return decided

    def originators(self, district: str, certificates: Sequence[SigningCertificate]) -> Originators:
        """Who asks, as the district's gateway says; it meets its own district's parties, and nobody else's."""
        bundle = self.partners[district].bundle
        version, proves = self._originators.get(district, (-1, None))
        if proves is None or version != bundle.version:
            gateway = Verifier.trusting(Identity.of_district(district, GATEWAY), bundle.authorities_pem)
            proves = Originators(OriginatorProof(gateway, self.own, self.denied.denies), self.clock)
            self._originators[district] = (bundle.version, proves)
        proves.admit(certificates)
        return proves

    def _decided(
        self, district: str, signed: SignedDecision, role: str, certificates: Sequence[SigningCertificate]
    ) -> Received:
        verifier = self._verifier(district, role)
        try:
            self._believe(verifier, BatchSeal.FromString(signed.seal).key_id, certificates)
        except DecodeError:
            raise Flawed("the seal cannot be read") from None
        decision = verifier.verify(signed)
        if decision.verdict not in Decision.Verdict.values() or not decision.verdict:
            raise Flawed("its verdict is none")
        decided = received(decision, signed, str(verifier.identity))
        decided.decision.agency = district
        return decided

    def _believe(self, verifier: Verifier, key_id: bytes, certificates: Sequence[SigningCertificate]) -> None:
        """Admits the key of this fingerprint, where its certificate came beside and is the party's own.

        Flawed where nobody knows the key, or it is shut out.
        """
        if not verifier.knows(key_id):
            for each in certificates:
                if each.key_id == key_id and _admitted(verifier, each):
                    self.trusted(Key(key_id, each.certificate, str(verifier.identity)))
        if self.denied.denies(str(verifier.identity), verifier.serial(key_id)):
            raise Flawed("the signer, or its certificate, is shut out")

    def _verifier(self, district: str, role: str) -> Verifier:
        bundle = self.partners[district].bundle
        version, verifier = self._verifiers.get((district, role), (-1, None))
        if verifier is None or version != bundle.version:
            try:
                identity = Identity.of_district(district, role)
            except IdentityError:
                raise Flawed("the seal names nobody") from None
            verifier = Verifier.trusting(identity, bundle.authorities_pem)
            self._verifiers[district, role] = (bundle.version, verifier)
        return verifier


def _here(wait: Wait, district: str) -> Wait:
    """Whom the port waits for, as home names him: an agency there is another than the own one of that name."""
    if wait.party in PARTIES or wait.fact_kind == HOME_ORDER:
        return wait
    return wait._replace(party=district, fact_key=wait.fact_key or wait.party)


def _checked(waits: Sequence[Wait]) -> None:
    """What is obeyed is told by its number; Flawed where it is none."""
    for wait in waits:
        if wait.fact_kind == HOME_ORDER and not ORDER_NUMBER.fullmatch(wait.fact_key):
            raise Flawed("its home_order is no number")


def _admitted(verifier: Verifier, certificate: SigningCertificate) -> bool:
    try:
        return verifier.admit(certificate.certificate) == certificate.key_id
    except CertificateInvalid as invalid:
        raise Flawed(str(invalid)) from None
