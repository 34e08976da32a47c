"""Verifies the evidence of one clearance as it was exported: no service, no database, an authority's certificate alone.

(1) certificates    each must be of a party whose own district's authority, which the reader trusts, issued it
(2) sheets          countersigned by the gateway: they tell by when a batch's head stood in its log
(3) decisions       signature, proof, place in the log; the certificate in force when a head above it was countersigned
(4) orders          signature, number, and that each rests on the very decisions that are here
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from cryptography import x509
from google.protobuf.message import DecodeError

from agencykit.evidence.by_hand import flaw_of_manual
from agencykit.evidence.certificates import CertificateInvalid, identity_of
from agencykit.evidence.sheets import GATEWAY, Head, Sheet, sealed_head, verify_sheet
from agencykit.evidence.verify import EvidenceInvalid, Verifier, verify_order
from agencykit.identity import Identity, IdentityError
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import BatchSeal, ClearanceEvidence, SignedDecision
from clearance.common.v1.order_pb2 import ReleaseOrder

# Certificates by the district for whose parties they vouch.
Authorities = Mapping[str, Sequence[x509.Certificate]]
YES = (Decision.VERDICT_APPROVED, Decision.VERDICT_APPROVED_WITH_OBLIGATIONS, Decision.VERDICT_NOT_SUBJECT)


@dataclass(slots=True)
class Verdict:
    """What was found: a line for each thing that holds, and one for each that does not."""

    sound: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    # Keys that were shut out later, with whose they are; what was countersigned before holds.
    revoked: list[str] = field(default_factory=list)


def verify_clearance(
    evidence: ClearanceEvidence, authorities: Authorities, revoked: Mapping[str, datetime] | None = None
) -> Verdict:
    """All of it; faults name what is wrong, and where. `authorities` by the district that they vouch for; `revoked` are
    identities and serial numbers that were shut out, and since when.
    """
    found = Verdict()
    try:
        Identity.of_district(evidence.district, GATEWAY)
    except IdentityError:
        found.faults.append("it names no district")
        return found
    parties = _Parties(evidence.district, authorities, revoked or {})
    for each in evidence.certificates:
        _note(found, f"certificate {each.key_id.hex()[:16]}", parties.admit(each.certificate))  # (1)
    found.revoked += parties.shut_out()
    sheets = list(_sheets(evidence, parties, found))  # (2)
    read = [_decision(signed, evidence, parties, sheets, found) for signed in evidence.decisions]
    decisions = [one for one in read if one is not None]
    _orders(evidence, parties, decisions, found)  # (4)
    if not evidence.decisions:
        found.faults.append("there are no decisions")
    return found


def _note(found: Verdict, what: str, flaw: str) -> None:
    if flaw:
        found.faults.append(f"{what}: {flaw}")


class _Parties:
    """Verifiers of the parties, by the certificates that came with the evidence."""

    def __init__(self, district: str, authorities: Authorities, revoked: Mapping[str, datetime]) -> None:
        self.district, self._authorities, self._revoked = district, authorities, revoked
        # Key -> since when it is shut out, and whose it is.
        self._since: dict[bytes, tuple[datetime, Identity]] = {}
        self._verifiers: dict[Identity, Verifier] = {}

    def admit(self, der: bytes) -> str:
        """What is wrong with a certificate; empty where an authority of its own district issued it."""
        try:
            certificate = x509.load_der_x509_certificate(der)
            identity = identity_of(certificate)
            key_id = self.of(identity.path, identity.district).admit(der)
            names = (str(identity), f"{certificate.serial_number:x}")
            if since := [self._revoked[name] for name in names if name in self._revoked]:
                self._since[key_id] = (min(since), identity)
        except (ValueError, CertificateInvalid) as error:
            return str(error)
        return ""

    def shut_out(self) -> list[str]:
        """Each that is, in words."""
        return [
            f"the key {key_id.hex()[:16]} of {identity}, since {since:%Y-%m-%d %H:%M} UTC"
            for key_id, (since, identity) in sorted(self._since.items())
        ]

    def check(self, key_id: bytes, time: datetime) -> None:
        """EvidenceInvalid where the key was shut out at that time."""
        since, _ = self._since.get(key_id, (None, None))
        if since is not None and time >= since:
            raise EvidenceInvalid(f"its key was revoked {since:%Y-%m-%d %H:%M} UTC, before that")

    def of(self, path: str, district: str = "") -> Verifier:
        """The verifier of one party, of another district or this one, whoever claims to be it."""
        identity = Identity.of_district(district or self.district, path)
        trusted = self._authorities.get(identity.district, ())
        return self._verifiers.setdefault(identity, Verifier(identity, trusted))


def _sheets(evidence: ClearanceEvidence, parties: _Parties, found: Verdict) -> Iterator[Sheet]:
    for each in evidence.sheets:
        try:
            sheet = verify_sheet(parties.of(GATEWAY), each.sheet, each.signature)
            parties.check(sheet.key_id, sheet.time)
            yield sheet
        except EvidenceInvalid as invalid:
            found.faults.append(f"sheet of heads: {invalid.flaw}")


def _decision(  # (3)
    signed: SignedDecision,
    evidence: ClearanceEvidence,
    parties: _Parties,
    sheets: Sequence[Sheet],
    found: Verdict,
) -> tuple[Decision, bytes] | None:
    what = _name(signed)
    try:
        seal = BatchSeal.FromString(signed.seal)
        verifier = parties.of(seal.agency, seal.district)
        decision = verifier.verify(signed)
        if decision.clearance_number != evidence.clearance_number:
            raise EvidenceInvalid("it is about another clearance")
        time = countersigned(sealed_head(signed.seal, evidence.district), sheets)
        if not verifier.in_force(seal.key_id, int(time.timestamp())):
            raise EvidenceInvalid("the certificate was not in force when a head above it was countersigned")
        parties.check(seal.key_id, time)
    except (DecodeError, ValueError):
        found.faults.append(f"{what}: the seal cannot be read")
        return None
    except EvidenceInvalid as invalid:
        found.faults.append(f"{what}: {invalid.flaw}")
        return None
    found.sound.append(f"{what}, countersigned {time:%Y-%m-%d %H:%M:%S} UTC")
    return decision, sha256(signed.decision).digest()


def countersigned(head: Head, sheets: Iterable[Sheet]) -> datetime:
    """When a gateway first said that it saw this head; EvidenceInvalid where none did, or one saw another."""
    times = []
    for sheet in sheets:
        for each in sheet.heads:
            if (each.kind, each.log, each.sequence) != (head.kind, head.log, head.sequence):
                continue
            if each.head != head.head:
                raise EvidenceInvalid("the gateway countersigned another head at its place: the log was forked")
            times.append(sheet.time)
    if not times:
        raise EvidenceInvalid("no countersigned head stands above it")
    return min(times)


def _name(signed: SignedDecision) -> str:
    """`customs, version 1, revision 2 APPROVED (log customs/1, sequence 17)`, as it says itself."""
    try:
        said = Decision.FromString(signed.decision)
    except DecodeError:
        return "a decision that cannot be read"
    verdict = Decision.Verdict.Name(said.verdict).removeprefix("VERDICT_") if said.verdict in _KNOWN else "?"
    place = f"(log {said.log}, sequence {said.sequence})"
    return f"{said.agency}, version {said.version}, revision {said.revision} {verdict} {place}"


_KNOWN = frozenset(Decision.Verdict.values())


def _orders(
    evidence: ClearanceEvidence, parties: _Parties, decisions: Sequence[tuple[Decision, bytes]], found: Verdict
) -> None:
    gateway, last = parties.of(GATEWAY), 0
    for each in evidence.orders:
        try:
            order = ReleaseOrder.FromString(each.order)
            what = f"order {order.number}"
        except DecodeError:
            found.faults.append("an order that cannot be read")
            continue
        try:
            _order(order, evidence, gateway)
            verify_order(gateway, each.order, each.signature, order.key_id)
            parties.check(order.key_id, order.issue_time.ToDatetime(UTC))
            if order.number <= last:
                raise EvidenceInvalid("its number is not above that of the order before")
            _rests(order, evidence.district, decisions)
        except EvidenceInvalid as invalid:
            found.faults.append(f"{what}: {invalid.flaw}")
            continue
        last = order.number
        kind = "release" if order.kind == ReleaseOrder.KIND_RELEASE else "stop"
        found.sound.append(f"{what}, {kind}, rests on {len(order.decisions)} decisions{_by_hand(order)}")


def _order(order: ReleaseOrder, evidence: ClearanceEvidence, gateway: Verifier) -> None:
    if order.clearance_number != evidence.clearance_number:
        raise EvidenceInvalid("it is about another clearance")
    if order.gateway != str(gateway.identity):
        raise EvidenceInvalid("it is of another gateway")
    if not gateway.in_force(order.key_id, order.issue_time.seconds):
        raise EvidenceInvalid("the gateway's certificate was not in force when it was issued")


def _by_hand(order: ReleaseOrder) -> str:
    """Who let goods go without whose answer; empty where agencies alone did."""
    if not order.HasField("manual"):
        return ""
    manual = order.manual
    officers, absent = f"{manual.proposer} and {manual.confirmer}", ", ".join(manual.absent_agencies)
    return f", and without an answer of {absent} on the word of {officers}"


def _party(decision: Decision, district: str) -> str:
    """How orders of this district name who decided: another district by its name, its agencies with it."""
    if decision.district == district:
        return decision.agency
    return decision.district if decision.agency == GATEWAY else f"{decision.district}_{decision.agency}"


def _rests(order: ReleaseOrder, district: str, decisions: Sequence[tuple[Decision, bytes]]) -> None:
    """Every decision that it names is here, with that digest; of a release each is a yes on that very consignment."""
    by_digest = {digest: decision for decision, digest in decisions}
    if flaw := flaw_of_manual(order):
        raise EvidenceInvalid(flaw)
    if order.kind == ReleaseOrder.KIND_RELEASE and not order.decisions and not order.HasField("manual"):
        raise EvidenceInvalid("it rests on nothing")
    for named in order.decisions:
        decision = by_digest.get(named.decision_digest)
        who = f"{named.agency}'s decision, version {named.version}, revision {named.revision}"
        if decision is None:
            raise EvidenceInvalid(f"it names {who} by a digest that no sound decision here has")
        said = (_party(decision, district), decision.version, decision.revision, decision.log, decision.sequence)
        if said != (named.agency, named.version, named.revision, named.log, named.sequence):
            raise EvidenceInvalid(f"it names {who}, and by its digest another")
        if order.kind != ReleaseOrder.KIND_RELEASE:
            continue
        if decision.verdict not in YES:
            raise EvidenceInvalid(f"it rests on {who}, which is no yes")
        if decision.consignment_digest != order.consignment_digest:
            raise EvidenceInvalid(f"it rests on {who}, which is about another consignment")
