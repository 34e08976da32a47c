"""guarantee: customs' register of guarantees (担保), their uses, and the reckoning of the whole ledger."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tongguan.as_of import parse_as_of
from tongguan.failures import Misused, Refused
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from clearance.customs.v1.guarantee_pb2 import Guarantee
    from tongguan.guarantees import Guarantees

app = typer.Typer(name="guarantee", help="Customs' register of guarantees (担保).", no_args_is_help=True)

Customs = Annotated[
    str, typer.Option("--agency", metavar="AGENCY[=HOST:PORT]", help="The customs service that keeps it.")
]
Grn = Annotated[str, typer.Argument(metavar="GRN", help="Guarantee reference number.")]
TYPES = ("waiver", "comprehensive", "individual", "cash", "voucher", "waiver-small-amount", "public-body")
Kind = Annotated[str, typer.Option("--type", metavar="TYPE", help=f"{', '.join(TYPES)} or individual-multiple-use.")]


@app.command()
@command
def register(
    session: Session,
    grn: Grn,
    holder: Annotated[str, typer.Option(metavar="IDENTIFIER", help="Registration number of the enterprise.")],
    limit: Annotated[str, typer.Option(metavar="AMOUNT", help="The most that may be in use, such as 10000.00.")],
    kind: Kind = "comprehensive",
    currency: Annotated[str, typer.Option(metavar="CODE", help="Currency, ISO 4217.")] = "CNY",
    access_code: Annotated[
        str,
        typer.Option(
            envvar="TONGGUAN_ACCESS_CODE",
            help="Types 0, 1, 2, 4 and 9 have one; best given by the environment, so that no shell remembers it.",
        ),
    ] = "",
    valid_from: Annotated[
        datetime | None, typer.Option(metavar="TIME", parser=parse_as_of, help="Valid from; now.")
    ] = None,
    valid_until: Annotated[
        datetime | None, typer.Option(metavar="TIME", parser=parse_as_of, help="Valid until; without end.")
    ] = None,
    district: Annotated[list[str] | None, typer.Option(help="Where it may be used; everywhere. Repeatable.")] = None,
    office: Annotated[list[str] | None, typer.Option(help="Customs office, 4 digits; all. Repeatable.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(metavar="HS", help="Goods left out. Repeatable.")] = None,
    for_scheme: Annotated[
        bool, typer.Option("--for-scheme", help="It stands for the scheme 担保验放: used without being asked for.")
    ] = False,
    agency: Customs = "customs",
) -> None:
    """Enter a guarantee. Example: tongguan guarantee register 19XX0040191000015 --holder 3302961234 --limit 10000.00"""
    from clearance.customs.v1.guarantee_pb2 import Guarantee
    from clearance.customs.v1.guarantee_register_service_pb2 import GuaranteeEntry
    from tongguan.guarantees import money

    name = f"TYPE_{kind.upper().replace('-', '_')}"
    if name not in Guarantee.Type.keys() or kind == "unspecified":  # noqa: SIM118
        raise Misused(f"--type {kind}: no such type", f"take one of {', '.join(TYPES)}, individual-multiple-use")
    made = Guarantee(
        grn=grn,
        type=Guarantee.Type.Value(name),
        holder_identifier=holder,
        limit=money(limit, currency),
        districts=district or (),
        customs_office_codes=office or (),
        excluded_commodity_prefixes=exclude or (),
        for_scheme=for_scheme,
    )
    if valid_from is not None:
        made.valid_from_time.FromDatetime(valid_from)
    if valid_until is not None:
        made.valid_until_time.FromDatetime(valid_until)
    _show(session, _guarantees(session, agency).register(GuaranteeEntry(guarantee=made, access_code=access_code)))


@app.command()
@command
def show(session: Session, grn: Grn, agency: Customs = "customs") -> None:
    """Show a guarantee and its balances."""
    _show(session, _guarantees(session, agency).guarantee(grn))


@app.command()
@command
def uses(
    session: Session,
    grn: Grn,
    open_only: Annotated[bool, typer.Option("--open", help="Only what is held or confirmed.")] = False,
    agency: Customs = "customs",
) -> None:
    """List the uses of a guarantee."""
    from tongguan.report.guarantees import uses_table

    found = list(_guarantees(session, agency).uses(grn, open_only=open_only))
    for use in found:
        session.output.item(use)
    session.output.show(uses_table(grn, found) if found else f"{grn}: not in use")


@app.command()
@command
def change(
    session: Session,
    grn: Grn,
    suspend: Annotated[bool, typer.Option("--suspend", help="It cannot be used until it is resumed.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="It can be used again.")] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="It cannot be used any more, for good.")] = False,
    limit: Annotated[str, typer.Option(metavar="AMOUNT", help="New limit; below what is in use it falls short.")] = "",
    for_scheme: Annotated[
        bool | None, typer.Option("--for-scheme/--not-for-scheme", help="Whether it stands for the scheme 担保验放.")
    ] = None,
    agency: Customs = "customs",
) -> None:
    """Suspend, resume or revoke a guarantee, change its limit or what it stands for. What is in use stays so."""
    from clearance.customs.v1.guarantee_pb2 import Guarantee
    from tongguan.guarantees import money

    nothing = not (suspend or resume or revoke or limit) and for_scheme is None
    if suspend + resume + revoke > 1 or nothing:
        raise Misused("one change of state at most, and one change at least", "see tongguan guarantee change --help")
    state = Guarantee.STATE_UNSPECIFIED
    for wanted, each in (
        (suspend, Guarantee.STATE_SUSPENDED),
        (resume, Guarantee.STATE_ACTIVE),
        (revoke, Guarantee.STATE_REVOKED),
    ):
        state = each if wanted else state
    desk = _guarantees(session, agency)
    units = money(limit, desk.guarantee(grn).limit.currency_code).minor_units if limit else None
    _show(session, desk.change(grn, state, units, for_scheme))


@app.command("list")
@command
def list_(
    session: Session,
    holder: Annotated[str, typer.Option(metavar="IDENTIFIER", help="Only those of this enterprise.")] = "",
    short: Annotated[bool, typer.Option("--short", help="Only those that fall short of what is in use.")] = False,
    agency: Customs = "customs",
) -> None:
    """List guarantees with their balances."""
    from tongguan.report.guarantee_tables import guarantees_table
    from tongguan.report.guarantees import guarantee_lines

    found = list(_guarantees(session, agency).all(holder, short_only=short))
    for each in found:
        session.output.item(each)
    if session.output.csv and found:
        session.output.show(guarantees_table(found))
    else:
        session.output.show("\n\n".join(map(guarantee_lines, found)) if found else "no such guarantee")


@app.command()
@command
def claims(
    session: Session,
    grn: Annotated[str, typer.Argument(metavar="[GRN]", help="Only those on this guarantee.")] = "",
    open_only: Annotated[bool, typer.Option("--open", help="Only what is neither paid nor taken back.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what should have been paid by now.")] = False,
    agency: Customs = "customs",
) -> None:
    """List claims on guarantors, those due first at the head; `settle` takes their numbers."""
    from tongguan.report.guarantees import claims_table

    found = list(_guarantees(session, agency).claims(grn, open_only=open_only, overdue_only=overdue))
    for each in found:
        session.output.item(each)
    session.output.show(claims_table(found) if found else "no such claim")


@app.command()
@command
def settle(
    session: Session,
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="Number of the claim.")],
    paid: Annotated[bool, typer.Option("--paid", help="The guarantor paid.")] = False,
    refunded: Annotated[bool, typer.Option("--refunded", help="It is refunded, or taken back.")] = False,
    agency: Customs = "customs",
) -> None:
    """Record that a claim was paid, or is refunded."""
    from clearance.customs.v1.guarantee_register_service_pb2 import SettleClaimRequest
    from tongguan.report.guarantees import claim_line

    if paid is refunded:
        raise Misused("paid or refunded?", "give --paid or --refunded")
    settlement = SettleClaimRequest.SETTLEMENT_PAID if paid else SettleClaimRequest.SETTLEMENT_REFUNDED
    answer = _guarantees(session, agency).settle(claim, settlement)
    session.output.item(answer)
    for each in answer.claims:
        session.output.show(claim_line(each))


@app.command()
@command
def reconcile(session: Session, agency: Customs = "customs") -> None:
    """Compute every balance and use again from the entries; exit code 1 and the first difference if they disagree."""
    answer = _guarantees(session, agency).reconcile()
    session.output.item(answer)
    counts = f"{answer.guarantees} guarantees, {answer.uses} uses, {answer.entries} entries"
    if answer.differences:
        more = f" (and {len(answer.differences) - 1} more)" if len(answer.differences) > 1 else ""
        raise Refused(f"{counts}: {answer.differences[0]}{more}", "stop using the ledger and look at --json")
    session.output.show(f"{counts}: all balances agree")


def _show(session: Session, guarantee: "Guarantee") -> None:
    from tongguan.report.guarantees import guarantee_lines

    session.output.item(guarantee)
    session.output.show(guarantee_lines(guarantee))


def _guarantees(session: Session, agency: str) -> "Guarantees":
    from tongguan.guarantees import Guarantees

    return Guarantees(session.officer(agency))
