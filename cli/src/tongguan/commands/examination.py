"""examination: one appointment and one opening for all agencies that want to open the goods (联合查验)."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from tongguan.as_of import slot_begin
from tongguan.failures import Exit, Failure, Misused, combined
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clearance.gateway.v1.examination_service_pb2 import JointExamination
    from tongguan.examinations import Examinations

app = typer.Typer(name="examination", help="Joint examinations: list, arrange, cancel, open.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NUMBER|LRN", help="Its number, or the broker's own reference.")]
Seals = Annotated[list[str] | None, typer.Option(metavar="SEAL", help="May be repeated.")]
OUTCOMES = ("cleared", "refused")
# An image alone refuses nothing.
IMAGES = {"cleared": "cleared", "refused": "suspicious"}


@app.command("list")
@command
def list_(session: Session, name: Name) -> None:
    """List the joint examinations of one clearance."""
    from tongguan.lookup import find

    _show(session, _client(session).list(find(session, name).number))


@app.command()
@command
def arrange(
    session: Session,
    name: Name,
    resource: Annotated[str, typer.Option(metavar="RESOURCE", help="Of the port, for instance BEILUN-2/SCANNER.")],
    start: Annotated[
        str,
        typer.Option("--from", metavar="TIME", help="Begin of a slot, as 2026-11-23T08:00Z; +HOURS counts from now."),
    ],
) -> Exit:
    """Take a slot and propose it to every agency that wants to examine; all accept, or nothing is arranged."""
    from clearance.gateway.v1.examination_service_pb2 import JointExamination
    from tongguan.lookup import find

    made = _client(session).arrange(find(session, name).number, resource, slot_begin(start))
    _show(session, [made])
    return Exit.OK if made.state == JointExamination.STATE_ARRANGED else Exit.FAILED


@app.command()
@command
def cancel(session: Session, name: Name) -> None:
    """Cancel the newest one before its opening, and give the slot back."""
    from tongguan.lookup import find

    _show(session, [_client(session).cancel(find(session, name).number)])


@app.command("open")
@command
def open_(
    session: Session,
    name: Name,
    reason: Annotated[str, typer.Option(help="What was seen; each officer's reason.")],
    outcome: Annotated[
        str, typer.Option(metavar="cleared|refused", help="Each agency's result; none leaves it to its officers.")
    ] = "",
    found_seal: Seals = None,
    new_seal: Seals = None,
) -> Exit:
    """Record the one opening, and each agency's result of it by its own officer (the officer-AGENCY identities)."""
    from tongguan.lookup import find

    if outcome and outcome not in OUTCOMES:
        raise Misused(f"--outcome {outcome} is not known", "take cleared or refused, or leave it out")
    number = find(session, name).number
    opened = _client(session).opened(number, datetime.now(UTC), found_seal or (), new_seal or (), reason)
    _show(session, [opened])
    return combined({_result(session, agency, number, outcome, reason) for agency in opened.agencies if outcome})


def _result(session: Session, agency: str, number: str, outcome: str, reason: str) -> Exit:
    """What one agency's officer records of the opening; one that is refused does not keep the others."""
    from clearance.agency.v1.work_service_pb2 import Work
    from tongguan.desk import Desk

    reader = Desk(session.peer(agency, f"officer-{agency}"))
    examiner = Desk(session.peer(agency, f"examiner-{agency}"))
    try:
        for work in reader.list(0, number, 0):
            if work.kind in (Work.KIND_EXAMINATION, Work.KIND_SCAN):
                image = work.kind == Work.KIND_SCAN
                desk, said = (reader, IMAGES[outcome]) if image else (examiner, outcome)
                desk.take(work.id, str(uuid4()))
                session.output.item(desk.record(work.id, said, reason))
                session.output.show(f"{agency}: {said}, by its officer")
    except Failure as failure:
        session.output.failure(failure)
        return failure.exit
    return Exit.OK


def _show(session: Session, examinations: "Sequence[JointExamination]") -> None:
    from tongguan.examinations import examination_row, examinations_table

    made = examinations_table()
    for examination in examinations:
        session.output.item(examination)
        made.add_row(*examination_row(examination))
    session.output.show(made if made.row_count else "no joint examination")


def _client(session: Session) -> "Examinations":
    from tongguan.examinations import Examinations

    return Examinations(session.peer("gateway", "operator"))
