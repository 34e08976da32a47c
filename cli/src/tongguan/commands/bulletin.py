"""bulletin: what agencies and the port office tell everybody (通报), published, read and followed."""

from typing import TYPE_CHECKING, Annotated

import typer

from tongguan.failures import Misused
from tongguan.interrupting import until_interrupted
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from clearance.district.v1.bulletin_pb2 import Bulletin
    from tongguan.bulletins import Bulletins

app = typer.Typer(name="bulletin", help="Bulletins of agencies, port office and partners (通报).", no_args_is_help=True)

KINDS = ("procedure", "planned-downtime", "unplanned-downtime", "recall", "origins", "notice")
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Of the bulletin; it begins with B.")]
Kinds = Annotated[list[str] | None, typer.Option("--kind", metavar="KIND", help=f"Only these: {', '.join(KINDS)}.")]


@app.command()
@command
def publish(
    session: Session,
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of: {', '.join(KINDS)}.")],
    title_zh: Annotated[str, typer.Option("--title-zh", metavar="TEXT", help="Title in Chinese.")],
    title_en: Annotated[str, typer.Option("--title-en", metavar="TEXT", help="Title in English.")],
    zh: Annotated[list[str], typer.Option("--zh", metavar="TEXT", help="A paragraph in Chinese, or @FILE.")],
    en: Annotated[list[str], typer.Option("--en", metavar="TEXT", help="A paragraph in English, or @FILE.")],
    effective: Annotated[
        str,
        typer.Option(metavar="TIME", help="As 2026-11-23T08:00Z; +HOURS counts from now, which it is if not given."),
    ] = "",
    until: Annotated[str, typer.Option(metavar="TIME", help="Until when; until further notice if not given.")] = "",
    agency: Annotated[list[str] | None, typer.Option(metavar="AGENCY", help="That it concerns; all if none.")] = None,
    commitment: Annotated[list[str] | None, typer.Option(metavar="ID", help="That it concerns: COMMIT-SEA.")] = None,
    replaces: Annotated[str, typer.Option(metavar="NUMBER", help="The bulletin whose next version it is.")] = "",
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="It withdraws that bulletin; its text says why.")
    ] = False,
) -> None:
    """Publish a bulletin, or the next version of one, for the agency or office whose officer you are.

    What was published stays readable; a further version changes or withdraws it.
    Example: tongguan --as officer-customs bulletin publish procedure --title-zh 节日值班 --title-en Holidays
    --zh 绿色通道照常开放。 --en "The green lane stays open." --agency customs --effective 2026-12-31T16:00Z
    """
    from clearance.gateway.v1.bulletin_service_pb2 import PublishBulletinRequest
    from tongguan.as_of import from_now
    from tongguan.bulletins import text_of

    desk, number = _desk(session), replaces.upper()
    if withdraw and not number:
        raise Misused("--withdraw takes back a bulletin", "name it by --replaces")
    request = PublishBulletinRequest(
        number=number,
        replaced_version=desk.versions(number)[0].version if number else 0,
        kind=_kind(kind),
        zh=text_of(title_zh, zh),
        en=text_of(title_en, en),
        agencies=agency or (),
        commitment_ids=[each.upper() for each in commitment or ()],
        withdrawal=withdraw,
    )
    if effective:
        request.effective_time.FromDatetime(from_now(effective, "--effective"))
    if until:
        request.until_time.FromDatetime(from_now(until, "--until"))
    _show(session, desk.publish(request))


@app.command("list")
@command
def list_(
    session: Session,
    kind: Kinds = None,
    district: Annotated[str, typer.Option(metavar="DISTRICT", help="Of this district only.")] = "",
    agency: Annotated[str, typer.Option(metavar="AGENCY", help="By it, or about it.")] = "",
    standing: Annotated[bool, typer.Option("--standing", help="Only what holds now or will.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="At most so many; 0 is all.")] = 50,
) -> None:
    """List bulletins of this district and its partners in their current versions, the newest first.

    Example: tongguan bulletin list --kind planned-downtime --standing --csv
    """
    from tongguan.report.bulletins import bulletin_row, bulletins_table

    wanted = {
        "district": district,
        "agency": agency,
        "standing": standing,
        "kinds": [_kind(each) for each in kind or ()],
    }
    made = bulletins_table()
    for each in _desk(session).list(wanted, limit):
        session.output.item(each)
        made.add_row(*bulletin_row(each))
    session.output.show(made if made.row_count else "no such bulletin")


@app.command()
@command
def show(session: Session, number: Number) -> None:
    """Show a bulletin with all its versions, the newest first, in both languages."""
    _show(session, *_desk(session).versions(number.upper()))


@app.command()
@command
def follow(
    session: Session,
    position: Annotated[int, typer.Option(min=0, help="After which position; 0 begins with the first.")] = 0,
    timeout: Annotated[float, typer.Option(min=0, help="End after so many seconds; 0 goes on until Ctrl-C.")] = 0,
) -> None:
    """Print bulletins as they come to be known here, each version once.

    Example: tongguan bulletin follow --position 17 --json
    """
    with until_interrupted():
        for each in _desk(session).follow(position, timeout):
            _show(session, each)


def _desk(session: Session) -> "Bulletins":
    from tongguan.bulletins import Bulletins

    return Bulletins(session.peer("gateway", "operator"))


def _kind(name: str) -> "Bulletin.Kind.ValueType":
    from clearance.district.v1.bulletin_pb2 import Bulletin

    if name not in KINDS:
        raise Misused(f"{name}: no kind of bulletin", f"take one of: {', '.join(KINDS)}")
    return Bulletin.Kind.Value(f"KIND_{name.upper().replace('-', '_')}")


def _show(session: Session, *found: "Bulletin") -> None:
    from tongguan.report.bulletins import bulletin_lines

    for each in found:
        session.output.item(each)
    session.output.show(bulletin_lines(found))
