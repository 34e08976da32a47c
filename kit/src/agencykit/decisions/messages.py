"""Between the contract's messages and the values of the operations."""

import json
from functools import cache
from hashlib import sha256
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import Row

from agencykit.decisions import outcomes
from agencykit.decisions.candidates import Answer, Decided, Failed
from agencykit.decisions.completeness import Complete
from agencykit.decisions.examinations import Appointment, CalledOff
from agencykit.decisions.goods import part_of
from agencykit.decisions.requests import Claim, content_digest
from agencykit.decisions.withdraw import Withdrawal
from agencykit.decisions.work_acts import rule_ids
from agencykit.evidence.certificates import key_id_of
from agencykit.evidence.wire import field
from agencykit.refusals import Internal, to_status
from agencykit.storage.times import from_micros
from clearance.agency.v1 import agency_service_pb2 as agency
from clearance.agency.v1 import work_service_pb2 as work

# What may differ between two requests that are the same.
BESIDE = ("trace_context", "assertion", "signing_certificates")


def timestamp(micros: int) -> Timestamp:
    """Microseconds since 1970 as the contract's time."""
    found = Timestamp()
    found.FromDatetime(from_micros(micros))
    return found


def micros(moment: Timestamp) -> int:
    """The contract's time as microseconds since 1970."""
    return moment.seconds * 1_000_000 + moment.nanos // 1000


def claim_of(
    request: Message, resource: str, scope: object, request_id: str, clearance_number: str = "", version: int = 0
) -> Claim:
    """A claim on a request id; its content is the message without its trace, and without what proves who asks."""
    name, beside = _kind(request.DESCRIPTOR)
    if beside:
        content = type(request)()
        content.CopyFrom(request)
        for each in beside:
            content.ClearField(each)
        request = content
    digest = sha256(name + request.SerializeToString(deterministic=True)).digest()
    return Claim(resource, str(scope), request_id, digest, clearance_number, version)


@cache
def _kind(descriptor: Descriptor) -> tuple[bytes, tuple[str, ...]]:
    """A message's name, and its fields that are not part of its content."""
    return descriptor.full_name.encode(), tuple(each for each in BESIDE if each in descriptor.fields_by_name)


def assessment_answer(request_id: str, answer: Answer, correlation_id: str = "") -> bytes:
    """One item's AssessmentAnswer as bytes; a failure of our own carries nothing but its correlation id."""
    if isinstance(answer, Decided):
        return field(1, request_id.encode()) + field(2, answer.signed)
    refusal = Internal(correlation_id) if isinstance(answer, Failed) else answer
    return agency.AssessmentAnswer(request_id=request_id, error=to_status(refusal)).SerializeToString()


def told(outcome: agency.Outcome, scope: str) -> outcomes.Told:
    """One outcome as the operation takes it."""
    number, version = outcome.clearance_number, outcome.version
    kind, order_number = outcome.kind, outcome.order_number
    moment, order, signature = outcome.outcome_time, outcome.order, outcome.order_signature
    seconds, nanos = moment.seconds, moment.nanos
    # What the request id stands for: everything but the trace. As a message without it, it would cost twice as much.
    said = f"{number} {version} {kind} {order_number} {seconds} {nanos} {len(order)} ".encode() + order + signature
    claim = Claim(outcomes.RESOURCE, scope, outcome.request_id, content_digest(said), number, version)
    return outcomes.Told(claim, kind, order_number, seconds * 1_000_000 + nanos // 1000, order, signature)


def complete_word(request: agency.RecordOutcomesRequest, scope: str) -> Complete | None:
    """What the gateway says of how far it has told everything; None where it says nothing of it."""
    if not request.HasField("complete_time"):
        return None
    keys = [(key_id_of(key.certificate), key.certificate) for key in request.signing_certificates]
    receipted = micros(request.receipted_complete_time) if request.HasField("receipted_complete_time") else 0
    return Complete(scope, micros(request.complete_time), keys, receipted)


def withdrawal_message(withdrawal: Withdrawal) -> agency.Withdrawal:
    """A withdrawal as recorded."""
    return agency.Withdrawal(
        clearance_number=withdrawal.clearance_number,
        version=withdrawal.version,
        withdraw_time=timestamp(withdrawal.time),
    )


def called_off(message: agency.CalledOffExamination) -> CalledOff:
    """An examination called off as the operation takes it."""
    return CalledOff(message.proposal_request_id, message.clearance_number, micros(message.call_off_time))


def appointment_message(appointment: Appointment) -> agency.ExaminationAppointment:
    """An appointment as recorded."""
    return agency.ExaminationAppointment(
        clearance_number=appointment.clearance_number,
        start_time=timestamp(appointment.start_time),
        place=appointment.place,
        accepted=appointment.accepted,
    )


def work_message(row: Row[*tuple[Any, ...]], appointment: Appointment | None = None) -> work.Work:
    """A piece of work as it stands, with the joint examination that was accepted for it."""
    message = work.Work(
        id=row.id,
        clearance_number=row.clearance_number,
        version=row.version,
        kind=row.kind,
        state=row.state,
        rule_ids=rule_ids(row),
        officer=row.officer,
        create_time=timestamp(row.create_time),
        update_time=timestamp(row.update_time),
        container_numbers=json.loads(row.container_numbers),
        place=row.place,
    )
    if appointment is not None:
        message.appointment.CopyFrom(appointment_message(appointment))
    part = part_of(row.part)
    if part is not None:
        message.scope.item_numbers.extend(part.items)
        message.scope.container_numbers.extend(part.containers)
    if row.outcome:
        message.result.outcome = row.outcome
        message.result.reason = row.reason
        if part is not None:
            message.result.scope.CopyFrom(message.scope)
        for quantity, found, limit in json.loads(row.measurements):
            message.result.measurements.add(quantity=quantity, found=found, limit=limit)
        for kind, description, item_numbers in json.loads(row.finds):
            message.result.finds.add(kind=kind, description=description, item_numbers=item_numbers)
        for type_code, reason in json.loads(row.documents):
            message.result.documents.add(type_code=type_code, reason=reason)
        if row.answer_until is not None:
            message.result.answer_until_time.CopyFrom(timestamp(row.answer_until))
    return message
