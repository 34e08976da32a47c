"""release: officers of the port office let goods go by hand (人工放行), two together."""

from typing import TYPE_CHECKING, Annotated

import typer

from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clearance.gateway.v1.manual_release_service_pb2 import ManualRelease
    from tongguan.manual_releases import ManualReleases

app = typer.Typer(
    name="release", help="Releases by hand (人工放行), where an agency gives no answer.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(metavar="NUMBER|LRN", help="Its number, or the broker's own reference.")]
Reason = Annotated[str, typer.Option(help="Why; it is recorded with your identity.")]


@app.command()
@command
def order(
    session: Session,
    name: Name,
    absent: Annotated[list[str], typer.Option(metavar="AGENCY", help="Who has not answered: all of them by name.")],
    code: Annotated[str, typer.Option(metavar="CODE", help="SYSTEM_OUTAGE, RELIEF, … (tongguan release table).")],
    paper: Annotated[str, typer.Option(metavar="NUMBER", help="Number of the order on paper.")],
    reason: Reason,
    container: Annotated[
        list[str] | None, typer.Option(metavar="NUMBER", help="Only this container. May be repeated.")
    ] = None,
    item: Annotated[
        list[int] | None, typer.Option(metavar="NUMBER", help="Only this goods item, of loose cargo.")
    ] = None,
    version: Annotated[int, typer.Option(help="Version of the consignment; the current one.", min=0)] = 0,
    emergency: Annotated[str, typer.Option(metavar="NUMBER", help="Emergency under whose plan it goes.")] = "",
    guarantee: Annotated[str, typer.Option(metavar="NUMBER", help="Guarantee on paper, under an emergency.")] = "",
    amount: Annotated[str, typer.Option(metavar="AMOUNT", help="What it guarantees, such as 1234.50.")] = "",
    currency: Annotated[str, typer.Option(metavar="CODE", help="Of the amount.")] = "CNY",
) -> None:
    """Release goods by hand. It takes two officers: the first one's call proposes it, that of the other orders it.

    Both say the same of goods, agencies and paper. What an agency has decided is never overridden.
    Example: tongguan release order NUMBER --absent customs --code SYSTEM_OUTAGE --paper NB-88 --reason 系统中断
    and the same by the other: tongguan --as duty release order NUMBER …
    """
    from clearance.common.v1.decision_pb2 import Scope
    from tongguan.guarantees import money
    from tongguan.lookup import find

    clearance = find(session, name)
    said = {
        "version": version or clearance.version,
        "absent_agencies": sorted(set(absent)),
        "reason_code": code.upper(),
        "paper_order_number": paper,
        "reason": reason,
        "emergency_number": emergency.upper(),
        "guarantee_reference": guarantee,
    }
    if container or item:
        said["scope"] = Scope(container_numbers=container or (), item_numbers=item or ())
    if amount:
        said["amount"] = money(amount, currency.upper())
    _show(session, [_desk(session).order(clearance.number, said)])


@app.command()
@command
def withdraw(session: Session, name: Name, reason: Reason) -> None:
    """Take back what was proposed, or what was ordered: a stop order keeps what has not left. One officer may."""
    from tongguan.lookup import find

    _show(session, [_desk(session).withdraw(find(session, name).number, reason)])


@app.command()
@command
def reconcile(session: Session, name: Name, reason: Reason) -> None:
    """Record how a conflict was settled, where an agency that was absent has decided otherwise.

    It makes no yes of the agency's no. Agreement is recorded by itself.
    """
    from tongguan.lookup import find

    _show(session, [_desk(session).settle(find(session, name).number, reason)])


@app.command("list")
@command
def list_(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="[NUMBER|LRN]", help="Of this clearance, reconciled or not.")] = "",
    emergency: Annotated[str, typer.Option(metavar="NUMBER", help="Of this emergency, reconciled or not.")] = "",
) -> None:
    """List what is not reconciled: proposed, without an answer yet, in conflict. Example: tongguan release list"""
    from tongguan.lookup import find

    number = find(session, name).number if name else ""
    _show(session, list(_desk(session).list(number, emergency.upper())))


@app.command("table")
@command
def table_(session: Session) -> None:
    """Show in whose place two officers may act and after how long, for what reasons, and what never goes by hand."""
    from tongguan.report.manual import overrides_table, overrides_words

    told = _desk(session).table()
    session.output.item(told)
    session.output.show(overrides_table(told), overrides_words(told))


def _desk(session: Session) -> "ManualReleases":
    from tongguan.manual_releases import ManualReleases

    return ManualReleases(session.peer("gateway", "operator"))


def _show(session: Session, found: "Sequence[ManualRelease]") -> None:
    from tongguan.report.manual import manual_lines

    for each in found:
        session.output.item(each)
    session.output.show(manual_lines(found) if found else "nothing is to be reconciled")
