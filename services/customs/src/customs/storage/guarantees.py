"""The guarantee ledger's book: read and locked for a transaction, and written back as entries, balances and uses.

Locks are taken in one order, cases and then guarantees, each by key, so that no two transactions wait for each other.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table

from agencykit.decisions.outcomes import lock_numbers
from agencykit.storage.rows import Fields, insert, rows_in, run_many
from customs.domain.guarantees.account import Account, Balances, Terms, UseKey
from customs.domain.guarantees.book import Book
from customs.domain.guarantees.kinds import FOR_ONE_CASE, AccountState, Act, Type, UseState
from customs.domain.guarantees.use import Part, Use
from customs.storage.guarantee_tables import (
    guarantee_claims,
    guarantee_entries,
    guarantee_parts,
    guarantee_uses,
    guarantees,
)

CLOCK = "clock"
_CASE = ("district", "clearance_number")
_UPDATE = (
    "UPDATE guarantees SET limit_units = ?, available = ?, held = ?, confirmed = ?, shortfall = ?, "
    "shortfall_until = ?, claimed = ?, entries = ? WHERE grn = ? AND entries = ?"
)


def _columns(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns)


ACCOUNT, USE, PART = _columns(guarantees), _columns(guarantee_uses), _columns(guarantee_parts)


def load_book(connection: Connection, keys: Collection[UseKey], grns: Iterable[str]) -> Book:
    """All generations of these cases, with every guarantee that they or `grns` name, locked."""
    cases = sorted({(key.district, key.case) for key in keys})
    lock_numbers(connection, [f"{district}/{case}" for district, case in cases])
    book = read_uses(connection, keys)
    taken = {part.grn for use in book.uses.values() for part in use.parts}
    book.accounts = load_accounts(connection, taken.union(grns), lock=True)
    single = [grn for grn, account in book.accounts.items() if account.terms.type in FOR_ONE_CASE]
    spent: dict[str, set[tuple[str, str]]] = {}
    wanted = [(grn, 1) for grn in sorted(single)]
    for grn, *case in rows_in(connection, guarantee_parts, ("grn", *_CASE), ("grn", "spent"), wanted):
        spent.setdefault(grn, set()).add((case[0], case[1]))
    book.cases = {grn: frozenset(each) for grn, each in spent.items()}
    return book


def read_uses(connection: Connection, keys: Collection[UseKey]) -> Book:
    """All generations of these cases, without the guarantees."""
    cases = sorted({(key.district, key.case) for key in keys})
    parts: dict[UseKey, list[Fields]] = {}
    for row in rows_in(connection, guarantee_parts, PART, _CASE, cases):
        parts.setdefault(UseKey(*row[:3]), []).append(row)
    uses = {}
    for row in rows_in(connection, guarantee_uses, USE, _CASE, cases):
        key = UseKey(*row[:3])
        uses[key] = use_of(row, parts.get(key, ()))
    return Book({}, uses)


def load_accounts(connection: Connection, grns: Collection[str], *, lock: bool = False) -> dict[str, Account]:
    """Those of these guarantees that are known."""
    found = rows_in(connection, guarantees, ACCOUNT, ("grn",), sorted(set(grns)), lock="wait" if lock else "")
    return {row[0]: account_of(row) for row in found}


def standing_for_scheme(connection: Connection, holders: Collection[str]) -> dict[str, list[Terms]]:
    """Of these holders' guarantees those that stand for the scheme 担保验放, in whatever state."""
    found: dict[str, list[Terms]] = {}
    for row in rows_in(connection, guarantees, ACCOUNT, ("holder",), holders):
        terms = account_of(row).terms
        if terms.for_scheme:
            found.setdefault(terms.holder, []).append(terms)
    return found


def use_of(row: Fields, parts: Iterable[Fields]) -> Use:
    """A use of its row and its parts'."""
    given = tuple(Part(part[4], *part[5:9]) for part in sorted(parts, key=lambda part: part[3]))
    key = UseKey(*row[:3])
    state, currency_code, caller, content, hold_time, expire_time, end_time = row[3:]
    return Use(key, UseState(state), currency_code, caller, bytes(content), given, hold_time, expire_time, end_time)


def account_of(row: Fields) -> Account:
    """An account of its row."""
    named: dict[str, Any] = dict(zip(ACCOUNT, row, strict=True))
    balances = (named[name] for name in ("limit_units", "available", "held", "confirmed", "shortfall"))
    terms = Terms(
        grn=named["grn"],
        type=Type(named["type"]),
        holder=named["holder"],
        currency_code=named["currency_code"],
        state=AccountState(named["state"]),
        valid_from=named["valid_from"],
        valid_until=named["valid_until"],
        districts=tuple(named["districts"].split()),
        offices=tuple(named["offices"].split()),
        excluded_commodities=tuple(named["excluded_commodities"].split()),
        suspended_goods=bool(named["suspended_goods"]),
        for_scheme=bool(named["for_scheme"]),
        access_salt=bytes(named["access_salt"]),
        access_hash=bytes(named["access_hash"]),
    )
    return Account(terms, Balances(*balances), named["entries"], named["claimed"], named["shortfall_until"])


def terms_row(terms: Terms) -> Fields:
    """A new guarantee's row: nothing has been posted to it."""
    words = (" ".join(each) for each in (terms.districts, terms.offices, terms.excluded_commodities))
    head = (terms.grn, terms.type, terms.holder, terms.currency_code, terms.state, terms.valid_from, terms.valid_until)
    secret = (terms.access_salt, terms.access_hash)
    return (*head, *words, terms.suspended_goods, terms.for_scheme, *secret, 0, 0, 0, 0, 0, None, 0, 0)


def store_book(connection: Connection, book: Book, now: int, officer: str = "") -> None:
    """Entries are appended, balances follow on condition that nobody else appended, uses and parts are replaced."""
    moved = [account for account in book.accounts.values() if account.changed]
    insert(connection, guarantee_entries, [row for account in moved for row in _entries(account, book, now, officer)])
    done = run_many(connection, _UPDATE, [_balances(account) for account in moved])
    if done != len(moved):
        raise AssertionError("a guarantee was changed although it was locked")
    changed = [use for use in book.uses.values() if use.changed]
    insert(connection, guarantee_uses, [_use_row(use) for use in changed], "replace")
    insert(connection, guarantee_parts, [row for use in changed for row in _part_rows(use, book)], "replace")


def _entries(account: Account, book: Book, now: int, officer: str) -> list[Fields]:
    """Each with who is behind it: the clock, the officer, or whoever the use belongs to."""
    rows = []
    for number, posting in enumerate(account.postings, account.entries + 1):
        caller = CLOCK if posting.act is Act.EXPIRE else officer or book.uses[posting.use].caller
        moved = (posting.act, posting.source, posting.target, posting.units)
        rows.append((account.terms.grn, number, *moved, *posting.use, caller, now))
    return rows


def _balances(account: Account) -> Fields:
    balances = account.balances
    amounts = (balances.limit, balances.available, balances.held, balances.confirmed, balances.shortfall)
    until = account.shortfall_until if balances.shortfall else None
    after = account.entries + len(account.postings)
    return (*amounts, until, account.claimed, after, account.terms.grn, account.entries)


def _use_row(use: Use) -> Fields:
    times = (use.hold_time, use.expire_time, use.end_time)
    return (*use.key, use.state, use.currency_code, use.caller, use.content, *times)


def _part_rows(use: Use, book: Book) -> list[Fields]:
    rows = []
    for place, part in enumerate(use.parts):
        single = book.accounts[part.grn].terms.type in FOR_ONE_CASE
        spent = single and use.state not in {UseState.CANCELLED, UseState.EXPIRED}
        rows.append((*use.key, place, part.grn, part.units, part.outstanding, part.returned, part.claimed, int(spent)))
    return rows


def insert_claims(connection: Connection, rows: Sequence[Fields]) -> None:
    """New claims; columns as in the table."""
    insert(connection, guarantee_claims, rows)
