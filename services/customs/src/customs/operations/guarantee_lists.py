"""What the register of guarantees lists: guarantees, and claims by the time at which they fall due."""

from typing import NamedTuple

from sqlalchemy import Connection

from agencykit.storage.rows import Fields, run
from customs.domain.guarantees.account import Account
from customs.storage.guarantees import load_accounts

_CLAIMS = """
SELECT claim_id, grn, clearance_number, generation, units, state, claim_time, due_time, end_time, place
FROM guarantee_claims WHERE (due_time, claim_id, place) > (?, ?, ?)
"""


class ClaimPlace(NamedTuple):
    """Where a claim stands in the list: by due time, number and part."""

    due_time: int = 0
    claim_id: str = ""
    place: int = -1


def list_guarantees(connection: Connection, holder: str, short_only: bool, after: str, size: int) -> list[Account]:
    """Guarantees behind the GRN `after`, at most `size`; of one holder, unless that is empty."""
    text, values = "SELECT grn FROM guarantees WHERE grn > ?", [after]
    if holder:
        text, values = f"{text} AND holder = ?", [*values, holder]
    if short_only:
        text += " AND shortfall > 0"
    grns = [grn for (grn,) in run(connection, f"{text} ORDER BY grn LIMIT ?", (*values, size))]
    accounts = load_accounts(connection, grns)
    return [accounts[grn] for grn in grns]


def list_claims(
    connection: Connection, grn: str, open_only: bool, due_before: int | None, after: ClaimPlace, size: int
) -> list[Fields]:
    """Parts of claims behind `after`, at most `size`, as `read_claims` has them and with their place.

    `due_before`: only open ones that were to be paid by then, in microseconds since 1970.
    """
    text, values = _CLAIMS, [*after]
    if grn:
        text, values = f"{text} AND grn = ?", [*values, grn]
    if open_only or due_before is not None:
        text += " AND state = 1"
    if due_before is not None:
        text, values = f"{text} AND due_time < ?", [*values, due_before]
    return run(connection, f"{text} ORDER BY due_time, claim_id, place LIMIT ?", (*values, size))
