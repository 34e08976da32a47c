"""Complaints (投诉), their arbitration and figures, for people."""

from collections.abc import Iterable, Iterator

from rich.table import Table

from clearance.gateway.v1 import complaint_pb2 as pb
from clearance.gateway.v1.complaint_service_pb2 import DescribeComplaintsResponse
from tongguan.report.names import clock
from tongguan.report.tables import table

NUMBER_WIDTH = 16


def complaints_table() -> Table:
    """For the rows of `complaint_row`."""
    columns = ("number", "state", "kind", "agency", "clearance", "filed", "due", "from")
    return table("Complaints", *columns, whole={"number": NUMBER_WIDTH, "state": 10})


def complaint_row(each: pb.Complaint) -> tuple[str, ...]:
    """One complaint."""
    due = _due(each)
    about = (each.kind_id, each.agency or "-", each.clearance_number or "-", clock(each.file_time))
    return each.number, _word(pb.Complaint.State, each.state), *about, due or "-", _channel(each)


def complaint_lines(each: pb.Complaint) -> str:
    """One complaint, whole."""
    return "\n".join(_lines(each))


def kinds_table(found: DescribeComplaintsResponse) -> Table:
    """Kinds with their terms, in working time."""
    title = f"Complaints, version {found.version}: an answer may be escalated for {found.contest_days} working days"
    made = table(title, "kind", "for", "answered by", "within", "arbitrated within", whole={"kind": 12})
    for each in found.kinds:
        within = f"{each.answer_hours} h" if each.answer_hours else f"{each.answer_days} d"
        said = f"{each.text.zh} {each.text.en}"
        made.add_row(each.id, said, each.agency or "whom it names", within, f"{each.arbitrate_days} d")
    return made


def figures_table(found: Iterable[pb.ComplaintFigures]) -> Table:
    """Counts by month, kind and agency."""
    counts = ("filed", "open", "in time", "late", "escalated", "arbitrated", "upheld", "withdrawn")
    made = table("Complaints in figures", "month", "kind", "agency", *counts, numbers=counts, whole={"month": 7})
    for each in found:
        numbers = (each.filed, each.open, each.answered_in_time, each.late, each.escalated, each.arbitrated)
        row = (*numbers, each.upheld, each.withdrawn)
        made.add_row(each.month, each.kind_id, each.agency or "-", *map(str, row))
    return made


def arbitration_lines(made: pb.Arbitration) -> Iterator[str]:
    """One arbitration."""
    outcome, state = _word(pb.Arbitration.Outcome, made.outcome), _word(pb.Arbitration.State, made.state)
    decided = f", {clock(made.decide_time)}" if made.HasField("decide_time") else f" (proposal {made.serial})"
    about = f" on clearance {made.clearance_number}" if made.clearance_number else ""
    yield f"{made.complaint_number} arbitration {outcome}: {state}{decided}{about}"
    if who := [each for each in (made.proposer, made.second) if each]:
        yield f"  by         {', '.join(who)}"
    yield from (f"    {each}" for each in made.reasons)
    for each in made.measures:
        kind = _word(pb.ArbitrationMeasure.Kind, each.kind).replace("_", " ").lower()
        yield f"  {each.agency} is to {kind} by {clock(each.due_time)}: {each.text}"
    if made.unreceipted_agencies:
        yield f"  not yet receipted by {', '.join(made.unreceipted_agencies)}"


def _lines(each: pb.Complaint) -> Iterator[str]:
    due = _due(each)
    yield f"{each.number} {each.kind_id}: {_word(pb.Complaint.State, each.state)}{f', due {due}' if due else ''}"
    yield f"  filed      {clock(each.file_time)} {_channel(each)}{f' by {each.filer}' if each.filer else ''}"
    if each.clearance_number:
        yield f"  about      clearance {each.clearance_number} (trace {each.trace_id})"
    yield f"  answers    {each.agency or 'nobody yet'}"
    yield from (f"    {line}" for line in each.paragraphs)
    if each.HasField("answer"):
        outcome, time = _word(pb.ComplaintAnswer.Outcome, each.answer.outcome), clock(each.answer.answer_time)
        late = "in time" if each.answer.in_time else "late"
        yield f"  {outcome.lower():<10} by {each.answer.officer or each.answer.agency}, {time}, {late}"
        yield from (f"    {line}" for line in each.answer.paragraphs)
    if each.HasField("escalate_time"):
        contested = each.escalation == pb.Complaint.ESCALATION_COMPLAINANT
        yield f"  escalated  {clock(each.escalate_time)}, {'contested' if contested else 'not answered in time'}"
        yield from (f"    {line}" for line in each.contest_paragraphs)
    if each.HasField("arbitration"):
        yield from (f"  {line}" for line in arbitration_lines(each.arbitration))


def _due(each: pb.Complaint) -> str:
    """When what it waits for is due; empty where it has ended."""
    by = {
        pb.Complaint.STATE_FILED: each.answer_due_time,
        pb.Complaint.STATE_ASSIGNED: each.answer_due_time,
        pb.Complaint.STATE_ANSWERED: each.contest_due_time,
        pb.Complaint.STATE_ESCALATED: each.arbitrate_due_time,
    }
    return clock(by[each.state]) if each.state in by else ""


def _channel(each: pb.Complaint) -> str:
    return {1: "from the public", 2: "from a broker", 3: "by telephone or letter"}.get(each.channel, "-")


def _word(enum: type, value: int) -> str:
    """`ESCALATED`; what this version does not know shows as its number."""
    try:
        return str(enum.Name(value)).partition("_")[2]  # type: ignore[attr-defined]
    except ValueError:
        return str(value)
