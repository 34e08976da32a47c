"""Values written as requests to an agency."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from agencykit.evidence.originators import certificate_messages
from agencykit.evidence.wire import field
from agencykit.rpc.transport import Written
from clearance.agency.v1.agency_service_pb2 import (
    AssessmentItem,
    FollowDecisionsRequest,
    RecordOutcomesRequest,
    WithdrawConsignmentRequest,
)
from clearance.agency.v1.agency_service_pb2 import Outcome as OutcomeMessage
from clearance.common.v1.evidence_pb2 import LogPosition, LogRange, SigningCertificate
from clearance.common.v1.originator_pb2 import SignedAssertion
from clearance.common.v1.trace_pb2 import TraceContext
from gateway.domain.examination import CalledOff
from gateway.domain.identifiers import Micros
from gateway.operations.ports import AssessItem, Stretch, WithdrawItem
from gateway.rpc.times import timestamp
from gateway.storage.outcomes import Outcome

# Larger consignments are written anew for each agency: kept by the thousand they would fill the memory.
KEPT_BYTES = 16 * 1024


def assess_request(
    items: Sequence[AssessItem], recorded: Sequence[Stretch] = (), certificates: Sequence[bytes] = ()
) -> Written:
    """AssessConsignments for these items; `certificates` are of the keys that sign who asks.

    The consignment's bytes are those accepted, never written anew. What every agency is asked is written once, and
    completed for each: a field's place in a message is free.
    """
    parts = []
    for item in items:
        write = _kept_assessment if len(item.consignment) <= KEPT_BYTES else _assessment
        own = field(1, item.request_id.encode()) + b"".join([field(8, signed) for signed in item.depends_on])
        same = write(
            *(item.number, item.version, item.consignment, item.digest, item.assertion),
            *(item.accept_time, item.trace, item.urgent),
        )
        parts.append(field(1, own + same))
    ranges = [LogRange(log=log, first_sequence=first, last_sequence=last) for log, first, last in recorded]
    parts += [field(2, each.SerializeToString()) for each in ranges]
    parts += [field(3, each.SerializeToString()) for each in certificate_messages(certificates)]
    return Written(b"".join(parts))


def _assessment(
    number: str,
    version: int,
    consignment: bytes,
    digest: bytes,
    assertion: bytes,
    accept_time: Micros,
    trace: str,
    urgent: bool,
) -> bytes:
    """What every agency is asked about one version, but for the request id and what it depends on: wire form."""
    item = AssessmentItem(
        clearance_number=number,
        version=version,
        consignment=consignment,
        consignment_digest=digest,
        accept_time=timestamp(accept_time),
        trace_context=TraceContext(traceparent=trace),
        urgent=urgent,
    )
    return item.SerializeToString() + field(11, assertion)


_kept_assessment = lru_cache(maxsize=1024)(_assessment)


def withdraw_request(item: WithdrawItem, certificates: Sequence[bytes]) -> WithdrawConsignmentRequest:
    """WithdrawConsignment for this item."""
    return WithdrawConsignmentRequest(
        request_id=item.request_id,
        clearance_number=item.number,
        version=item.version,
        reason=item.reason,
        trace_context=TraceContext(traceparent=item.trace),
        assertion=SignedAssertion.FromString(item.assertion),
        signing_certificates=certificate_messages(certificates),
    )


def outcomes_request(agency: str, outcomes: Sequence[Outcome]) -> Written:
    """RecordOutcomes for one agency, with the order where one was issued."""
    told = [field(1, outcome.request_id(agency).encode()) + _for_any(outcome) for outcome in outcomes]
    return Written(b"".join([field(1, each) for each in told]))


def called_off_request(agency: str, called_off: Sequence[CalledOff]) -> RecordOutcomesRequest:
    """RecordOutcomes that tells one agency only of joint examinations that will not take place."""
    request = RecordOutcomesRequest()
    for one in called_off:
        told = request.called_off.add(clearance_number=one.number, proposal_request_id=one.proposal_request_id(agency))
        told.call_off_time.CopyFrom(timestamp(one.time))
    return request


def assurance_request(
    complete_time: Micros,
    receipted: Micros | None,
    certificates: Sequence[SigningCertificate],
    district_time: Micros,
) -> RecordOutcomesRequest:
    """RecordOutcomes that tells nothing but how far everything has been told, by which keys orders are signed, and what
    time it is.
    """
    return RecordOutcomesRequest(
        complete_time=timestamp(complete_time),
        receipted_complete_time=None if receipted is None else timestamp(receipted),
        signing_certificates=certificates,
        district_time=timestamp(district_time),
    )


@lru_cache(maxsize=1024)
def _for_any(outcome: Outcome) -> bytes:
    """The outcome as every agency is told it, but for the request id: wire form."""
    message = OutcomeMessage(
        clearance_number=outcome.number,
        version=outcome.version,
        kind=outcome.kind,  # type: ignore[arg-type]  # the domain's numbers are the contract's
        order_number=outcome.order_number,
        outcome_time=timestamp(outcome.outcome_time),
        order=outcome.order_bytes,
        order_signature=outcome.signature,
        trace_context=TraceContext(traceparent=outcome.trace),
    )
    return message.SerializeToString()


def follow_request(positions: Mapping[str, int]) -> FollowDecisionsRequest:
    """FollowDecisions from these positions."""
    listed = [LogPosition(log=log, sequence=sequence) for log, sequence in sorted(positions.items())]
    return FollowDecisionsRequest(positions=listed)
