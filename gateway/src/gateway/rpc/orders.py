"""Release and stop orders: written as the contract's ReleaseOrder, signed with the gateway's own key.

An order bundles the decisions it rests on by their digests; their bytes are stored once, with the decisions (ADR 9).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from agencykit.evidence import Signer, sign_order
from clearance.gateway.v1.clearance_pb2 import ReleaseOrder
from gateway.domain.case import Case
from gateway.domain.decision import Decision
from gateway.domain.identifiers import Micros
from gateway.rpc.times import timestamp


@dataclass(frozen=True, slots=True)
class SignedOrders:
    """Makes orders (operations.ports.OrderMaker)."""

    signer: Signer
    # Identity of the gateway, and its district.
    gateway: str
    district: str
    key_id: bytes

    def __call__(self, case: Case, kind: int, decisions: Sequence[Decision], issue_time: Micros) -> tuple[bytes, bytes]:
        order = ReleaseOrder(
            clearance_number=case.number,
            number=case.order_number,
            kind=kind,  # type: ignore[arg-type]  # the domain's numbers are the contract's
            version=case.version,
            consignment_digest=case.digest,
            gateway=self.gateway,
            issue_time=timestamp(issue_time),
            policy_version=case.policy.version,
            key_id=self.key_id,
            district=self.district,
        )
        for decision in decisions:
            order.decisions.add(
                agency=decision.agency,
                version=decision.version,
                revision=decision.revision,
                log=decision.log,
                sequence=decision.sequence,
                decision_digest=decision.fingerprint,
            )
        content = order.SerializeToString()
        return content, sign_order(self.signer, content)
