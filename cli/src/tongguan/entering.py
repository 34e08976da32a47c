"""Entries of a file of movements on their way to customs' registers."""

from collections.abc import Callable

from clearance.customs.v1 import register_service_pb2 as pb
from tongguan.channels import Peer
from tongguan.facts import CARRIER, FACT_KINDS
from tongguan.guarantees import Guarantees
from tongguan.lodging.movements import Entered


def entering(customs: Peer) -> Callable[[Entered], object]:
    """Enters a guarantee or a carrier by an officer of customs; twice has one effect."""
    ledger, carriers = Guarantees(customs), FACT_KINDS[CARRIER]

    def enter(entered: Entered) -> object:
        if isinstance(entered.entry, pb.Carrier):
            return customs.call(carriers.method, carriers.batch(entered.act, [entered.entry]), carriers.response)
        return ledger.register(entered.entry, entered.act)

    return enter
