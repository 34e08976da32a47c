"""Customs' books of payments: a payment is one entry, its reversal another. Entries are appended, never changed."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from agencykit.storage.rows import Fields, insert, rows_in
from customs.domain.payments import Charge, Payment, balance
from customs.storage.tables import metadata

# The numbers of a receipt are the same in both of its entries.
payments = Table(
    "payments",
    metadata,
    Column("receipt_number", String(35), primary_key=True),
    Column("reversal", Integer, primary_key=True),  # 0 the payment, 1 its reversal
    Column("clearance_number", String(35), nullable=False),
    Column("charge", Integer, nullable=False),
    Column("fen", BigInteger, nullable=False),
    Column("pay_time", BigInteger, nullable=False),
    Column("record_time", BigInteger, nullable=False),
    Column("officer", Text, nullable=False),
    CheckConstraint("fen > 0 AND charge IN (1, 2) AND reversal IN (0, 1)", name="payments_sound"),
    Index("payments_by_clearance", "clearance_number"),
    sqlite_with_rowid=False,
)
_ENTRY = ("receipt_number", "reversal", "clearance_number", "charge", "fen", "pay_time", "record_time", "officer")


def paid(connection: Connection, numbers: Collection[str]) -> dict[str, Mapping[Charge, int]]:
    """What is paid for these clearances; one query, and nothing of those for which nothing is."""
    columns = ("clearance_number", "charge", "reversal", "fen")
    entries: dict[str, list[tuple[int, bool, int]]] = {}
    for number, charge, reversal, fen in rows_in(connection, payments, columns, ("clearance_number",), numbers):
        entries.setdefault(number, []).append((charge, bool(reversal), fen))
    return {number: balance(each) for number, each in entries.items()}


def of_receipts(connection: Connection, receipts: Collection[str]) -> tuple[dict[str, Payment], set[str]]:
    """By receipt the payments that are known, and the receipts that were reversed."""
    rows = rows_in(connection, payments, _ENTRY, ("receipt_number",), sorted(set(receipts)))
    known = {row[0]: _payment(row) for row in rows if not row[1]}
    return known, {row[0] for row in rows if row[1]}


def of_clearance(connection: Connection, number: str) -> list[tuple[Payment, int, str, int | None]]:
    """(payment, when recorded, by whom, when reversed) in the order in which they were recorded."""
    rows = rows_in(connection, payments, _ENTRY, ("clearance_number",), [number])
    reversed_at = {row[0]: row[6] for row in rows if row[1]}
    made = sorted((row for row in rows if not row[1]), key=lambda row: (row[6], row[0]))
    return [(_payment(row), row[6], row[7], reversed_at.get(row[0])) for row in made]


def append(connection: Connection, made: Sequence[Payment], reversal: bool, now: int, officer: str) -> None:
    """New entries."""
    insert(connection, payments, [_row(each, reversal, now, officer) for each in made])


def _row(payment: Payment, reversal: bool, now: int, officer: str) -> Fields:
    about = (payment.clearance_number, payment.charge, payment.fen, payment.pay_time)
    return (payment.receipt_number, int(reversal), *about, now, officer)


def _payment(row: Fields) -> Payment:
    receipt_number, _, clearance_number, charge, fen, pay_time, *_ = row
    return Payment(clearance_number, Charge(charge), fen, pay_time, receipt_number)
