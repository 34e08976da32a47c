"""Release and stop orders: written as the contract's ReleaseOrder, signed with the gateway's own key.

An order bundles the decisions it rests on by their digests; their bytes are stored once, with the decisions
(ADR 9). Orders that are issued together have one signature, as decisions do (ADR 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from agencykit.evidence import Signer, sign_orders
from clearance.common.v1.order_pb2 import ReleaseOrder
from gateway.domain.case import Case
from gateway.domain.decision import Decision
from gateway.domain.identifiers import Micros
from gateway.operations.ports import Due
from gateway.rpc.manual_messages import write_basis
from gateway.rpc.scopes import write_scope
from gateway.rpc.times import timestamp

# Release mode (放行方式) of goods that are declared at home and verified at the port (属地申报、口岸验放).
MODE_05 = "05"
# An inclusion proof of the contract leads through a tree of so many at most.
SIGNED_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class SignedOrders:
    """Makes orders (operations.ports.OrderMaker)."""

    signer: Signer
    # Identity of the gateway, and its district.
    gateway: str
    district: str
    key_id: bytes

    def __call__(self, due: Sequence[Due], issue_time: Micros) -> list[tuple[bytes, bytes]]:
        contents = [self._content(each.case, each.kind, each.decisions, issue_time) for each in due]
        parts = [contents[place : place + SIGNED_AT_ONCE] for place in range(0, len(contents), SIGNED_AT_ONCE)]
        signatures = [signature for part in parts for signature in sign_orders(self.signer, part)]
        return list(zip(contents, signatures, strict=True))

    def _content(self, case: Case, kind: int, decisions: Sequence[Decision], issue_time: Micros) -> bytes:
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
            release_mode=MODE_05 if case.policy.verified_at or case.policy.declared_at else "",
        )
        if case.part is not None:
            write_scope(order.scope, case.part)
        if case.manual is not None:
            write_basis(order.manual, case.manual)
        for decision in decisions:
            order.decisions.add(
                agency=decision.agency,
                version=decision.version,
                revision=decision.revision,
                log=decision.log,
                sequence=decision.sequence,
                decision_digest=decision.fingerprint,
            )
        return order.SerializeToString()
