"""payment: customs' record of duty, VAT and fees that were paid (税款、滞报金)."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tongguan.as_of import parse_as_of, this_hour
from tongguan.failures import Misused
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from tongguan.payments import Payments

app = typer.Typer(name="payment", help="Customs' record of what was paid (税款、滞报金).", no_args_is_help=True)

Customs = Annotated[
    str, typer.Option("--agency", metavar="AGENCY[=HOST:PORT]", help="The customs service that records it.")
]
Name = Annotated[str, typer.Argument(metavar="NUMBER|LRN", help="Its number, or the broker's own reference.")]
CHARGES = {"duty-and-vat": "CHARGE_DUTY_AND_VAT", "late-fee": "CHARGE_LATE_FEE"}


@app.command()
@command
def record(
    session: Session,
    name: Name,
    receipt: Annotated[str, typer.Option(metavar="NUMBER", help="Number of the receipt; each counts once.")],
    amount: Annotated[str, typer.Option(metavar="AMOUNT", help="In yuan, such as 1234.50.")],
    charge: Annotated[str, typer.Option(metavar="CHARGE", help=" or ".join(CHARGES) + ".")] = "duty-and-vat",
    paid: Annotated[
        datetime | None, typer.Option(metavar="TIME", parser=parse_as_of, help="When, as the receipt says; this hour.")
    ] = None,
    agency: Customs = "customs",
) -> None:
    """Record a payment; the clearance it settles is decided again.

    Example: tongguan payment record NINGBO7K3M9QZA2BCD --receipt 3104-000017 --amount 1234.50
    """
    from clearance.customs.v1.payment_service_pb2 import Payment
    from tongguan.guarantees import money
    from tongguan.lookup import find

    if charge not in CHARGES:
        raise Misused(f"--charge {charge}: no such charge", f"take {' or '.join(CHARGES)}")
    made = Payment(
        clearance_number=find(session, name).number,
        charge=Payment.Charge.Value(CHARGES[charge]),
        amount_fen=money(amount, "CNY").minor_units,
        receipt_number=receipt,
    )
    made.pay_time.FromDatetime(paid or this_hour())
    payments = _payments(session, agency)
    payments.record(made)
    _list(session, payments, made.clearance_number)


@app.command()
@command
def reverse(
    session: Session,
    receipts: Annotated[list[str], typer.Argument(metavar="RECEIPT...", help="Numbers of receipts.")],
    agency: Customs = "customs",
) -> None:
    """Take payments back that were recorded in error or paid back: all of those named, or none."""
    payments = _payments(session, agency)
    for number in dict.fromkeys(each.clearance_number for each in payments.reverse(receipts)):
        _list(session, payments, number)


@app.command("list")
@command
def list_(session: Session, name: Name, agency: Customs = "customs") -> None:
    """List what was paid for a clearance, also what was taken back."""
    from tongguan.lookup import find

    _list(session, _payments(session, agency), find(session, name).number)


def _list(session: Session, payments: "Payments", number: str) -> None:
    from tongguan.report.payments import payments_table

    found = payments.of(number)
    for each in found:
        session.output.item(each)
    session.output.show(payments_table(number, found) if found else f"{number}: nothing was paid")


def _payments(session: Session, agency: str) -> "Payments":
    from tongguan.payments import Payments

    return Payments(session.officer(agency))
