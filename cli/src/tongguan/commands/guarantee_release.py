"""guarantee release, releases, cancel, claim: a clearance released on guarantee (担保放行)."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tongguan.access_codes import read_access_codes
from tongguan.commands.guarantee import app as app
from tongguan.failures import Exit, Misused
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clearance.gateway.v1.guarantee_release_service_pb2 import GuaranteeRelease
    from tongguan.guarantee_releases import GuaranteeReleases

Name = Annotated[str, typer.Argument(metavar="NUMBER|LRN", help="Its number, or the broker's own reference.")]


@app.command()
@command
def release(
    session: Session,
    name: Name,
    grn: Annotated[list[str] | None, typer.Option(metavar="GRN", help="Guarantee to use. May be repeated.")] = None,
    access_code: Annotated[
        str,
        typer.Option(
            envvar="TONGGUAN_ACCESS_CODE",
            help="Of those named by --grn; best given by the environment, so that no shell remembers it.",
        ),
    ] = "",
    codes: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Lines of GRN and access code, each a guarantee to use.")
    ] = None,
) -> Exit:
    """Ask for release on guarantee; after a refusal name other guarantees. Exit code 1 where they are refused.

    Customs' decision says for how much (`tongguan show`). The use is held and confirmed; customs then decides again.
    """
    from clearance.gateway.v1.guarantee_release_service_pb2 import GuaranteeRelease

    named = [(each, access_code) for each in grn or ()] + (read_access_codes(codes) if codes is not None else [])
    if not named:
        raise Misused("no guarantee is named", "give --grn GRN, or --codes FILE")
    number, desk = _own(session, name)
    made = desk.request(number, named)
    _show(session, [made])
    return Exit.FAILED if made.state == GuaranteeRelease.STATE_REFUSED else Exit.OK


@app.command()
@command
def releases(session: Session, name: Name) -> None:
    """List the uses of guarantees for one clearance, by generation."""
    from tongguan.lookup import find

    _show(session, _desk(session, "operator").list(find(session, name).number))


@app.command()
@command
def cancel(session: Session, name: Name) -> None:
    """Take back the newest request that can be, before release; what is held or confirmed returns."""
    number, desk = _own(session, name)
    _show(session, [desk.cancel(number)])


@app.command()
@command
def claim(
    session: Session, name: Name, reason: Annotated[str, typer.Option(help="Why: what was not settled in time.")]
) -> None:
    """Claim what a released clearance still has confirmed, of the guarantors. It takes two officers of customs.

    The first one's call proposes it, that of another (--as examiner-customs) makes it.
    """
    from tongguan.lookup import find

    _show(session, [_desk(session, "officer-customs").claim(find(session, name).number, reason)])


@app.command()
@command
def unclaim(session: Session, name: Name) -> None:
    """Take back a claim that was proposed and that no second officer has made."""
    from tongguan.lookup import find

    _show(session, [_desk(session, "officer-customs").withdraw_claim(find(session, name).number)])


def _own(session: Session, name: str) -> "tuple[str, GuaranteeReleases]":
    """The clearance's number, and the gateway by the identity of its broker, who alone may ask."""
    from tongguan.lookup import find

    clearance = find(session, name)
    own = "broker" if session.direct or session.where.identity else clearance.broker
    return clearance.number, _desk(session, own)


def _desk(session: Session, identity: str) -> "GuaranteeReleases":
    from tongguan.guarantee_releases import GuaranteeReleases

    return GuaranteeReleases(session.peer("gateway", identity))


def _show(session: Session, found: "Sequence[GuaranteeRelease]") -> None:
    from tongguan.report.guarantee_tables import releases_table
    from tongguan.report.guarantees import releases_lines

    for each in found:
        session.output.item(each)
    if session.output.csv and found:
        session.output.show(releases_table(found))
    else:
        session.output.show(releases_lines(found) if found else "no use of guarantees")
