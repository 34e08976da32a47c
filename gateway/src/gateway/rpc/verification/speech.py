"""Decisions of a gateway, written and signed as an agency's are: how verifications stand, and its orders to ports."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agencykit.evidence import Signer, seal_batch
from agencykit.rules import Verdict
from agencykit.storage import from_micros, to_micros
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import SignedDecision
from clearance.common.v1.order_pb2 import ReleaseOrder
from clearance.district.v1.verification_pb2 import HomeOrder
from gateway.domain.identifiers import Micros
from gateway.domain.scope import Scope
from gateway.domain.verification import GATEWAY
from gateway.operations.verification.speaking import Saying
from gateway.rpc.scopes import write_scope
from gateway.rpc.times import timestamp
from gateway.storage.outcomes import Outcome
from gateway.storage.verifications import NO_HEAD

# Of a gateway as of any agency: the role, and whose log it is.
LOG = f"{GATEWAY}/"


def log_of(name: str) -> str:
    """The log for a home district, or for the orders of one clearance."""
    return f"{LOG}{name}"


@dataclass(frozen=True, slots=True)
class Speech:
    """Signs for a district (operations.verification.speaking.Sign)."""

    signer: Signer
    district: str

    def __call__(
        self, home: str, sayings: Sequence[Saying], first: int, head: bytes, now: Micros
    ) -> tuple[list[bytes], bytes]:
        """See Sign."""
        log = log_of(home)
        decisions = [
            self._decision(each, log, first + place, now).SerializeToString() for place, each in enumerate(sayings)
        ]
        return self._sealed(log, first, head, decisions, now)

    def orders(self, outcomes: Iterable[Outcome]) -> list[HomeOrder]:
        """Pure work of the processor, for the executor."""
        return [self._order(each) for each in outcomes]

    def _order(self, outcome: Outcome) -> HomeOrder:
        """An order as the port is told it, or that the case is closed: under one key the same bytes however often.

        It is sealed when it came about. Under a newer key it is sealed anew, and no earlier than that key was in force.
        """
        log = log_of(outcome.number)
        order = ReleaseOrder.FromString(outcome.order_bytes) if outcome.order_bytes else _closing(outcome)
        verdict = Verdict.APPROVED if order.kind == ReleaseOrder.KIND_RELEASE else Verdict.RECALLED
        decision = Decision(
            agency=GATEWAY,
            district=self.district,
            clearance_number=outcome.number,
            version=order.version,
            consignment_digest=order.consignment_digest,
            revision=order.number,
            verdict=int(verdict),  # type: ignore[arg-type]  # the kit's numbers are the contract's
            log=log,
            sequence=order.number,
            decide_time=order.issue_time,
        )
        if order.HasField("scope"):
            decision.scope.CopyFrom(order.scope)
        content, moment = decision.SerializeToString(), max(outcome.outcome_time, to_micros(self.signer.in_force_from))
        [signed], _ = self._sealed(log, order.number, NO_HEAD, [content], moment)
        return HomeOrder(
            decision=SignedDecision.FromString(signed), order=outcome.order_bytes, order_signature=outcome.signature
        )

    def _decision(self, each: Saying, log: str, sequence: int, now: Micros) -> Decision:
        said = each.said
        decision = Decision(
            agency=GATEWAY,
            district=self.district,
            clearance_number=each.number,
            version=said.version,
            consignment_digest=each.digest,
            revision=each.revision,
            verdict=int(said.verdict),  # type: ignore[arg-type]  # as above
            log=log,
            sequence=sequence,
            decide_time=timestamp(now),
        )
        if isinstance(said.scope, Scope):
            write_scope(decision.scope, said.scope)
        for wait in said.waits:
            told = decision.waiting.add(party=wait.party, fact_kind=wait.fact_kind, fact_key=wait.fact_key)
            told.rule_id = wait.rule_id
            told.kind = wait.kind  # type: ignore[assignment]  # as above
        return decision

    def _sealed(
        self, log: str, first: int, head: bytes, decisions: Sequence[bytes], now: Micros
    ) -> tuple[list[bytes], bytes]:
        batch = seal_batch(
            self.signer,
            agency=GATEWAY,
            district=self.district,
            log=log,
            first_sequence=first,
            previous_head=head,
            decisions=decisions,
            seal_time=from_micros(now),
        )
        return batch.signed(decisions), batch.head


def _closing(outcome: Outcome) -> ReleaseOrder:
    """What an order would say by which a closed case stands: it is never issued."""
    return ReleaseOrder(
        kind=ReleaseOrder.KIND_RELEASE,
        version=outcome.version,
        consignment_digest=outcome.digest,
        number=outcome.order_number,
        issue_time=timestamp(outcome.outcome_time),
    )
