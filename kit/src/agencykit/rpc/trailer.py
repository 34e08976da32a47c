"""A refusal as gRPC carries it: code, text, and the Status in the trailing metadata."""

from functools import lru_cache

import grpc
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import BadRequest
from google.rpc.status_pb2 import Status

from agencykit.refusals import Overloaded, Refusal, from_status, to_status

KEY = "grpc-status-details-bin"
# Metadata above 8 KiB is refused at random by gRPC's soft limit, and other languages have limits of their own. The
# Status of an item, inside an answer, has no such bound and is never cut.
LIMIT_BYTES = 2048


Trailer = tuple[grpc.StatusCode, str, tuple[tuple[str, bytes], ...]]


def trailer(refusal: Refusal) -> Trailer:
    """Code, text and trailing metadata. Violations that do not fit are counted in the last one's description."""
    if type(refusal) is Overloaded and refusal.retry_seconds is not None and "limit" in refusal.metadata:
        # A flood is refused so: written once for each limit and each twentieth of a second.
        return _overloaded(refusal.metadata["limit"], max(round(refusal.retry_seconds * 20), 1))
    return _written(refusal)


@lru_cache(maxsize=1024)
def _overloaded(limit: str, twentieths: int) -> Trailer:
    refusal = Overloaded(0, twentieths / 20)
    refusal.metadata["limit"] = limit
    return _written(refusal)


def _written(refusal: Refusal) -> Trailer:
    status = to_status(refusal)
    serialised = status.SerializeToString()
    if len(serialised) > LIMIT_BYTES:
        serialised = _cut(status, len(refusal.violations))
    return grpc_code(status.code), status.message, ((KEY, serialised),)


def _cut(status: Status, total: int) -> bytes:
    bad_request = BadRequest()
    if not status.details or not status.details[-1].Unpack(bad_request):
        # No violations: only overlong metadata can be to blame. The reason is in the code and the text.
        del status.details[:]
        return Status(code=status.code, message=status.message[:1024]).SerializeToString()
    while len(status.SerializeToString()) > LIMIT_BYTES and bad_request.field_violations:
        # A quarter at a time: a hostile request may hold a million violations.
        del bad_request.field_violations[len(bad_request.field_violations) * 3 // 4 :]
        more = BadRequest.FieldViolation(
            description=f"and {total - len(bad_request.field_violations)} more violations [form.more]"
        )
        status.details[-1].Pack(BadRequest(field_violations=[*bad_request.field_violations, more]))
    return status.SerializeToString()


def refusal_of(metadata: grpc.aio.Metadata | None, code: grpc.StatusCode) -> Refusal | None:
    """The refusal that trailing metadata carry; None where they carry none, or garbage, or contradict the code."""
    for key, value in metadata or ():
        if key == KEY and isinstance(value, bytes):
            try:
                status = Status.FromString(value)
            except DecodeError:
                return None
            return from_status(status) if status.code == code.value[0] else None
    return None


def grpc_code(number: int) -> grpc.StatusCode:
    """The gRPC code of a Status's number."""
    return _CODES.get(number, grpc.StatusCode.UNKNOWN)


_CODES = {code.value[0]: code for code in grpc.StatusCode}
