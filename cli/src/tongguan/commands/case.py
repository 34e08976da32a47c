"""case: what the port office does to a clearance, each act with identity and reason."""

from typing import Annotated

import typer

from tongguan.options import command
from tongguan.session import Session

app = typer.Typer(name="case", help="The port office's acts on one clearance.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NUMBER|LRN", help="Its number, or the broker's own reference.")]
Reason = Annotated[str, typer.Option(help="Why; it is recorded with your identity.")]


@app.command()
@command
def expedite(
    session: Session,
    name: Name,
    reason: Reason,
    code: Annotated[str, typer.Option(metavar="CODE", help="PERISHABLE, RELIEF, PRODUCTION, VESSEL, OTHER, …")],
) -> None:
    """Have it go before others; you are the approver."""
    _act(session, "ExpediteClearance", name, reason=reason, reason_code=code.upper())


@app.command()
@command
def relax(session: Session, name: Name, reason: Reason) -> None:
    """Have it wait its turn again."""
    _act(session, "RelaxClearance", name, reason=reason)


@app.command()
@command
def retry(session: Session, name: Name, reason: Reason) -> None:
    """Ask again at once whoever has not answered, also where the question was set aside."""
    _act(session, "RetryClearance", name, reason=reason)


@app.command()
@command
def escalate(
    session: Session,
    name: Name,
    reason: Reason,
    agency: Annotated[str, typer.Option(metavar="AGENCY", help="Whom the matter is with, if anybody.")] = "",
) -> None:
    """Call the port office to it; `list --waiting port_office` shows what is escalated."""
    _act(session, "EscalateClearance", name, reason=reason, agency=agency)


@app.command()
@command
def settle(session: Session, name: Name, reason: Reason) -> None:
    """End an escalation, with what was settled as the reason."""
    _act(session, "SettleEscalation", name, reason=reason)


Container = Annotated[str, typer.Option(metavar="NUMBER", help="The container; none for loose and air cargo.")]


@app.command()
@command
def recovered(session: Session, name: Name, reason: Reason, container: Container = "") -> None:
    """Record that goods which had left are in an agency's hands again; `show` says which are to be recovered."""
    _act(session, "RecordRecovery", name, reason=reason, container_number=container.upper())


@app.command()
@command
def unrecovered(session: Session, name: Name, reason: Reason, container: Container = "") -> None:
    """Take the record of a recovery back."""
    _act(session, "CancelRecovery", name, reason=reason, container_number=container.upper())


def _act(session: Session, act: str, name: str, **said: str) -> None:
    from tongguan.coordination import do
    from tongguan.lookup import find
    from tongguan.report.rows import change_line

    before = find(session, name)
    clearance = do(session.peer("gateway", "operator"), act, before, said)
    session.output.item(clearance)
    session.output.show(change_line(clearance))
