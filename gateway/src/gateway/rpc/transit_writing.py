"""Movements as callers see them."""

from clearance.district.v1.movement_pb2 import TransitDeclaration
from clearance.gateway.v1 import transit_service_pb2 as pb
from gateway.domain.guarantee import GuaranteeRelease
from gateway.domain.transit.states import State
from gateway.operations.transit.reading import MovementView
from gateway.rpc.movement_wire import write
from gateway.rpc.times import timestamp


def movement_message(view: MovementView, *, whole: bool = True) -> pb.Movement:
    """All that may be shown; `whole` False leaves out what only its declarant and officers may see."""
    one = view.movement
    message = pb.Movement(
        mrn="" if one.state is State.SUBMITTED else one.mrn,
        lrn=one.lrn,
        side=int(one.side),  # type: ignore[arg-type]  # the domain's numbers are the contract's
        state=int(one.state),  # type: ignore[arg-type]  # likewise
        other_district=one.other,
        destination_office_code=one.office_code,
        declarant=one.declarant,
        conflict=one.conflict,
        trace_id=one.trace.split("-")[1],
        etag=one.etag,
    )
    message.create_time.CopyFrom(timestamp(one.create_time))
    message.update_time.CopyFrom(timestamp(one.update_time))
    for passage in one.passages:
        write(passage, message.passages.add())
    if one.due_time is not None:
        message.due_time.CopyFrom(timestamp(one.due_time))
    for part, field in ((one.arrival, message.arrival), (one.departure, message.departure)):
        if part is not None:
            write(part, field)
    if whole:
        _write_whole(view, message)
    return message


def _write_whole(view: MovementView, message: pb.Movement) -> None:
    one = view.movement
    if one.declaration:
        message.declaration.CopyFrom(TransitDeclaration.FromString(one.declaration))
    if one.remarks is not None:
        write(one.remarks, message.remarks)
    if view.use is not None:
        _write_use(view.use, message.guarantee)
    for event in view.events:
        message.events.add(
            sequence=event.sequence,
            event_time=timestamp(event.time),
            event=event.event.name,
            state_before=int(event.before),
            state_after=int(event.after),
            by=event.by,
            refused=event.refused,
        )
    for letter in view.letters:
        message.messages.add(
            district=letter.stream.district,
            sequence=letter.sequence,
            kind=letter.kind,
            attempts=letter.attempts,
            reason=letter.reason,
            set_aside=letter.set_aside,
            create_time=timestamp(letter.create_time),
        )


def _write_use(use: GuaranteeRelease, message: pb.MovementGuarantee) -> None:
    message.grns[:] = use.grns
    message.amount.currency_code, message.amount.minor_units = use.terms.currency_code, use.terms.units
    message.state = int(use.state)  # type: ignore[assignment]  # the domain's numbers are the contract's
    message.generation = use.generation
    message.refusals[:] = use.refusals
    message.home_district = use.home
