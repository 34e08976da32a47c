"""What one agency says, proved to be its own: the keys it signs with, and decisions read once they are verified."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from agencykit.evidence import EvidenceInvalid, Verifier
from agencykit.evidence.certificates import CertificateInvalid
from agencykit.identity import Identity
from agencykit.refusals import Refusal
from agencykit.rpc.transport import Transport, Unreachable
from agencykit.runtime import Executor
from clearance.agency.v1.agency_service_pb2 import DescribeAgencyRequest, DescribeAgencyResponse
from clearance.common.v1 import decision_pb2
from clearance.common.v1.evidence_pb2 import SignedDecision
from gateway.domain.decision import Decision, Wait, WaitKind
from gateway.operations.log import Log
from gateway.storage.decisions import Received

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
_DESCRIBE = "/clearance.agency.v1.AgencyService/DescribeAgency"
_DESCRIBE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why one decision proves nothing. `of_seal`: nothing under its seal can be trusted."""

    text: str
    of_seal: bool


class Evidence:
    """Verifies one agency's decisions, off the event loop; fetches its signing certificates when it meets a new key."""

    def __init__(
        self, identity: Identity, authorities_pem: bytes, transport: Transport, executor: Executor, log: Log
    ) -> None:
        self._verifier = Verifier.trusting(identity, authorities_pem)
        self._signer = str(identity)
        self._transport, self._executor, self._log = transport, executor, log

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
            decision = self._verifier.verify(signed)
        except EvidenceInvalid as invalid:
            return Flaw(invalid.flaw, invalid.flaw not in ITEM_FLAWS)
        return received(decision, signed, self._signer)

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
                self._verifier.admit(certificate)
                admitted = True
            except CertificateInvalid as invalid:
                self._log.error("agency.certificate_invalid", identity=self._signer, error=invalid)
        return admitted


def received(decision: decision_pb2.Decision, signed: SignedDecision, signer: str) -> Received:
    """A verified decision as a value."""
    value = Decision(
        agency=decision.agency,
        version=decision.version,
        revision=decision.revision,
        verdict=int(decision.verdict),
        fingerprint=sha256(signed.decision).digest(),
        whole=not (decision.scope.item_numbers or decision.scope.container_numbers),
        waits=tuple(_wait(waiting) for waiting in decision.waiting),
        log=decision.log,
        sequence=decision.sequence,
        signed=signed.SerializeToString(),
    )
    return Received(decision.clearance_number, value, decision.consignment_digest, signer)


def _wait(waiting: decision_pb2.Waiting) -> Wait:
    kind = waiting.kind or WaitKind.PERSON
    return Wait(int(kind), waiting.party, waiting.fact_kind, waiting.fact_key, waiting.rule_id, waiting.agency)
