"""emergency: officers of the port office declare and end emergencies by the plan (应急预案), two together."""

from typing import TYPE_CHECKING, Annotated

import typer

from tongguan.failures import Exit
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from clearance.gateway.v1.emergency_service_pb2 import Emergency
    from tongguan.emergencies import Emergencies

app = typer.Typer(name="emergency", help="Emergencies by the plan (应急预案).", no_args_is_help=True)

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Of the emergency; it begins with F.")]
Reason = Annotated[str, typer.Option(help="Why; it is recorded with your identity.")]


@app.command()
@command
def plan(session: Session) -> None:
    """Show the plan: its measures, in whose place officers may act, for which goods, and the caps."""
    from tongguan.report.emergencies import plan_table

    told = _desk(session).plan()
    session.output.item(told)
    session.output.show(plan_table(told))


@app.command()
@command
def declare(
    session: Session,
    measure: Annotated[str, typer.Argument(metavar="MEASURE", help="Of the plan, such as CUSTOMS-OUT.")],
    reason: Reason,
) -> None:
    """Declare an emergency. It takes two officers: the first one's call proposes it, that of the other declares it.

    Goods then go by `tongguan release order NUMBER --emergency NUMBER --guarantee NUMBER --amount AMOUNT …`.
    Example: tongguan emergency declare CUSTOMS-OUT --reason 海关系统中断, and tongguan --as duty emergency declare …
    """
    _show(session, _desk(session).declare(measure.upper(), reason))


@app.command()
@command
def status(session: Session) -> None:
    """Show the newest 100 emergencies: who declared them, how much is used, what is not reconciled."""
    found = _desk(session).list()
    _show(session, *found)


@app.command()
@command
def end(session: Session, number: Number, reason: Reason) -> None:
    """End one before its time, by two officers: nothing more goes under it, and what went is reconciled."""
    _show(session, _desk(session).end(number.upper(), reason))


@app.command()
@command
def withdraw(session: Session, number: Number) -> None:
    """Take back what one officer has proposed and no other done: to declare it, or to end it."""
    _show(session, _desk(session).withdraw(number.upper()))


@app.command()
@command
def reconcile(session: Session, number: Number) -> Exit:
    """List the releases under it and what has become of each. Exit code 1 while one is not reconciled.

    Agreement is recorded by itself; a conflict is settled by `tongguan release reconcile`.
    """
    from clearance.gateway.v1.manual_release_service_pb2 import ManualRelease
    from tongguan.manual_releases import ManualReleases
    from tongguan.report.manual import manual_lines

    found = list(ManualReleases(session.peer("gateway", "operator")).list(emergency=number.upper()))
    for each in found:
        session.output.item(each)
    session.output.show(manual_lines(found) if found else "nothing was released under it")
    ended = (ManualRelease.STATE_RECONCILED, ManualRelease.STATE_WITHDRAWN)
    return Exit.OK if all(each.state in ended for each in found) else Exit.FAILED


def _desk(session: Session) -> "Emergencies":
    from tongguan.emergencies import Emergencies

    return Emergencies(session.peer("gateway", "operator"))


def _show(session: Session, *found: "Emergency") -> None:
    from tongguan.report.emergencies import emergency_lines

    for each in found:
        session.output.item(each)
    session.output.show(emergency_lines(found) if found else "no emergency was declared")
