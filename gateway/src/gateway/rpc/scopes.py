"""The contract's Scope: the part of a consignment that something is about."""

from clearance.common.v1.decision_pb2 import Scope as ScopeMessage
from gateway.domain.scope import Scope


def read_scope(message: ScopeMessage) -> Scope | None:
    """None for the whole, which the contract also says by naming nothing."""
    return Scope(frozenset(message.item_numbers), frozenset(message.container_numbers)) or None


def write_scope(message: ScopeMessage, scope: Scope) -> None:
    """Into an empty message, in order."""
    message.item_numbers.extend(sorted(scope.items))
    message.container_numbers.extend(sorted(scope.containers))
