"""Refusals: named exceptions that hold values, and the one place where they become a google.rpc.Status and back.

    Refusal
    ├── INVALID_ARGUMENT      FormInvalid · Malformed · DeadlineMissing · TooLarge · PageTokenInvalid · SlotInvalid
    ├── UNAUTHENTICATED       IdentityMissing
    ├── PERMISSION_DENIED     CallerNotListed · BrokerMismatch · PasswordWrong
    ├── NOT_FOUND             NotFound
    ├── ALREADY_EXISTS        RequestIdReused · ReferenceReused
    ├── FAILED_PRECONDITION   StaleVersion · DigestMismatch · StateForbids · Withdrawn · WithdrawalRefused · WorkTaken
    │                         NotReleased · OrderSuperseded · OrderUnverified · OutOfScope · GoodsHeld · AppealTooLate
    ├── RESOURCE_EXHAUSTED    SlotFull
    ├── transient             Overloaded · Unavailable · LogUnwritable · FaultInjected · DeadlineTooShort · Internal
    │                         RevocationsStale
    └── RemoteRefusal         a peer's reason that this version of the contract does not know

A transient one decided nothing: the same request may be sent again with the same id. All others stay what they are.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import grpc
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status

from clearance.common.v1.refusal_pb2 import Refusal as RefusalPb

Code = grpc.StatusCode
DOMAIN = "clearance"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule of form. Never holds the value: it may be a name, a price or a secret."""

    # `items[2].value.currency_code`
    path: str
    # `string.max_len`
    rule: str
    message: str
    # `string`, `int64`, `enum`, `message`: what kind of value stands there
    kind: str = ""


class Refusal(Exception):
    """A call or item is refused. The values are `metadata`; the text is made once, from them."""

    reason: ClassVar[str] = "REASON_UNSPECIFIED"
    code: ClassVar[grpc.StatusCode] = Code.UNKNOWN
    transient: ClassVar[bool] = False
    text: ClassVar[str] = "refused"

    def __init__(self, **metadata: object) -> None:
        self.metadata = {name: str(value) for name, value in metadata.items()}
        self.violations: tuple[Violation, ...] = ()
        super().__init__(self.reason)

    def __str__(self) -> str:
        return self.text.format_map(_Named(self.metadata))


class _Named(dict[str, str]):
    """A peer may leave out what our text names."""

    def __missing__(self, name: str) -> str:
        return f"({name} not stated)"


class FormInvalid(Refusal):
    """The request breaks the contract's form; `violations` lists every breach."""

    reason, code = "FORM_INVALID", Code.INVALID_ARGUMENT
    text = "the request breaks the contract's form; every violation is listed"

    def __init__(self, violations: Iterable[Violation]) -> None:
        super().__init__()
        self.violations = tuple(violations)

    def __str__(self) -> str:
        return "; ".join([self.text, *(f"{broken.path}: {broken.message}" for broken in self.violations[:8])])


class Malformed(Refusal):
    """The bytes are not a message of the contract."""

    reason, code, text = "MALFORMED", Code.INVALID_ARGUMENT, "the bytes are not a message of the contract"

    def __init__(self) -> None:
        super().__init__()


class DeadlineMissing(Refusal):
    """The caller set no deadline."""

    reason, code, text = "DEADLINE_MISSING", Code.INVALID_ARGUMENT, "the call has no deadline; set one"

    def __init__(self) -> None:
        super().__init__()


class DeadlineTooShort(Refusal):
    """Too little time is left to do the work."""

    reason, code, transient = "DEADLINE_TOO_SHORT", Code.DEADLINE_EXCEEDED, True
    text = "only {remaining_ms} ms are left, too little to begin"

    def __init__(self, remaining_ms: int) -> None:
        super().__init__(remaining_ms=remaining_ms)


class IdentityMissing(Refusal):
    """No identity, or not exactly one of the right trust domain, in the certificate."""

    reason, code = "IDENTITY_MISSING", Code.UNAUTHENTICATED
    text = "the certificate must carry exactly one identity, as a URI name of this trust domain, and be in force"

    def __init__(self) -> None:
        super().__init__()


class CallerNotListed(Refusal):
    """The identity may not call this method."""

    reason, code = "CALLER_NOT_LISTED", Code.PERMISSION_DENIED
    text = "{identity} is not listed as a caller of {method}"

    def __init__(self, identity: object, method: str) -> None:
        super().__init__(identity=identity, method=method)


class BrokerMismatch(Refusal):
    """The declared broker is not the certificate's."""

    reason, code = "BROKER_MISMATCH", Code.PERMISSION_DENIED
    text = "the consignment declares broker {declared}, which is not the certificate's"

    def __init__(self, declared: str) -> None:
        super().__init__(declared=declared)


class RequestIdReused(Refusal):
    """The request id was used before with other content."""

    reason, code = "REQUEST_ID_REUSED", Code.ALREADY_EXISTS
    text = "request id {request_id} was used before with other content; use a new one"

    def __init__(self, request_id: str) -> None:
        super().__init__(request_id=request_id)


class ReferenceReused(Refusal):
    """The broker's reference was used before with other content."""

    reason, code = "REFERENCE_REUSED", Code.ALREADY_EXISTS
    text = "the reference belongs to clearance {clearance_number}, which has other content; amend that one"

    def __init__(self, reference: str, clearance_number: str) -> None:
        super().__init__(reference=reference, clearance_number=clearance_number)


class PasswordWrong(Refusal):
    """The password is wrong; the last wrong try locks what it guards."""

    reason, code, text = "PASSWORD_WRONG", Code.PERMISSION_DENIED, "wrong password, {tries_left} tries left"

    def __init__(self, tries_left: int | str) -> None:
        super().__init__(tries_left=tries_left)


class NotFound(Refusal):
    """No such resource, or not the caller's to see."""

    reason, code, text = "NOT_FOUND", Code.NOT_FOUND, "no such {resource}, or not yours to see: {name}"

    def __init__(self, resource: str, name: str) -> None:
        super().__init__(resource=resource, name=name)


class StaleVersion(Refusal):
    """The version named is not the current one."""

    reason, code = "STALE_VERSION", Code.FAILED_PRECONDITION
    text = "version {version} is not the current one, which is {current_version}"

    def __init__(self, version: int, current_version: int) -> None:
        super().__init__(version=version, current_version=current_version)


class DigestMismatch(Refusal):
    """Another digest for a version already known, or not the digest of the bytes sent."""

    reason, code = "DIGEST_MISMATCH", Code.FAILED_PRECONDITION
    text = "the digest of {clearance_number} version {version} is not that of its bytes or of those known before"

    def __init__(self, clearance_number: str, version: int) -> None:
        super().__init__(clearance_number=clearance_number, version=version)


class StateForbids(Refusal):
    """The state does not allow it."""

    reason, code, text = "STATE_FORBIDS", Code.FAILED_PRECONDITION, "state {state} does not allow {operation}"

    def __init__(self, state: str, operation: str) -> None:
        super().__init__(state=state, operation=operation)


class Withdrawn(Refusal):
    """The consignment was withdrawn; a late original is refused for ever."""

    reason, code, text = "WITHDRAWN", Code.FAILED_PRECONDITION, "clearance {clearance_number} was withdrawn for good"

    def __init__(self, clearance_number: str) -> None:
        super().__init__(clearance_number=clearance_number)


class WithdrawalRefused(Refusal):
    """The agency refuses the withdrawal (seizure, examination ordered)."""

    reason, code, text = "WITHDRAWAL_REFUSED", Code.FAILED_PRECONDITION, "rule {rule_id} forbids the withdrawal"

    def __init__(self, rule_id: str) -> None:
        super().__init__(rule_id=rule_id)


class WorkTaken(Refusal):
    """The work is held by another officer."""

    reason, code, text = "WORK_TAKEN", Code.FAILED_PRECONDITION, "work {work_id} is held by another officer"

    def __init__(self, work_id: str) -> None:
        super().__init__(work_id=work_id)


class TooLarge(Refusal):
    """The item is larger than a convoy may be."""

    reason, code = "TOO_LARGE", Code.INVALID_ARGUMENT
    text = "the item has {size_bytes} bytes; at most {limit_bytes} are taken"

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(size_bytes=size_bytes, limit_bytes=limit_bytes)


class RevocationsStale(Refusal):
    """What is known of orders is too old to act on one."""

    reason, code, transient = "REVOCATIONS_STALE", Code.UNAVAILABLE, True
    text = "what is known of orders is {age_seconds} s old, more than {limit_seconds} s: a stop may be on its way"

    def __init__(self, rule_id: str, age_seconds: str, limit_seconds: str) -> None:
        super().__init__(rule_id=rule_id, age_seconds=age_seconds, limit_seconds=limit_seconds)


class NotReleased(Refusal):
    """The newest order does not release the goods."""

    reason, code = "NOT_RELEASED", Code.FAILED_PRECONDITION
    text = "{clearance_number} is not released (newest order {order_number}: {told})"

    def __init__(self, rule_id: str, clearance_number: str, order_number: str, told: str) -> None:
        super().__init__(rule_id=rule_id, clearance_number=clearance_number, order_number=order_number, told=told)


class OrderSuperseded(Refusal):
    """A higher order overrides the one named."""

    reason, code = "ORDER_SUPERSEDED", Code.FAILED_PRECONDITION
    text = "order {order_number} of {clearance_number} was superseded by order {newest_order_number}"

    def __init__(self, rule_id: str, clearance_number: str, order_number: str, newest_order_number: str) -> None:
        numbers = {"order_number": order_number, "newest_order_number": newest_order_number}
        super().__init__(rule_id=rule_id, clearance_number=clearance_number, **numbers)


class OrderUnverified(Refusal):
    """The order is not proved to be the gateway's, about this consignment."""

    reason, code = "ORDER_UNVERIFIED", Code.FAILED_PRECONDITION
    text = "order {order_number} of {clearance_number} is not verified: {flaw}"

    def __init__(self, rule_id: str, clearance_number: str, order_number: str, flaw: str) -> None:
        super().__init__(rule_id=rule_id, clearance_number=clearance_number, order_number=order_number, flaw=flaw)


class OutOfScope(Refusal):
    """The order does not cover these goods."""

    reason, code = "OUT_OF_SCOPE", Code.FAILED_PRECONDITION
    text = "the order of {clearance_number} does not cover {subject}"

    def __init__(self, rule_id: str, clearance_number: str, subject: str) -> None:
        super().__init__(rule_id=rule_id, clearance_number=clearance_number, subject=subject)


class GoodsHeld(Refusal):
    """The port holds the goods."""

    reason, code, text = "GOODS_HELD", Code.FAILED_PRECONDITION, "{subject} is held by the port: {holds}"

    def __init__(self, rule_id: str, clearance_number: str, subject: str, holds: str) -> None:
        super().__init__(rule_id=rule_id, clearance_number=clearance_number, subject=subject, holds=holds)


class SlotFull(Refusal):
    """A slot has not the room that is wanted."""

    reason, code = "SLOT_FULL", Code.RESOURCE_EXHAUSTED
    text = "{resource} has room for {free} from {start_time} on, and {wanted} is wanted; take another slot"

    def __init__(self, resource: str, start_time: str, free: int, wanted: int) -> None:
        super().__init__(resource=resource, start_time=start_time, free=free, wanted=wanted)


class SlotInvalid(Refusal):
    """The time cannot be booked: it is past, or begins within a slot."""

    reason, code = "SLOT_INVALID", Code.INVALID_ARGUMENT
    text = "{start_time} cannot be booked at {resource}: it {wrong}"

    def __init__(self, resource: str, start_time: str, wrong: str) -> None:
        super().__init__(resource=resource, start_time=start_time, wrong=wrong)


class AppealTooLate(Refusal):
    """The time to appeal has passed."""

    reason, code = "APPEAL_TOO_LATE", Code.FAILED_PRECONDITION
    text = "the refusal of {clearance_number} could be appealed against until {until_time}"

    def __init__(self, rule_id: str, clearance_number: str, until_time: str) -> None:
        super().__init__(rule_id=rule_id, clearance_number=clearance_number, until_time=until_time)


class PageTokenInvalid(Refusal):
    """A page token was not made by this method."""

    reason, code, text = "PAGE_TOKEN_INVALID", Code.INVALID_ARGUMENT, "the page token was not made by this method"

    def __init__(self) -> None:
        super().__init__()


class Overloaded(Refusal):
    """Too much work is waiting."""

    reason, code, transient = "OVERLOADED", Code.RESOURCE_EXHAUSTED, True
    text = "too much work is waiting (limit {limit}); try again later"

    def __init__(self, limit: int) -> None:
        super().__init__(limit=limit)


class Unavailable(Refusal):
    """The service is draining, starting or cannot reach its storage."""

    reason, code, transient = "UNAVAILABLE", Code.UNAVAILABLE, True
    text = "the service is starting, draining or without its storage; try again"

    def __init__(self) -> None:
        super().__init__()


class LogUnwritable(Refusal):
    """The decision log cannot be written, so nothing is decided."""

    reason, code, transient = "LOG_UNWRITABLE", Code.UNAVAILABLE, True
    text = "the decision log cannot be written, so nothing is decided"

    def __init__(self) -> None:
        super().__init__()


class FaultInjected(Refusal):
    """A fault switch made the call fail. Never in production mode."""

    reason, code, transient = "FAULT_INJECTED", Code.UNAVAILABLE, True
    text = "a fault switch made the call fail"

    def __init__(self) -> None:
        super().__init__()


class Internal(Refusal):
    """Something failed inside; the log says what, under the correlation id. Raised by the error boundary only."""

    reason, code, transient = "INTERNAL", Code.INTERNAL, True
    text = "something failed inside; the service's log says what under {correlation_id}"

    def __init__(self, correlation_id: str) -> None:
        super().__init__(correlation_id=correlation_id)


class RemoteRefusal(Refusal):
    """A peer refused with a reason that this version of the contract does not know."""

    reason, text = "REMOTE", "the peer refused with {reason}"

    def __init__(self, reason: str, code: grpc.StatusCode) -> None:
        super().__init__(reason=reason)
        self.remote_code = code


def _below(kind: type[Refusal]) -> Iterable[type[Refusal]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


# Every reason of the contract and its class; a test proves that none is missing and that codes agree.
KINDS: dict[str, type[Refusal]] = {kind.reason: kind for kind in _below(Refusal) if kind is not RemoteRefusal}
REASONS = frozenset(name.removeprefix("REASON_") for name in RefusalPb.Reason.keys()) - {"UNSPECIFIED"}  # noqa: SIM118
_CODES = {code.value[0]: code for code in Code}
_DESCRIPTION = re.compile(r"(?P<message>.*) \[(?P<rule>[^\[\]]*?)(; (?P<kind>\w+))?\]", re.DOTALL)


def to_status(refusal: Refusal) -> Status:
    """The refusal as it travels: ErrorInfo with the reason, and BadRequest where form is broken."""
    remote = isinstance(refusal, RemoteRefusal)
    code = refusal.remote_code if isinstance(refusal, RemoteRefusal) else refusal.code
    reason = refusal.metadata["reason"] if remote else refusal.reason
    status = Status(code=code.value[0], message=refusal.text.format_map(_Named(refusal.metadata)))
    metadata = {} if remote else refusal.metadata
    status.details.add().Pack(ErrorInfo(reason=reason, domain=DOMAIN, metadata=metadata))
    if refusal.violations:
        status.details.add().Pack(BadRequest(field_violations=[_to_field(broken) for broken in refusal.violations]))
    return status


def _to_field(broken: Violation) -> BadRequest.FieldViolation:
    kind = f"; {broken.kind}" if broken.kind else ""
    return BadRequest.FieldViolation(field=broken.path, description=f"{broken.message} [{broken.rule}{kind}]")


def from_status(status: Status) -> Refusal | None:
    """The refusal that a Status carries; None where it carries no reason of ours and so is no refusal."""
    info, bad_request = ErrorInfo(), BadRequest()
    for detail in status.details:
        detail.Unpack(info)
        detail.Unpack(bad_request)
    if info.domain != DOMAIN or not info.reason:
        return None
    refusal = _restore(info.reason, info.metadata, _CODES.get(status.code, Code.UNKNOWN))
    refusal.violations = tuple(_from_field(field) for field in bad_request.field_violations)
    return refusal


def _restore(reason: str, metadata: Mapping[str, str], code: grpc.StatusCode) -> Refusal:
    kind = KINDS.get(reason)
    if kind is None:
        return RemoteRefusal(reason, code)
    # A foreign implementation may leave out metadata, so the class's own constructor is passed over.
    refusal = kind.__new__(kind)
    Refusal.__init__(refusal, **metadata)
    return refusal


def _from_field(field: BadRequest.FieldViolation) -> Violation:
    found = _DESCRIPTION.fullmatch(field.description)
    if not found:
        return Violation(field.field, "", field.description)
    return Violation(field.field, found["rule"], found["message"], found["kind"] or "")
