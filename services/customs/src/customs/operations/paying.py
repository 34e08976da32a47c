"""Payments are recorded and taken back: one function, one transaction.

What they settle is decided again. As with guarantees the clearances' rows are locked first, in the order of decisions,
and then the receipts: no fact key has to be stored for each import, nearly all of which owe duty.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from agencykit.decisions.due import mark_due
from agencykit.decisions.lookups import cases_of
from agencykit.decisions.outcomes import lock_numbers
from agencykit.refusals import NotFound, StateForbids
from customs.domain.payments import Payment
from customs.storage import payments as rows

FactKeys = tuple[()]


def record(connection: Connection, wanted: Sequence[Payment], officer: str, now: int) -> FactKeys:
    """Each receipt once.

    NotFound of a clearance never seen; StateForbids of a receipt with other content, or reversed.
    """
    known_cases = cases_of(connection, {each.clearance_number for each in wanted})
    for each in wanted:
        if each.clearance_number not in known_cases:
            raise NotFound("clearance", each.clearance_number)
    known, reversed_ones = _locked(connection, [each.receipt_number for each in wanted])
    new: dict[str, Payment] = {}
    for each in wanted:
        if each.receipt_number in reversed_ones:
            raise StateForbids("REVERSED", f"record receipt {each.receipt_number}")
        before = known.get(each.receipt_number) or new.setdefault(each.receipt_number, each)
        if before != each:
            raise StateForbids("RECORDED", f"record receipt {each.receipt_number} with other content")
    rows.append(connection, list(new.values()), False, now, officer)
    mark_due(connection, {each.clearance_number for each in new.values()})
    return ()


def reverse(connection: Connection, receipts: Sequence[str], officer: str, now: int) -> FactKeys:
    """Each once. NotFound of a receipt never recorded."""
    # Payments never change, so that what is read before the locks is right.
    found, _ = rows.of_receipts(connection, receipts)
    for receipt in receipts:
        if receipt not in found:
            raise NotFound("payment", receipt)
    cases_of(connection, {each.clearance_number for each in found.values()})
    known, reversed_ones = _locked(connection, receipts)
    new = [known[receipt] for receipt in sorted(known) if receipt not in reversed_ones]
    rows.append(connection, new, True, now, officer)
    mark_due(connection, {each.clearance_number for each in new})
    return ()


def _locked(connection: Connection, receipts: Collection[str]) -> tuple[dict[str, Payment], set[str]]:
    lock_numbers(connection, [f"receipt/{number}" for number in sorted(set(receipts))])
    return rows.of_receipts(connection, receipts)
