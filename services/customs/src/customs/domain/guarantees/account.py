"""One guarantee: its terms, its balances, and how postings move them.

Double entry: what can be used, is held and is confirmed on one side; the limit and what is short of it on the other.

    available + held + confirmed = limit + shortfall        always; no balance below zero
    available = limit − Σ uses HELD or CONFIRMED             while nothing is short

A limit that is lowered below what is in use leaves a shortfall, which what comes back fills first. A claim lowers the
limit by what is claimed; its payment restores it where the guarantee goes on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import NamedTuple

from customs.domain.guarantees.kinds import AccountState, Act, Type

# What a balance and an amount may be at most: they are int64 in database and contract.
MOST_UNITS = 2**63 - 1


class Side(IntEnum):
    """The accounts within a guarantee that an entry moves units between."""

    LIMIT = 1
    AVAILABLE = 2
    HELD = 3
    CONFIRMED = 4
    SHORTFALL = 5


class UseKey(NamedTuple):
    """Whose use: district, case (clearance number), generation from 1. Empty where an entry is about no use."""

    district: str = ""
    case: str = ""
    generation: int = 0


class Posting(NamedTuple):
    """Units that move from one side to another; `units` is above zero."""

    act: Act
    source: Side
    target: Side
    units: int
    use: UseKey = UseKey()


@dataclass(frozen=True, slots=True)
class Balances:
    """In the smallest unit of the guarantee's currency."""

    limit: int = 0
    available: int = 0
    held: int = 0
    confirmed: int = 0
    shortfall: int = 0

    def after(self, posting: Posting) -> "Balances":
        """ValueError where a balance would fall below zero or beyond int64, or units are not above zero."""
        if posting.units <= 0 or posting.source is posting.target:
            raise ValueError(f"not a posting: {posting}")
        names = {side: side.name.lower() for side in (posting.source, posting.target)}
        # The limit and what is short of it grow as sources; the other three as targets.
        moves = {
            names[posting.source]: posting.units if _owed(posting.source) else -posting.units,
            names[posting.target]: -posting.units if _owed(posting.target) else posting.units,
        }
        moved = replace(self, **{name: getattr(self, name) + change for name, change in moves.items()})
        if not moved.sound:
            raise ValueError(f"{posting} on {self}")
        return moved

    @property
    def sound(self) -> bool:
        """Whether both sides are equal and nothing is below zero."""
        each = (self.limit, self.available, self.held, self.confirmed, self.shortfall)
        sums = self.available + self.held + self.confirmed == self.limit + self.shortfall
        return sums and all(0 <= one <= MOST_UNITS for one in each) and not (self.available and self.shortfall)


def _owed(side: Side) -> bool:
    return side in {Side.LIMIT, Side.SHORTFALL}


@dataclass(frozen=True, slots=True)
class Terms:
    """What the register says of a guarantee. Empty tuples name nothing and leave nobody out."""

    grn: str
    type: Type
    # Identifier of the enterprise that may use it, folded.
    holder: str
    currency_code: str
    state: AccountState = AccountState.ACTIVE
    # Microseconds since 1970; the end is no longer part of it, None is without end.
    valid_from: int = 0
    valid_until: int | None = None
    # Districts and 4-digit customs offices where it may be used.
    districts: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    # Beginnings of commodity codes for which it does not stand.
    excluded_commodities: tuple[str, ...] = ()
    # Whether it stands for goods under suspension of duty.
    suspended_goods: bool = True
    # Whether it is used for its holder without being asked for, by the scheme 担保验放.
    for_scheme: bool = False
    access_salt: bytes = b""
    access_hash: bytes = b""


@dataclass(slots=True)
class Account:
    """A guarantee as a transaction works on it. `postings` are those of this transaction, in their order."""

    terms: Terms
    balances: Balances
    # Entries there were when it was read: the first new one has the next number.
    entries: int = 0
    # What was claimed and not yet paid or refunded.
    claimed: int = 0
    # Until when what is short must be made good, in microseconds since 1970.
    shortfall_until: int | None = None
    postings: list[Posting] = field(default_factory=list)
    # Whether something beside the balances has changed.
    touched: bool = False

    @property
    def changed(self) -> bool:
        """Whether this transaction has changed it."""
        return self.touched or bool(self.postings)

    def post(self, postings: Iterable[Posting]) -> None:
        """Moves units; ValueError leaves everything as it was."""
        listed = list(postings)
        after = self.balances
        for posting in listed:
            after = after.after(posting)
        self.balances = after
        self.postings += listed


def returned(balances: Balances, act: Act, source: Side, units: int, use: UseKey) -> list[Posting]:
    """Units that come back from a use: they fill what is short first."""
    filled = min(units, balances.shortfall)
    both = ((Side.SHORTFALL, filled), (Side.AVAILABLE, units - filled))
    return [Posting(act, source, target, moved, use) for target, moved in both if moved]


def limit_changed(balances: Balances, limit: int) -> list[Posting]:
    """The limit in force becomes `limit`; below what is in use it leaves a shortfall, above it fills one first."""
    change = limit - balances.limit
    if change >= 0:
        return _raised(balances, Act.RAISE_LIMIT, change)
    free = min(-change, balances.available)
    both = ((Side.AVAILABLE, free), (Side.SHORTFALL, -change - free))
    return [Posting(Act.LOWER_LIMIT, source, Side.LIMIT, moved) for source, moved in both if moved]


def restored(balances: Balances, units: int) -> list[Posting]:
    """What a claim had lowered the limit by stands again."""
    return _raised(balances, Act.RESTORE, units)


def _raised(balances: Balances, act: Act, units: int) -> list[Posting]:
    filled = min(units, balances.shortfall)
    both = ((Side.SHORTFALL, filled), (Side.AVAILABLE, units - filled))
    return [Posting(act, Side.LIMIT, target, moved) for target, moved in both if moved]
