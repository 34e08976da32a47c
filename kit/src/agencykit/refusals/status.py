"""The one place where refusals become a google.rpc.Status, and back."""

import re
from collections.abc import Mapping
from types import ModuleType

import grpc
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from agencykit.refusals import calls, clearances, desks, guarantees
from agencykit.refusals.base import Code, Named, Refusal, RemoteRefusal, Violation
from clearance.common.v1.refusal_pb2 import Refusal as RefusalPb

DOMAIN = "clearance"


def _kinds(module: ModuleType) -> list[type[Refusal]]:
    found = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, Refusal)]
    return [kind for kind in found if "reason" in vars(kind) and kind is not Refusal]


# Every reason of the contract and its class; a test proves that none is missing and that codes agree.
KINDS: dict[str, type[Refusal]] = {
    kind.reason: kind for module in (calls, clearances, desks, guarantees) for kind in _kinds(module)
}
REASONS = frozenset(name.removeprefix("REASON_") for name in RefusalPb.Reason.keys()) - {"UNSPECIFIED"}  # noqa: SIM118
_CODES = {code.value[0]: code for code in Code}
_DESCRIPTION = re.compile(r"(?P<message>.*) \[(?P<rule>[^\[\]]*?)(; (?P<kind>\w+))?\]", re.DOTALL)


def to_status(refusal: Refusal) -> Status:
    """The refusal as it travels: ErrorInfo with the reason, RetryInfo where it says when to ask again, and
    BadRequest where form is broken.
    """
    remote = isinstance(refusal, RemoteRefusal)
    code = refusal.remote_code if isinstance(refusal, RemoteRefusal) else refusal.code
    reason = refusal.metadata["reason"] if remote else refusal.reason
    status = Status(code=code.value[0], message=refusal.text.format_map(Named(refusal.metadata)))
    metadata = {} if remote else refusal.metadata
    status.details.add().Pack(ErrorInfo(reason=reason, domain=DOMAIN, metadata=metadata))
    if refusal.retry_seconds is not None:
        again = RetryInfo()
        again.retry_delay.FromNanoseconds(round(refusal.retry_seconds * 1000) * 1_000_000)
        status.details.add().Pack(again)
    if refusal.violations:
        status.details.add().Pack(BadRequest(field_violations=[_to_field(broken) for broken in refusal.violations]))
    return status


def _to_field(broken: Violation) -> BadRequest.FieldViolation:
    kind = f"; {broken.kind}" if broken.kind else ""
    return BadRequest.FieldViolation(field=broken.path, description=f"{broken.message} [{broken.rule}{kind}]")


def from_status(status: Status) -> Refusal | None:
    """The refusal that a Status carries; None where it carries no reason of ours and so is no refusal."""
    info, bad_request, again = ErrorInfo(), BadRequest(), RetryInfo()
    for detail in status.details:
        for each in (info, bad_request, again):
            if detail.Unpack(each):
                break
    if info.domain != DOMAIN or not info.reason:
        return None
    refusal = _restore(info.reason, info.metadata, _CODES.get(status.code, Code.UNKNOWN))
    if again.HasField("retry_delay"):
        refusal.retry_seconds = max(again.retry_delay.ToNanoseconds() / 1e9, 0.0)
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
