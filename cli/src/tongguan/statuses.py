"""google.rpc.Status as people and scripts read it: reason, text, advice, exit code, and whether to try again."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

# Their descriptors must be known before a Status with details can be written as JSON.
from google.protobuf import any_pb2
from google.protobuf.json_format import MessageToDict
from google.rpc.code_pb2 import Code
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from tongguan.failures import Exit, Failure, NotPermitted, Refused, Unavailable

if TYPE_CHECKING:
    pass

Kind = TypeVar("Kind", ErrorInfo, BadRequest, RetryInfo)

DOMAIN = "clearance"
VIOLATIONS_SHOWN = 5

# What to do about a reason (clearance.common.v1.Refusal.Reason).
ADVICE: Mapping[str, str] = {
    "FORM_INVALID": "correct the fields named",
    "MALFORMED": "check the line against the contract (protos/)",
    "IDENTITY_MISSING": "use a certificate of this district that is not revoked (--cert, --key)",
    "CALLER_NOT_LISTED": "use an identity that may (--as)",
    "BROKER_MISMATCH": "submit with the certificate of the broker declared (--as broker/LICENCE)",
    "REQUEST_ID_REUSED": "use another request id, or leave it out",
    "REFERENCE_REUSED": "amend that clearance (tongguan amend), or use another reference",
    "NOT_FOUND": "look for it (tongguan list), or use the identity that owns it (--as)",
    "STALE_VERSION": "look at it again (tongguan show) and repeat",
    "STATE_FORBIDS": "look at where it stands (tongguan show)",
    "WITHDRAWN": "submit anew with another reference",
    "OVERLOADED": "try again later",
    "UNAVAILABLE": "try again in a moment",
    "PARTNER_UNAVAILABLE": "see since when, and what it announced (tongguan partner list)",
    "LOG_UNWRITABLE": "look into the service's log and disk",
    "INTERNAL": "look into the service's log",
    "TOO_LARGE": "split the consignment",
    "WORK_TAKEN": "let that officer finish or return it",
    "PASSWORD_WRONG": "ask the issuing office for the password; the last wrong try locks the transfer",
    "FAULT_INJECTED": "the fault switch is on; try again",
    "PAGE_TOKEN_INVALID": "begin at the first page",
    "REVOCATIONS_STALE": "wait until the gateway reaches the port again, or start it",
    "NOT_RELEASED": "look at where it stands (tongguan show); the goods stay",
    "ORDER_SUPERSEDED": "look at the newest order (tongguan gate show) and act on that one",
    "ORDER_UNVERIFIED": "the goods stay; tell the district's gateway",
    "POSITION_AHEAD": "begin again (--position 0); what comes twice has the same number",
    "PACKAGES_EXCEEDED": "see how many are left (tongguan gate show), or have them tallied",
    "CARRIER_NOT_REGISTERED": "have customs register it, or name another (tongguan register carrier)",
    "GUARANTEE_NOT_CONFIRMED": "see why (tongguan transit show), and name other guarantees (tongguan transit amend)",
    "SECOND_PERSON_NEEDED": "let another officer do it (--as)",
    "MANUAL_RELEASE_FORBIDDEN": "see in whose place goods may go (tongguan release table), and who has answered (show)",
    "EMERGENCY_FORBIDDEN": "see the plan and what is declared (tongguan emergency plan, tongguan emergency status)",
    "OUT_OF_SCOPE": "let out only what the order covers (tongguan gate show)",
    "GOODS_HELD": "let the port lift its hold first",
    "APPEAL_TOO_LATE": "the refusal stands",
    "SLOT_FULL": "look for another (tongguan slot list)",
    "SLOT_INVALID": "take the begin of a slot to come (tongguan slot list)",
}

_TRANSIENT_REASONS = {"OVERLOADED", "UNAVAILABLE", "LOG_UNWRITABLE", "FAULT_INJECTED", "DEADLINE_TOO_SHORT", "INTERNAL"}
_TRANSIENT_REASONS |= {"REVOCATIONS_STALE", "PARTNER_UNAVAILABLE"}
# Without a reason of the contract these come from the way there, not from the service; nothing is known of the outcome.
_TRANSIENT_CODES = {Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED, Code.CANCELLED, Code.UNKNOWN, Code.INTERNAL, Code.ABORTED}


def make(code: int, message: str, reason: str = "", **metadata: str) -> Status:
    """A Status of our own, for what is refused before any service is asked."""
    status = Status(code=code, message=message)
    if reason:
        status.details.add().Pack(ErrorInfo(reason=reason, domain=DOMAIN, metadata=metadata))
    return status


def of_error(error: Any) -> Status:
    """The Status that a failed call (grpc.RpcError) carries; where it carries none, one made of its code and text."""
    from grpc_status import rpc_status

    carried: Status | None
    try:
        carried = rpc_status.from_call(error)
    except ValueError:  # code and details of the trailer disagree: not made by one of ours
        carried = None
    if carried is not None:
        return carried
    return Status(code=error.code().value[0], message=error.details() or error.code().name)


def of_failure(failure: Failure) -> Status:
    """The Status a failure stands for."""
    if failure.status is not None:
        return failure.status
    code = {Exit.UNAVAILABLE: Code.UNAVAILABLE, Exit.NOT_PERMITTED: Code.PERMISSION_DENIED}
    code |= {Exit.USAGE: Code.INVALID_ARGUMENT}
    return Status(code=code.get(failure.exit, Code.FAILED_PRECONDITION), message=failure.message)


def reason(status: Status) -> str:
    """The contract's reason, `OVERLOADED`; empty where the Status carries none."""
    info = _detail(status, ErrorInfo())
    return info.reason if info.domain == DOMAIN else ""


def text(status: Status) -> str:
    """One line: what was refused and why, with the first few violations."""
    violations = [f"{field.field}: {field.description}" for field in _detail(status, BadRequest()).field_violations]
    more = [f"… and {len(violations) - VIOLATIONS_SHOWN} more"] if len(violations) > VIOLATIONS_SHOWN else []
    name = reason(status) or Code.Name(status.code)
    return "; ".join([f"{name}: {status.message}", *violations[:VIOLATIONS_SHOWN], *more])


def transient(status: Status) -> bool:
    """Whether nothing was decided, so that the same request may be sent again with the same request id."""
    named = reason(status)
    return named in _TRANSIENT_REASONS if named else status.code in _TRANSIENT_CODES


def retry_seconds(status: Status) -> float:
    """After how long the service says that it is worth asking again; 0 where it does not say."""
    return max(_detail(status, RetryInfo()).retry_delay.ToNanoseconds() / 1e9, 0.0)


def exit_of(status: Status) -> Exit:
    """The exit code one Status alone leads to."""
    if status.code in (Code.PERMISSION_DENIED, Code.UNAUTHENTICATED):
        return Exit.NOT_PERMITTED
    return Exit.UNAVAILABLE if transient(status) else Exit.FAILED


def to_failure(status: Status, peer: str = "", advice: str = "") -> Failure:
    """The failure that ends a command on this answer. `peer` is who answered or should have."""
    kind = {Exit.NOT_PERMITTED: NotPermitted, Exit.UNAVAILABLE: Unavailable}.get(exit_of(status), Refused)
    said = f"{peer}: {text(status)}" if peer else text(status)
    return kind(said, ADVICE.get(reason(status), advice), status)


def to_json(status: Status) -> dict[str, Any]:
    """Canonical JSON; a detail of a type unknown here is left out, for it could not be written."""
    known = Status(code=status.code, message=status.message)
    known.details.extend(detail for detail in status.details if _known(detail))
    return MessageToDict(known)


def _known(detail: any_pb2.Any) -> bool:
    return detail.TypeName() in [kind.DESCRIPTOR.full_name for kind in (ErrorInfo, BadRequest, RetryInfo)]


def _detail(status: Status, kind: Kind) -> Kind:
    for detail in status.details:
        if detail.Unpack(kind):
            break
    return kind
