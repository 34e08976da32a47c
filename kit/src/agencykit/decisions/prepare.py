"""Before any transaction: form, digest, who asks, parsing and view of each item, each by itself, off the event loop."""

from collections.abc import Iterable
from hashlib import sha256

from google.protobuf.message import DecodeError

from agencykit.agency import AgencyDefinition
from agencykit.decisions.candidates import Candidate, Failed
from agencykit.decisions.given import stored
from agencykit.decisions.requests import Claim
from agencykit.refusals import DigestMismatch, Malformed, Refusal
from agencykit.rpc.originators import Originators
from agencykit.rpc.validation import validate
from agencykit.storage.times import from_micros
from clearance.agency.v1.agency_service_pb2 import AssessmentItem
from clearance.common.v1.consignment_pb2 import Consignment

RESOURCE = "assessment"
MOST_ITEMS = 999
DIRECTIONS = frozenset(Consignment.Direction.values()) - {Consignment.DIRECTION_UNSPECIFIED}
DECLARATION_TYPES = frozenset(Consignment.DeclarationType.values()) - {Consignment.DECLARATION_TYPE_UNSPECIFIED}


def prepare(
    definition: AgencyDefinition, originators: Originators, items: Iterable[AssessmentItem]
) -> list[Candidate | Refusal | Failed]:
    """For each item a candidate, or why there is none; in the items' order."""
    return [_isolated(definition, originators, item) for item in items]


def _isolated(
    definition: AgencyDefinition, originators: Originators, item: AssessmentItem
) -> Candidate | Refusal | Failed:
    try:
        return _candidate(definition, originators, item)
    except Refusal as refusal:
        return refusal
    except Exception as error:  # `read` fails on this item only; the caller logs and answers it
        return Failed(error)


def _candidate(definition: AgencyDefinition, originators: Originators, item: AssessmentItem) -> Candidate:
    validate(item)
    # Each access to a field makes a copy.
    number, version = item.clearance_number, item.version
    content, digest = item.consignment, item.consignment_digest
    if sha256(content).digest() != digest:
        raise DigestMismatch(number, version)
    originator = str(originators.of_version(item, digest))
    view = definition.read(read_consignment(content, check=True))
    accepted, trace = item.accept_time, item.trace_context
    seconds, nanos = accepted.seconds, accepted.nanos
    # What the request id stands for: all but trace and urgency. The consignment's digest stands for its bytes.
    said = f"{number} {version} {seconds} {nanos} {originator}"
    return Candidate(
        clearance_number=number,
        version=version,
        digest=digest,
        consignment=content,
        view=view,
        originator=originator,
        accept_time=from_micros(seconds * 1_000_000 + nanos // 1000),
        traceparent=trace.traceparent,
        tracestate=trace.tracestate,
        claim=Claim(RESOURCE, originator, item.request_id, _said(digest, said, item), number, version),
        urgent=item.urgent,
        given=stored(item.depends_on) if item.depends_on else b"",
    )


def read_consignment(content: bytes, *, check: bool = False) -> Consignment:
    """Parses a consignment; `check` looks at its form too. Raises Malformed or FormInvalid."""
    try:
        consignment = Consignment.FromString(content)
    except DecodeError:
        raise Malformed from None
    if check and not _sound(consignment):
        validate(consignment)
    return consignment


def _sound(consignment: Consignment) -> bool:
    """Whether it has what rules rest on. The whole form is the door's to check, once and not by every agency again
    (docs/adr/0006): here that was a quarter of an agency's work. Whatever looks odd is examined in full.
    """
    numbers = {item.number for item in consignment.items}
    return (
        0 < len(numbers) == len(consignment.items) <= MOST_ITEMS
        and consignment.direction in DIRECTIONS
        and consignment.declaration_type in DECLARATION_TYPES
        and bool(consignment.broker_licence)
    )


def _said(digest: bytes, said: str, item: AssessmentItem) -> bytes:
    content = sha256(digest + said.encode())
    for signed in item.depends_on:
        content.update(sha256(signed.SerializeToString(deterministic=True)).digest())
    return content.digest()
