"""partner: other districts with which this one works, and the trust bundles that districts hand each other."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from tongguan.failures import Misused
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from clearance.district.v1.unavailability_pb2 import UnavailabilityNotice
    from tongguan.partners import PartnerList

app = typer.Typer(name="partner", help="Partner districts: how they stand, and trust bundles.", no_args_is_help=True)
bundle = typer.Typer(name="bundle", help="Trust bundles: whom partners shall believe.", no_args_is_help=True)
app.add_typer(bundle)

SCOPES = ("all", "guarantees", "transfers", "transit", "queries")
BundleFile = Annotated[Path, typer.Argument(metavar="FILE", help="The bundle.")]


@app.command("list")
@command
def list_(session: Session) -> None:
    """List partners: how they are reached, which contract version is used, and until when they are trusted."""
    from tongguan.partners import notice_lines, own_line, partners_table

    found = _partners(session).list()
    for each in found.partners:
        session.output.item(each)
    session.output.show(partners_table(found.partners) if found.partners else "no partners", own_line(found))
    session.output.show(*notice_lines(found))


@app.command()
@command
def announce(
    session: Session,
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="As 2026-11-23T08:00Z; +HOURS counts from now.")],
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="Likewise.")],
    reason: Annotated[str, typer.Option(help="Why, as partners will read it.")],
    scope: Annotated[str, typer.Option(metavar="SCOPE", help=f"What: {', '.join(SCOPES)}.")] = "all",
) -> None:
    """Announce to all partners that this district will not be available; those that are away hear it when back."""
    from clearance.district.v1.unavailability_pb2 import UnavailabilityNotice
    from clearance.gateway.v1.partner_service_pb2 import AnnounceUnavailabilityRequest
    from tongguan.as_of import from_now

    if scope not in SCOPES:
        raise Misused(f"--scope {scope}: nothing is called so", f"take one of: {', '.join(SCOPES)}")
    number = UnavailabilityNotice.Scope.Value(f"SCOPE_{scope.upper()}")
    request = AnnounceUnavailabilityRequest(request_id=str(uuid4()), scope=number, reason=reason)
    request.from_time.FromDatetime(from_now(start, "--from"))
    request.until_time.FromDatetime(from_now(until, "--until"))
    _show(session, _partners(session).announce(request))


@app.command()
@command
def withdraw(
    session: Session, notice: Annotated[str, typer.Argument(metavar="NOTICE", help="Its id, from `partner list`.")]
) -> None:
    """Withdraw a notice of this district's own, or end it before its time."""
    _show(session, _partners(session).withdraw(notice))


@bundle.command()
@command
def issue(
    session: Session,
    days: Annotated[int, typer.Option(min=1, help="How long partners may trust it.")] = 180,
    folder: Annotated[
        Path | None, typer.Option(help="Holds ca.pem and district-signing.pem, .key; of the state folder if none.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="Where the one before lies; of the state folder if none.")
    ] = None,
) -> None:
    """Issue the district's next trust bundle: every authority in ca.pem, every key in district-signing*.pem.

    The gateway offers it to partners at once; those that it never reached are given the file.
    """
    from tongguan.stack.bundles import issue_bundle

    session.output.show(issue_bundle(session.layout, folder, file, days))


@bundle.command()
@command
def show(session: Session, file: BundleFile) -> None:
    """Show what a bundle says: compare the fingerprints with its district by another way before you trust it."""
    from tongguan.partners import bundle_lines, read_bundle

    told = read_bundle(file)
    session.output.item(told)
    session.output.show(bundle_lines(told))


@bundle.command()
@command
def verify(
    session: Session,
    file: BundleFile,
    after: Annotated[Path | None, typer.Option(metavar="FILE", help="The one held, whose place it is to take.")] = None,
) -> None:
    """Verify that a bundle holds together and is in force; exit code 1 and the flaw if not."""
    from tongguan.stack.bundles import check_bundle

    session.output.show(check_bundle(file, after))


def _show(session: Session, notice: "UnavailabilityNotice") -> None:
    from tongguan.partners import notice_line

    session.output.item(notice)
    session.output.show(notice_line(notice))


def _partners(session: Session) -> "PartnerList":
    from tongguan.partners import PartnerList

    return PartnerList(session.peer("gateway", "operator"))
