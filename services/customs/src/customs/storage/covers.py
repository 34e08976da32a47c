"""For what amounts uses of guarantees stand, by clearance: what is confirmed, and what guarantors owe or have paid by a
claim. What was claimed and given back stands for nothing: the debt is open again.

Of guarantees that other districts keep, customs counts what its gateway has recorded and not ended.
"""

from collections.abc import Collection

from sqlalchemy import Connection

from agencykit.storage.rows import rows_in
from customs.domain.guarantees.kinds import ClaimState, UseState
from customs.domain.rules.charges import CURRENCY
from customs.storage.guarantee_tables import guarantee_claims, guarantee_parts, guarantee_uses
from customs.storage.outside_covers import standing_units

_CASE = ("district", "clearance_number")
_USE = (*_CASE, "generation")
_STANDING = frozenset({UseState.CONFIRMED, UseState.CLAIMED})


def standing_for(connection: Connection, district: str, numbers: Collection[str]) -> dict[str, int]:
    """Fen, of those of these clearances of the district that have any; most have no use and cost one query together."""
    uses = rows_in(
        connection,
        guarantee_uses,
        (*_USE, "state", "currency_code"),
        _CASE,
        [(district, number) for number in numbers],
    )
    taken = [row[:3] for row in uses if row[3] in _STANDING and row[4] == CURRENCY]
    columns = ("clearance_number", "outstanding", "claimed")
    covers: dict[str, int] = {}
    owed = False
    for number, outstanding, claimed in rows_in(connection, guarantee_parts, columns, _USE, taken):
        covers[number] = covers.get(number, 0) + outstanding + claimed
        owed = owed or claimed > 0
    columns = ("clearance_number", "units", "state")
    for number, units, state in rows_in(connection, guarantee_claims, columns, _USE, taken if owed else ()):
        covers[number] -= units if state == ClaimState.REFUNDED else 0
    for number, units in standing_units(connection, numbers, CURRENCY):
        covers[number] = covers.get(number, 0) + units
    return covers
