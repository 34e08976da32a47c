"""Complaints in the contract's form. Whoever complains is told no officer's name, and nothing that is only proposed."""

from clearance.common.v1.text_pb2 import BilingualText
from clearance.gateway.v1 import complaint_pb2 as pb
from gateway.domain.arbitration import Arbitration, ArbitrationState, Measure, MeasureKind
from gateway.domain.complaint import Complaint, Kind
from gateway.operations.complaint_views import ComplaintView
from gateway.rpc.times import micros, timestamp
from gateway.storage.complaints import Figures


def complaint_message(view: ComplaintView, *, to_officer: bool) -> pb.Complaint:
    """As it is told to an officer, or to whoever complains."""
    c = view.complaint
    message = pb.Complaint(
        number=c.number,
        state=int(c.state),  # type: ignore[arg-type]  # the domain's numbers are the contract's, here and below
        channel=int(c.channel),  # type: ignore[arg-type]
        kind_id=c.kind,
        named_agency=c.named_agency,
        agency=c.agency,
        clearance_number=c.clearance_number,
        trace_id=c.trace_id,
        paragraphs=c.paragraphs,
        file_time=timestamp(c.file_time),
        answer_due_time=timestamp(c.answer_due),
        escalation=int(c.escalation),  # type: ignore[arg-type]
        contest_paragraphs=c.contest,
        filer=c.filer if to_officer else "",
        contact_kept=view.contact_kept and to_officer,
    )
    for name, moment in (
        ("contest_due_time", c.contest_due),
        ("escalate_time", c.escalate_time),
        ("arbitrate_due_time", c.arbitrate_due),
        ("end_time", c.end_time),
    ):
        if moment is not None:
            getattr(message, name).CopyFrom(timestamp(moment))
    _answer(message, c, to_officer=to_officer)
    made = view.arbitration
    if made is not None and (to_officer or made.state is ArbitrationState.DECIDED):
        message.arbitration.CopyFrom(arbitration_message(made, to_officer=to_officer))
    return message


def _answer(message: pb.Complaint, complaint: Complaint, *, to_officer: bool) -> None:
    answer = complaint.answer
    if answer is not None:
        message.answer.CopyFrom(
            pb.ComplaintAnswer(
                outcome=int(answer.outcome),  # type: ignore[arg-type]
                paragraphs=answer.paragraphs,
                agency=answer.agency,
                answer_time=timestamp(answer.time),
                in_time=complaint.in_time(),
                officer=answer.officer if to_officer else "",
            )
        )


def arbitration_message(made: Arbitration, *, to_officer: bool) -> pb.Arbitration:
    """One arbitration."""
    decided = made.state is ArbitrationState.DECIDED
    message = pb.Arbitration(
        complaint_number=made.number,
        serial=made.serial,
        state=int(made.state),  # type: ignore[arg-type]
        outcome=int(made.ruling),  # type: ignore[arg-type]
        reasons=made.reasons,
        propose_time=timestamp(made.propose_time),
        unreceipted_agencies=[each for each in made.bound if decided and each not in made.receipted],
        position=made.position,
        clearance_number=made.clearance_number,
        proposer=made.proposer if to_officer else "",
        second=made.second if to_officer else "",
    )
    for each in made.measures:
        kind = int(each.kind)
        message.measures.add(agency=each.agency, kind=kind, text=each.text, due_time=timestamp(each.due_time))
    if made.decide_time is not None:
        message.decide_time.CopyFrom(timestamp(made.decide_time))
    return message


def read_measure(message: pb.ArbitrationMeasure) -> Measure:
    """As the domain has it."""
    return Measure(message.agency, MeasureKind(message.kind), message.text, micros(message.due_time))


def kind_message(kind: Kind) -> pb.ComplaintKind:
    """One kind of the table."""
    return pb.ComplaintKind(
        id=kind.id,
        text=BilingualText(zh=kind.zh, en=kind.en),
        agency=kind.agency,
        answer_hours=kind.answer_hours,
        answer_days=kind.answer_days,
        arbitrate_days=kind.arbitrate_days,
    )


def figures_message(figures: Figures) -> pb.ComplaintFigures:
    """Counts of one month, kind and agency."""
    return pb.ComplaintFigures(
        kind_id=figures.kind,
        agency=figures.agency,
        month=figures.month,
        filed=figures.filed,
        open=figures.open,
        answered_in_time=figures.in_time,
        late=figures.late,
        escalated=figures.escalated,
        arbitrated=figures.arbitrated,
        upheld=figures.upheld,
        withdrawn=figures.withdrawn,
    )
