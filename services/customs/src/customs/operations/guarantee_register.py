"""Guarantees are entered and changed, claims are paid and refunded: one function, one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.decisions.due import mark_due, wake
from agencykit.decisions.lookups import cases_of
from agencykit.refusals import GuaranteeTypeMismatch, GuaranteeUnknown, NotFound, StateForbids
from agencykit.storage.rows import Fields, change, for_update, insert, run
from customs.domain.guarantees.account import (
    Account,
    Balances,
    Posting,
    Side,
    Terms,
    UseKey,
    limit_changed,
    restored,
)
from customs.domain.guarantees.book import Book
from customs.domain.guarantees.kinds import FOR_SCHEME, RESTORED_BY_PAYMENT, AccountState, Act, ClaimState
from customs.domain.guarantees.use import Use
from customs.domain.interests import STANDING_GUARANTEE
from customs.storage.guarantee_tables import guarantees
from customs.storage.guarantees import load_accounts, read_uses, store_book, terms_row

FactKeys = set[tuple[str, str]]
_USES = """
SELECT district, clearance_number, generation FROM guarantee_parts
WHERE grn = ? AND (district, clearance_number, generation) > (?, ?, ?)
ORDER BY district, clearance_number, generation LIMIT ?
"""
_OPEN_USES = """
SELECT district, clearance_number, generation FROM guarantee_parts
WHERE grn = ? AND outstanding > 0 AND (district, clearance_number, generation) > (?, ?, ?)
ORDER BY district, clearance_number, generation LIMIT ?
"""
_OPEN_CLAIMS = "SELECT coalesce(sum(lowered), 0) FROM guarantee_claims WHERE grn = ? AND state = 1"
_CLAIM = """
SELECT claim_id, grn, clearance_number, generation, units, state, claim_time, due_time, end_time
FROM guarantee_claims WHERE claim_id = ? ORDER BY place
"""
_CLAIMED_FOR = "SELECT clearance_number FROM guarantee_claims WHERE claim_id = ?"


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a guarantee; None leaves it as it is."""

    grn: str
    state: AccountState | None = None
    limit: int | None = None
    # Microseconds since 1970: by then a shortfall that a lower limit leaves must be made good.
    shortfall_until: int = 0
    for_scheme: bool | None = None


def register(connection: Connection, entries: Sequence[tuple[Terms, int]], caller: str, now: int) -> FactKeys:
    """New guarantees with their limits; StateForbids where one is in the register already."""
    known = load_accounts(connection, [terms.grn for terms, _ in entries], lock=True)
    if known:
        raise StateForbids("REGISTERED", "register")
    insert(connection, guarantees, [terms_row(terms) for terms, _ in entries])
    accounts = {terms.grn: Account(terms, Balances()) for terms, _ in entries}
    for terms, limit in entries:
        if limit:
            accounts[terms.grn].post([Posting(Act.REGISTER, Side.LIMIT, Side.AVAILABLE, limit)])
    store_book(connection, Book(accounts, {}), now, caller)
    return _concerned(terms for terms, _ in entries)


def _concerned(changed: Iterable[Terms]) -> FactKeys:
    """Whoever would go on a guarantee by scheme is decided again when one has come, or can be used again."""
    return {(STANDING_GUARANTEE, terms.holder) for terms in changed if terms.type in FOR_SCHEME}


def alter(connection: Connection, wanted: Change, caller: str, now: int) -> FactKeys:
    """Suspends, takes up again, revokes for good, changes the limit or whether it stands for the scheme."""
    keys = _concerned(account.terms for account in find(connection, [wanted.grn]))
    # Whoever is concerned is locked before the guarantee, as the ledger's acts lock them.
    wake(connection, keys)
    accounts = load_accounts(connection, [wanted.grn], lock=True)
    account = accounts[wanted.grn]
    if account.terms.state is AccountState.REVOKED:
        raise StateForbids("REVOKED", "change")
    if wanted.state is not None:
        change(connection, "UPDATE guarantees SET state = ? WHERE grn = ?", (wanted.state, wanted.grn))
    if wanted.limit is not None:
        account.post(limit_changed(account.balances, _in_force(connection, wanted.grn, wanted.limit)))
        account.shortfall_until = account.shortfall_until or wanted.shortfall_until
        store_book(connection, Book(accounts, {}), now, caller)
    if wanted.for_scheme is not None:
        if wanted.for_scheme and account.terms.type not in FOR_SCHEME:
            raise GuaranteeTypeMismatch(wanted.grn, "only types 0, 1 and 9 stand for the scheme")
        change(connection, "UPDATE guarantees SET for_scheme = ? WHERE grn = ?", (wanted.for_scheme, wanted.grn))
    return keys


def _in_force(connection: Connection, grn: str, limit: int) -> int:
    """What a stated limit leaves while claims are open, which restore what they took when they end; StateForbids."""
    [(lowered,)] = run(connection, _OPEN_CLAIMS, (grn,))
    if limit < lowered:
        raise StateForbids("CLAIMED", "lower the limit below what is claimed")
    return limit - int(lowered)


def find(connection: Connection, grns: Sequence[str]) -> list[Account]:
    """These guarantees in their order; GuaranteeUnknown."""
    accounts = load_accounts(connection, grns)
    for grn in grns:
        if grn not in accounts:
            raise GuaranteeUnknown(grn)
    return [accounts[grn] for grn in grns]


def list_uses(connection: Connection, grn: str, open_only: bool, after: UseKey, size: int) -> list[Use]:
    """Uses of a guarantee behind `after`, at most `size`; GuaranteeUnknown."""
    find(connection, [grn])
    text = _OPEN_USES if open_only else _USES
    keys = [UseKey(*row) for row in run(connection, text, (grn, *after, size))]
    uses = read_uses(connection, keys).uses
    return [uses[key] for key in keys]


def read_claims(connection: Connection, claim_id: str) -> list[Fields]:
    """A claim's parts: number, GRN, case, generation, units, state, claim, due and end time; NotFound."""
    rows = run(connection, _CLAIM, (claim_id,))
    if not rows:
        raise NotFound("claim", claim_id)
    return rows


def settle(connection: Connection, claim_id: str, state: ClaimState, caller: str, now: int) -> FactKeys:
    """A claim has been paid, is taken back, or is refunded after it was paid; each once.

    What it lowered is restored when it is taken back, and by payment where the guarantee goes on. A refund after
    payment gives money back, and moves nothing here. By either the debt is open again, and is decided again.
    """
    lock, reopened = for_update(connection), set[str]()
    if state is ClaimState.REFUNDED:
        # Parts of a claim are never added to nor taken away, so that what is read before the locks is right.
        reopened = {number for (number,) in run(connection, _CLAIMED_FOR, (claim_id,))}
        cases_of(connection, reopened)
    rows = run(
        connection,
        f"SELECT place, grn, units, lowered, state FROM guarantee_claims WHERE claim_id = ? ORDER BY grn, place{lock}",
        (claim_id,),
    )
    if not rows:
        raise NotFound("claim", claim_id)
    before = {ClaimState(row[4]) for row in rows}
    if state in before or ClaimState.REFUNDED in before:
        raise StateForbids(min(before).name, "settle")
    accounts = load_accounts(connection, [row[1] for row in rows], lock=True)
    for _, grn, units, lowered, was in rows:
        account = accounts[grn]
        account.claimed -= units if was == ClaimState.OPEN else 0
        account.touched = True
        goes_on = state is ClaimState.REFUNDED or account.terms.type in RESTORED_BY_PAYMENT
        if lowered and was == ClaimState.OPEN and goes_on:
            account.post(restored(account.balances, lowered))
    store_book(connection, Book(accounts, {}), now, caller)
    change(connection, "UPDATE guarantee_claims SET state = ?, end_time = ? WHERE claim_id = ?", (state, now, claim_id))
    mark_due(connection, reopened)
    return set()
