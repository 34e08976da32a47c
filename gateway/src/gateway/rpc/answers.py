"""What an agency's answers and errors mean for the items asked."""

import grpc
from google.rpc.status_pb2 import Status

from agencykit.refusals import Refusal, RemoteRefusal, from_status
from agencykit.rpc.transport import Unreachable
from gateway.operations.ports import AssessItem, CallFailed, ItemRefused
from gateway.rpc.evidence import Flaw
from gateway.storage.decisions import Received

# Codes that speak of the connection or the caller, never of what was sent.
_SERVICE_CODES = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)
_TRANSIENT_NUMBERS = frozenset(code.value[0] for code in _SERVICE_CODES)
# Refusals of the whole call that no smaller batch would mend.
_OF_CALLER = frozenset({"CALLER_NOT_LISTED", "IDENTITY_MISSING", "DEADLINE_MISSING"})
# The kit calls it transient, because nothing was decided; an item that meets it again and again is poison all the same.
_INTERNAL = "INTERNAL"


def failed(error: Refusal | Unreachable) -> CallFailed:
    """Why a whole call brought no answers, and whether one of its items may be to blame."""
    if isinstance(error, Unreachable):
        return CallFailed(error.code.name, item_suspected=error.code not in _SERVICE_CODES)
    reason = reason_of(error)
    whole = (error.transient and reason != _INTERNAL) or reason in _OF_CALLER
    return CallFailed(reason, item_suspected=not whole)


def refused(error: Refusal) -> ItemRefused:
    """Why one item was refused."""
    reason = reason_of(error)
    return ItemRefused(reason, error.transient and reason != _INTERNAL)


def item_error(status: Status) -> ItemRefused:
    """Why one item of a batch was refused; an agency may send a Status that is none of the contract's."""
    refusal = from_status(status)
    if refusal is not None:
        return refused(refusal)
    name = next((code.name for code in grpc.StatusCode if code.value[0] == status.code), "UNKNOWN")
    return ItemRefused(name, status.code in _TRANSIENT_NUMBERS)


def reason_of(refusal: Refusal) -> str:
    """The reason's name in the contract."""
    return refusal.metadata.get("reason", refusal.reason) if isinstance(refusal, RemoteRefusal) else refusal.reason


def proved(item: AssessItem, checked: Received | Flaw) -> Received | ItemRefused:
    """A decision that was verified counts for an item only if it is about that very version of that very case."""
    if isinstance(checked, Flaw):
        return ItemRefused("UNTRUSTED" if checked.of_seal else "GARBLED", transient=True)
    if (checked.number, checked.decision.version, checked.digest) != (item.number, item.version, item.digest):
        return ItemRefused("GARBLED", transient=True)
    return checked
