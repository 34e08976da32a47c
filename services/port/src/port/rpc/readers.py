"""Reads what the port stored as bytes: release orders with their proof, and the goods of a consignment."""

from collections.abc import Callable
from dataclasses import dataclass, field

from google.protobuf.message import DecodeError

from agencykit.evidence import EvidenceInvalid, Verifier, verify_order
from agencykit.evidence.by_hand import flaw_of_manual
from agencykit.evidence.certificates import CertificateInvalid, key_id_of
from agencykit.identity import Identity
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.order_pb2 import ReleaseOrder
from port.domain.consignment import Direction
from port.domain.goods import Goods, Scope
from port.domain.identifiers import fold
from port.operations.releases import Certificates, Proved
from port.rpc.consignments import packages_of
from port.storage.releases import StoredOrder

# How orders name the port's own decisions.
OWN = "port"


def never(identity: str, serial: str) -> int | None:
    """Nobody is shut out."""


@dataclass(frozen=True, slots=True)
class Prover:
    """Proves orders of one gateway against the district's authorities (PEM).

    `denied_since(identity, serial)` says from when on a signer is shut out, in microseconds since 1970: what the port
    was told before that stands, for its own record of it is older.
    """

    gateway: Identity
    authorities_pem: bytes
    denied_since: Callable[[str, str], int | None] = never
    # Certificates are checked once: a batch at the gate is proved on the thread that writes.
    _verifier: Verifier = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_verifier", Verifier.trusting(self.gateway, self.authorities_pem))

    def __call__(self, stored: StoredOrder, certificates: Certificates) -> Proved:
        """Flaws are in the order in which they are looked for: readable, of this case, of this gateway, resting on what
        the port itself decided, signed.
        """
        try:
            order = ReleaseOrder.FromString(stored.order)
        except DecodeError:
            return Proved("the order cannot be read")
        said = (order.clearance_number, order.number, order.version, order.kind)
        if said != (stored.clearance_number, stored.order_number, stored.version, ReleaseOrder.KIND_RELEASE):
            return Proved("the order says something else than what was told")
        if stored.digest and order.consignment_digest != stored.digest:
            return Proved("the order is about another consignment")
        if order.gateway != str(self.gateway):
            return Proved("the order is of another gateway")
        if any(each.agency == OWN and each.decision_digest not in stored.decided for each in order.decisions):
            return Proved("the order rests on a decision of the port that the port never made")
        agencies = frozenset([each.agency for each in order.decisions])
        by_hand = (_absent(order), flaw_of_manual(order))
        return Proved(self._flaw(order, stored, certificates), _scope(order), agencies, *by_hand)

    def _flaw(self, order: ReleaseOrder, stored: StoredOrder, certificates: Certificates) -> str:
        certificate = certificates.get(order.key_id)
        if certificate is None:
            return "the port knows no such key of the gateway"
        verifier, key_id = self._verifier, key_id_of(certificate)
        try:
            if not verifier.knows(key_id):
                verifier.admit(certificate)
            verify_order(verifier, stored.order, stored.signature, key_id)
        except CertificateInvalid as invalid:
            return f"the certificate proves nothing: {invalid}"
        except EvidenceInvalid as invalid:
            return invalid.flaw
        since = self.denied_since(str(self.gateway), verifier.serial(key_id))
        if since is not None and stored.record_time >= since:
            return "the signer, or its certificate, was shut out when the port was told"
        in_force = verifier.in_force(key_id, order.issue_time.seconds)
        return "" if in_force else "the certificate was not in force when the order was issued"


def _absent(order: ReleaseOrder) -> frozenset[str]:
    """In whose place officers ordered it; where they name nobody, of nobody in particular, so that it is looked at."""
    return frozenset(order.manual.absent_agencies or [""]) if order.HasField("manual") else frozenset()


def read_scope(order: bytes) -> Scope | None:
    """What an order says it is about; None where its bytes are none: what was told stays on record, whatever it is."""
    try:
        return _scope(ReleaseOrder.FromString(order))
    except DecodeError:
        return None


def _scope(order: ReleaseOrder) -> Scope:
    containers = frozenset([fold(number) for number in order.scope.container_numbers])
    return Scope(frozenset(order.scope.item_numbers), containers)


def read_goods(content: bytes) -> Goods:
    """The goods of a consignment as it was assessed."""
    consignment = Consignment.FromString(content)
    containers = dict.fromkeys([fold(container.number) for container in consignment.containers])
    items = [(item.number, tuple([fold(each) for each in item.container_numbers])) for item in consignment.items]
    return Goods(
        document=fold(consignment.transport_document_number),
        direction=Direction(consignment.direction),
        containers=tuple([number for number in containers if number]),
        items=tuple(items),
        packages=packages_of(consignment),
    )
