"""The ledger computed again from its entries, within one transaction that only reads, page by page.

Memory is bounded by the uses of one guarantee.
"""

from collections.abc import Iterator

from sqlalchemy import Connection

from agencykit.storage.rows import run
from customs.domain.guarantees.account import Account, Posting, Side, UseKey
from customs.domain.guarantees.kinds import Act, UseState
from customs.domain.guarantees.reckon import Given, Numbered, Reckoning
from customs.domain.guarantees.use import Part
from customs.storage.guarantees import ACCOUNT, account_of

PAGE = 1_000
_ACCOUNTS = f"SELECT {', '.join(ACCOUNT)} FROM guarantees WHERE grn > ? ORDER BY grn LIMIT {PAGE}"
_ENTRIES = (
    "SELECT number, act, source, target, units, district, clearance_number, generation "
    f"FROM guarantee_entries WHERE grn = ? AND number > ? ORDER BY number LIMIT {PAGE}"
)
_GIVEN = f"""
SELECT p.district, p.clearance_number, p.generation, u.state, p.units, p.outstanding, p.returned, p.claimed
FROM guarantee_parts AS p LEFT JOIN guarantee_uses AS u
ON u.district = p.district AND u.clearance_number = p.clearance_number AND u.generation = p.generation
WHERE p.grn = ? AND (p.district, p.clearance_number, p.generation) > (?, ?, ?)
ORDER BY p.district, p.clearance_number, p.generation LIMIT {PAGE}
"""
_CLAIMS = "SELECT coalesce(sum(units), 0) FROM guarantee_claims WHERE grn = ? AND state = 1"
_STRAY = f"""
SELECT grn, min(number) FROM guarantee_entries WHERE grn NOT IN (SELECT grn FROM guarantees)
GROUP BY grn ORDER BY grn LIMIT {PAGE}
"""


def reconcile(connection: Connection) -> Reckoning:
    """Every guarantee, use and entry, as of one moment whoever writes meanwhile."""
    if connection.dialect.name == "postgresql":
        run(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    return reckoning(connection)


def reckoning(connection: Connection) -> Reckoning:
    """As `reconcile`, as the transaction sees it."""
    found = Reckoning()
    for account in _accounts(connection):
        grn = account.terms.grn
        [(claims,)] = run(connection, _CLAIMS, (grn,))
        found.reckon(account, int(claims), _entries(connection, grn), _given(connection, grn))
    for grn, number in run(connection, _STRAY):
        found.differ(f"{grn}: entry {number} is about no guarantee of the register")
    [(found.uses,)] = run(connection, "SELECT count(*) FROM guarantee_uses")
    return found


def _accounts(connection: Connection) -> Iterator[Account]:
    after = ""
    while rows := run(connection, _ACCOUNTS, (after,)):
        yield from map(account_of, rows)
        after = rows[-1][0]


def _entries(connection: Connection, grn: str) -> Iterator[Numbered]:
    after = 0
    while rows := run(connection, _ENTRIES, (grn, after)):
        for number, act, source, target, units, *use in rows:
            yield Numbered(number, Posting(Act(act), Side(source), Side(target), units, UseKey(*use)))
        after = rows[-1][0]


def _given(connection: Connection, grn: str) -> Iterator[Given]:
    after = UseKey()
    while rows := run(connection, _GIVEN, (grn, *after)):
        for row in rows:
            state = None if row[3] is None else UseState(row[3])
            yield Given(UseKey(*row[:3]), state, Part(grn, *row[4:]))
        after = UseKey(*rows[-1][:3])
