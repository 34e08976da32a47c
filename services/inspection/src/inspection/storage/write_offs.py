"""Certificates written off as used: what each clearance took and gave back, in the transaction that decides it.

A certificate's row in `certificate_balances` is locked from the moment its use is read until the commit, so that of two
clearances at once the second meets what the first has left. Only certificates with a limit are written off.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from agencykit.agency import FactKey, Holder
from agencykit.rules import Outcome, Verdict
from agencykit.storage import to_micros
from agencykit.storage.rows import Fields, change, insert, rows_in
from inspection.domain.allotting import charges
from inspection.domain.facts import Facts
from inspection.storage.tables import certificate_balances, write_offs

# A consignment that is refused or recalled holds nothing.
GIVES_BACK = frozenset({Verdict.REFUSED, Verdict.RECALLED})
_ENTRY = ("clearance_number", "certificate_number", "grams")
Moves = dict[str, int]
"""Grams by certificate number; below zero given back."""


class WriteOffs:
    """Inspection's ledger (agencykit.agency.CaseLedger)."""

    def load(self, connection: Connection, holders: Sequence[Holder], now: datetime) -> None:
        """What each clearance has written off, and how much of the certificates concerned all have."""
        own = _own(connection, [holder.clearance_number for holder in holders if holder.known])
        concerned = {number for holder in holders for number in _limited(holder.facts)}.union(*own.values())
        used = _locked_balances(connection, concerned)
        for holder in holders:
            holder.facts.used_grams = used
            if holder.clearance_number in own:
                holder.facts.own_grams = own[holder.clearance_number]

    def take(self, holder: Holder, outcome: Outcome) -> None:
        """The next one in the batch meets what this one leaves."""
        facts: Facts = holder.facts
        if not (facts.certificates or facts.own_grams):
            return
        if outcome.verdict not in GIVES_BACK:
            facts.charged_grams = charges(holder.view, facts, holder.accept_time)
        for number, amount in _moves(facts).items():
            facts.used_grams[number] = facts.used_grams.get(number, 0) + amount

    def store(self, connection: Connection, holders: Sequence[Holder], now: datetime) -> Collection[FactKey]:
        """Appends the entries and moves the balances."""
        moved = [(holder, moves) for holder in holders if (moves := _moves(holder.facts))]
        if not moved:
            return ()
        moment = to_micros(now)
        known = _counts(connection, [holder.clearance_number for holder, _ in moved if holder.known])
        rows = [
            row
            for holder, moves in moved
            for row in _entries(holder.clearance_number, holder.version, moves, known, moment)
        ]
        insert(connection, write_offs, rows)
        limits = {
            number: limit
            for holder, _ in moved
            for number, certificate in holder.facts.certificates.items()
            if (limit := certificate.limit_grams) is not None
        }
        _move_balances(connection, (moves for _, moves in moved), limits)
        return _freed(moves for _, moves in moved)

    def give_back(
        self, connection: Connection, clearance_number: str, version: int, now: datetime
    ) -> Collection[FactKey]:
        """All that a withdrawn clearance still holds."""
        held = _own(connection, [clearance_number]).get(clearance_number, {})
        moves = {number: -amount for number, amount in held.items() if amount}
        _locked_balances(connection, set(moves))
        known = _counts(connection, [clearance_number])
        insert(connection, write_offs, list(_entries(clearance_number, version, moves, known, to_micros(now))))
        _move_balances(connection, [moves], {})
        return _freed([moves])


def _limited(facts: Facts) -> Iterator[str]:
    return (number for number, certificate in facts.certificates.items() if certificate.limit_grams is not None)


def _moves(facts: Facts) -> Moves:
    """What the decision changes of what the clearance holds."""
    charged, own = facts.charged_grams, facts.own_grams
    if charged == own:
        return {}
    changes = {number: charged.get(number, 0) - own.get(number, 0) for number in sorted({*charged, *own})}
    return {number: amount for number, amount in changes.items() if amount}


def _own(connection: Connection, clearance_numbers: Collection[str]) -> dict[str, Moves]:
    """What each of these clearances holds of each certificate."""
    held: dict[str, Moves] = {}
    for clearance, certificate, amount in rows_in(
        connection, write_offs, _ENTRY, ("clearance_number",), sorted(clearance_numbers)
    ):
        of_clearance = held.setdefault(clearance, {})
        of_clearance[certificate] = of_clearance.get(certificate, 0) + amount
    return {clearance: {n: amount for n, amount in each.items() if amount} for clearance, each in held.items()}


def _counts(connection: Connection, clearance_numbers: Collection[str]) -> dict[tuple[str, str], int]:
    """How many entries there are for each clearance and certificate."""
    counts: dict[tuple[str, str], int] = {}
    columns = ("clearance_number", "certificate_number")
    for key in rows_in(connection, write_offs, columns, ("clearance_number",), sorted(clearance_numbers)):
        counts[key] = counts.get(key, 0) + 1
    return counts


def _entries(
    clearance: str, version: int, moves: Moves, known: Mapping[tuple[str, str], int], moment: int
) -> Iterator[Fields]:
    for certificate, amount in moves.items():
        yield clearance, certificate, known.get((clearance, certificate), 0) + 1, version, amount, moment


def _locked_balances(connection: Connection, numbers: Collection[str]) -> dict[str, int]:
    """Grams used of each certificate; the rows stay locked until the commit."""
    columns = ("number", "used_grams")
    return dict(rows_in(connection, certificate_balances, columns, ("number",), sorted(numbers), lock="wait"))


def _move_balances(connection: Connection, moved: Iterable[Moves], limits: Mapping[str, int]) -> None:
    """Each certificate once, in key order, and never beyond its limit."""
    total: Moves = {}
    for moves in moved:
        for number, amount in moves.items():
            total[number] = total.get(number, 0) + amount
    for number, amount in sorted(total.items()):
        if amount == 0:
            continue
        text = "UPDATE certificate_balances SET used_grams = used_grams + ? WHERE number = ?"
        parameters: Fields = (amount, number)
        if amount > 0:
            text, parameters = f"{text} AND used_grams + ? <= ?", (*parameters, amount, limits[number])
        if change(connection, text, parameters) != 1:
            raise AssertionError("a certificate is never written off beyond its limit")


def _freed(moved: Iterable[Moves]) -> set[FactKey]:
    return {("certificate", number) for moves in moved for number, amount in moves.items() if amount < 0}
