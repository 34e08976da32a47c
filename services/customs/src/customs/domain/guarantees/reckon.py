"""Everything computed again from the entries alone, one guarantee after the other, and every difference named."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from customs.domain.guarantees.account import Account, Balances, Posting, Side, UseKey
from customs.domain.guarantees.kinds import OPEN, Act, UseState
from customs.domain.guarantees.use import Part

MOST_DIFFERENCES = 100
_BACK = frozenset((Act.CANCEL, Act.EXPIRE, Act.CREDIT))


class Numbered(NamedTuple):
    """An entry of one guarantee as stored."""

    number: int
    posting: Posting


class Given(NamedTuple):
    """What one guarantee gives to a use as stored; `state` None: there is no such use."""

    key: UseKey
    state: UseState | None
    part: Part


@dataclass(slots=True)
class _Taken:
    """What entries say one guarantee gave to one use."""

    held: int = 0
    confirmed: int = 0
    returned: int = 0
    claimed: int = 0


@dataclass(slots=True)
class Reckoning:
    """What was found. `entries` counts them; `differences` are texts, at most MOST_DIFFERENCES."""

    guarantees: int = 0
    uses: int = 0
    entries: int = 0
    differences: list[str] = field(default_factory=list)

    def differ(self, text: str) -> None:
        """One more; what goes beyond the most is left out."""
        if len(self.differences) < MOST_DIFFERENCES:
            self.differences.append(text)

    def reckon(self, stored: Account, open_claims: int, entries: Iterable[Numbered], given: Iterable[Given]) -> None:
        """One guarantee: its entries by number, what it gives to uses, and the units of its open claims."""
        self.guarantees += 1
        grn = stored.terms.grn
        balances, last, taken = self._add_up(grn, entries)
        if (stored.balances, stored.entries) != (balances, last):
            told = f"the register has {stored.balances} after {stored.entries} entries"
            self.differ(f"{grn}: {told}, the entries give {balances} after {last}")
        if stored.claimed != open_claims:
            self.differ(f"{grn}: the register has {stored.claimed} claimed, its open claims are {open_claims}")
        for each in given:
            self._compare(grn, each, taken.pop(each.key, _Taken()))
        for key, entered in taken.items():
            self.differ(f"{grn}: entries of {key.case}/{key.generation} give {entered}, and there is no such use")

    def _add_up(self, grn: str, entries: Iterable[Numbered]) -> tuple[Balances, int, dict[UseKey, _Taken]]:
        balances, last = Balances(), 0
        taken: dict[UseKey, _Taken] = {}
        for number, posting in entries:
            self.entries += 1
            if number != last + 1:
                self.differ(f"{grn}: entry {last + 1} is missing, {number} follows")
            last = number
            try:
                balances = balances.after(posting)
            except ValueError:
                self.differ(f"{grn}: entry {number} moves more than there is")
            if posting.use.generation:
                _take(taken.setdefault(posting.use, _Taken()), posting)
        return balances, last, taken

    def _compare(self, grn: str, given: Given, entered: _Taken) -> None:
        key, state, part = given
        name = f"{grn}: use {key.case}/{key.generation}"
        held = part.outstanding if state is UseState.HELD else 0
        confirmed = part.outstanding if state is UseState.CONFIRMED else 0
        told = _Taken(held, confirmed, part.returned, part.claimed)
        if told != entered:
            self.differ(f"{name} is {told}, the entries give {entered}")
        if state is None:
            self.differ(f"{name} has a part and is not there")
        elif part.outstanding and state not in OPEN:
            self.differ(f"{name} is {state.name} and holds {part.outstanding}")
        if part.units != part.outstanding + part.returned + part.claimed:
            self.differ(f"{name} does not sum")


def _take(taken: _Taken, posting: Posting) -> None:
    units = posting.units
    taken.held += units if posting.target is Side.HELD else -units if posting.source is Side.HELD else 0
    taken.confirmed += units if posting.target is Side.CONFIRMED else -units if posting.source is Side.CONFIRMED else 0
    taken.returned += units if posting.act in _BACK else 0
    taken.claimed += units if posting.act is Act.CLAIM else 0
