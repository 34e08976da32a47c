"""Payments of one clearance, for people."""

from collections.abc import Sequence

from rich.table import Table

from clearance.customs.v1.payment_service_pb2 import Payment, RecordedPayment
from tongguan.report.names import amount, clock
from tongguan.report.tables import table


def payments_table(number: str, payments: Sequence[RecordedPayment]) -> Table:
    """What was paid, when, and who recorded it."""
    made = table(
        f"Paid for {number}", "receipt", "for", "amount", "paid", "recorded by", "taken back", numbers=("amount",)
    )
    for each in payments:
        payment = each.payment
        made.add_row(
            payment.receipt_number,
            Payment.Charge.Name(payment.charge).removeprefix("CHARGE_").lower().replace("_", " "),
            amount(payment.amount_fen, "CNY"),
            clock(payment.pay_time),
            each.officer,
            clock(each.reversal_time) if each.HasField("reversal_time") else "",
        )
    return made
