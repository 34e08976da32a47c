"""What one agency says, proved to be its own: the keys it signs with, and decisions read once they are verified."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock

from google.protobuf.message import DecodeError

from agencykit.evidence import EvidenceInvalid, Verifier
from agencykit.evidence.certificates import CertificateInvalid
from agencykit.evidence.merkle import leaf_hash
from agencykit.evidence.tree import ProvenTree
from agencykit.identity import Identity
from agencykit.refusals import Refusal
from agencykit.rpc.denied import DenyList
from agencykit.rpc.transport import Transport, Unreachable
from agencykit.rules import RequiredAction
from agencykit.runtime import Executor
from clearance.agency.v1.agency_service_pb2 import DescribeAgencyRequest, DescribeAgencyResponse
from clearance.common.v1 import decision_pb2
from clearance.common.v1.evidence_pb2 import BatchSeal, SignedDecision, SigningCertificate
from gateway.domain.decision import OBLIGATION, Decision, Grant, Wait, WaitKind
from gateway.domain.head import LogHead, LogKind
from gateway.operations.log import Log
from gateway.operations.witness import Witness
from gateway.rpc.scopes import read_scope
from gateway.storage.decisions import Received
from gateway.storage.heads import Key

UNKNOWN_KEY = "unknown key"
# What may be wrong with one decision although the seal it names is the agency's own.
ITEM_FLAWS = frozenset(
    {
        "the proof is of another batch",
        "the decision is not in the sealed batch",
        "the decision cannot be read",
        "the decision names another agency or log than its seal",
        "the decision names another place in the log than its seal",
    }
)
# Sealed batches whose proven nodes are kept: the feed brings them once more.
BATCHES_KEPT = 64
# By the contract's numbers.
ACTIONS: dict[int, str] = {action.value: action.name for action in RequiredAction}
_OBLIGED = decision_pb2.Decision.VERDICT_APPROVED_WITH_OBLIGATIONS
_NO_TERMS = decision_pb2.GuaranteeTerms()
_DESCRIBE = "/clearance.agency.v1.AgencyService/DescribeAgency"
_DESCRIBE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why one decision proves nothing. `of_seal`: nothing under its seal can be trusted."""

    text: str
    of_seal: bool


class SealedBatch:
    """A batch whose seal is proven: its decisions are checked together."""

    def __init__(self, seal: bytes) -> None:
        self._seal = BatchSeal.FromString(seal)
        self._tree = ProvenTree(self._seal.root, self._seal.count)
        self.key_id = self._seal.key_id
        self._names = (self._seal.agency, self._seal.district, self._seal.log)

    @property
    def head(self) -> LogHead:
        """Where the log ended with it."""
        seal = self._seal
        return LogHead(LogKind.DECISIONS, seal.log, seal.first_sequence + seal.count - 1, seal.head)

    def decision(self, signed: SignedDecision) -> decision_pb2.Decision:
        """The decision, proved to be in the batch; else EvidenceInvalid, as `Verifier.verify` says it."""
        proof = signed.proof
        if proof.count != self._seal.count:
            raise EvidenceInvalid("the proof is of another batch")
        if not self._tree.proves(leaf_hash(signed.decision), proof.index, proof.siblings):
            raise EvidenceInvalid("the decision is not in the sealed batch")
        try:
            decision = decision_pb2.Decision.FromString(signed.decision)
        except DecodeError:
            raise EvidenceInvalid("the decision cannot be read") from None
        if (decision.agency, decision.district, decision.log) != self._names:
            raise EvidenceInvalid("the decision names another agency or log than its seal")
        if decision.sequence != self._seal.first_sequence + proof.index:
            raise EvidenceInvalid("the decision names another place in the log than its seal")
        return decision


class Evidence:
    """Verifies one agency's decisions, off the event loop; fetches its signing certificates when it meets a new key.

    What comes from a signer that is `denied` proves nothing; what was proved before stands.
    """

    def __init__(
        self,
        identity: Identity,
        authorities_pem: bytes,
        denied: DenyList,
        transport: Transport,
        executor: Executor,
        log: Log,
        witness: Witness,
    ) -> None:
        self._denied = denied
        self._verifier = Verifier.trusting(identity, authorities_pem)
        self._signer = str(identity)
        self._transport, self._executor, self._log, self._witness = transport, executor, log, witness
        self._batches: dict[tuple[bytes, bytes], SealedBatch] = {}
        self._admitted: dict[bytes, bytes] = {}
        # Replies are checked on several threads.
        self._lock = Lock()

    async def check(self, signed: Sequence[SignedDecision]) -> list[Received | Flaw]:
        """Each decision, or what is wrong with it; in their order."""
        checked = await self._executor.run(self._check, signed)
        if any(isinstance(each, Flaw) and each.text == UNKNOWN_KEY for each in checked) and await self._learn():
            checked = await self._executor.run(self._check, signed)
        return checked

    def _check(self, signed: Sequence[SignedDecision]) -> list[Received | Flaw]:
        return [self._checked(each) for each in signed]

    def _checked(self, signed: SignedDecision) -> Received | Flaw:
        try:
            decision = self._verified(signed)
        except EvidenceInvalid as invalid:
            return Flaw(invalid.flaw, invalid.flaw not in ITEM_FLAWS)
        return received(decision, signed, self._signer)

    def _verified(self, signed: SignedDecision) -> decision_pb2.Decision:
        """The first decision of a sealed batch in full; for the others the seal and most of the path are proven."""
        key = (signed.seal, signed.signature)
        batch = self._batches.get(key)
        if batch is not None:
            return batch.decision(signed)
        decision = self._verifier.verify(signed)
        batch = SealedBatch(signed.seal)
        if self._denied.denies(self._signer, self._verifier.serial(batch.key_id)):
            # When it was signed is the signer's own word: what comes now may be anybody's who holds the key.
            raise EvidenceInvalid("the signer, or its certificate, is shut out")
        self._witness.saw(batch.head)
        with self._lock:
            self._batches[key] = batch
            if len(self._batches) > BATCHES_KEPT:
                del self._batches[next(iter(self._batches))]
        return decision

    async def certificates(self) -> list[SigningCertificate]:
        """Of all its keys that may still be met: for whoever is given its decisions."""
        if not self._admitted:
            await self._learn()
        return [SigningCertificate(certificate=each, key_id=key) for key, each in self._admitted.items()]

    async def _learn(self) -> bool:
        """Asks the agency for its certificates; whether any is its own and issued by a trusted authority."""
        try:
            described = await self._transport.unary(
                _DESCRIBE, DescribeAgencyRequest(), DescribeAgencyResponse, timeout_seconds=_DESCRIBE_SECONDS
            )
        except (Refusal, Unreachable) as error:
            self._log.warning("agency.undescribed", identity=self._signer, error=error)
            return False
        certificates = [each.certificate for each in described.description.signing_certificates]
        return await self._executor.run(self._admit, certificates)

    def _admit(self, certificates: Iterable[bytes]) -> bool:
        admitted = False
        for certificate in certificates:
            try:
                key_id = self._verifier.admit(certificate)
                self._admitted[key_id] = certificate
                self._witness.trusted(Key(key_id, certificate, self._signer))
                admitted = True
            except CertificateInvalid as invalid:
                self._log.error("agency.certificate_invalid", identity=self._signer, error=invalid)
        return admitted


def received(decision: decision_pb2.Decision, signed: SignedDecision, signer: str) -> Received:
    """A verified decision as a value."""
    # A look at a part that is not there makes it first; hardly any decision has scope or guarantee.
    terms = decision.guarantee if decision.HasField("guarantee") else _NO_TERMS
    value = Decision(
        agency=decision.agency,
        version=decision.version,
        revision=decision.revision,
        verdict=decision.verdict,
        fingerprint=sha256(signed.decision).digest(),
        scope=read_scope(decision.scope) if decision.HasField("scope") else None,
        waits=tuple([_wait(waiting) for waiting in decision.waiting]) + _owed(decision),
        log=decision.log,
        sequence=decision.sequence,
        signed=signed.SerializeToString(),
        covered=terms.covered,
        granted=_granted(terms) if terms is not _NO_TERMS else None,
        settle_days=terms.settle_days,
    )
    return Received(decision.clearance_number, value, decision.consignment_digest, signer)


def _granted(terms: decision_pb2.GuaranteeTerms) -> Grant | None:
    if not terms.granted_grns:
        return None
    kinds = tuple([int(kind) for kind in terms.kinds])
    return Grant(kinds, terms.amount_minor_units, terms.currency_code, tuple(terms.granted_grns))


def _wait(waiting: decision_pb2.Waiting) -> Wait:
    kind = waiting.kind or WaitKind.PERSON
    return Wait(int(kind), waiting.party, waiting.fact_kind, waiting.fact_key, waiting.rule_id, waiting.agency)


def _owed(decision: decision_pb2.Decision) -> tuple[Wait, ...]:
    """What a yes obliges the trader to, each required action once."""
    if decision.verdict != _OBLIGED:
        return ()
    owed = {
        found.required_action: found.rule_id
        for found in decision.findings
        if found.effect == decision.verdict and found.required_action and not found.resolved
    }
    return tuple(
        [
            Wait(WaitKind.PERSON, "trader", OBLIGATION, ACTIONS.get(action, str(action)), rule_id)
            for action, rule_id in sorted(owed.items())
        ]
    )
