"""Refusals of a call as such, whatever it is about: its form, its caller, its deadline, the service's own state."""

from collections.abc import Iterable

from agencykit.refusals.base import Code, Refusal, Violation


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


class TooLarge(Refusal):
    """The item is larger than a convoy may be."""

    reason, code = "TOO_LARGE", Code.INVALID_ARGUMENT
    text = "the item has {size_bytes} bytes; at most {limit_bytes} are taken"

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(size_bytes=size_bytes, limit_bytes=limit_bytes)


class PageTokenInvalid(Refusal):
    """A page token was not made by this method."""

    reason, code, text = "PAGE_TOKEN_INVALID", Code.INVALID_ARGUMENT, "the page token was not made by this method"

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


class RequestIdReused(Refusal):
    """The request id was used before with other content."""

    reason, code = "REQUEST_ID_REUSED", Code.ALREADY_EXISTS
    text = "request id {request_id} was used before with other content; use a new one"

    def __init__(self, request_id: str) -> None:
        super().__init__(request_id=request_id)


class Overloaded(Refusal):
    """Too much work is waiting, of everybody or of this caller; try again after `retry_seconds`."""

    reason, code, transient = "OVERLOADED", Code.RESOURCE_EXHAUSTED, True
    text = "too much work is waiting (limit {limit}); try again later"

    def __init__(self, limit: int, retry_seconds: float = 1.0) -> None:
        super().__init__(limit=limit)
        self.retry_seconds = retry_seconds


class Unavailable(Refusal):
    """The service is draining, starting or cannot reach its storage."""

    reason, code, transient = "UNAVAILABLE", Code.UNAVAILABLE, True
    text = "the service is starting, draining or without its storage; try again"

    def __init__(self) -> None:
        super().__init__()


class PartnerUnavailable(Refusal):
    """A partner district gives no answer."""

    reason, code, transient = "PARTNER_UNAVAILABLE", Code.UNAVAILABLE, True
    text = "district {district} gives no answer; try again"

    def __init__(self, district: str) -> None:
        super().__init__(district=district)


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
