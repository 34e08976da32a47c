"""The published lists customs decides by: schedule, licence list, prohibitions, charges, codes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from customs.domain.consignment import Direction
from customs.domain.schemes import SchemeTable

# A commodity code has 6 digits worldwide; countries add up to four more.
CODE_LENGTHS = range(6, 11)
PREFIX_LENGTHS = (10, 9, 8, 7, 6, 5, 4, 3, 2)
REMEMBERED_CODES = 20_000


@dataclass(frozen=True, slots=True)
class TariffLine:
    """What the schedule says about all codes that begin with `prefix`. Rates are parts of a million."""

    prefix: str
    duty_rate: int
    general_rate: int
    """The general rate (普通税率): owed where the origin gives no better one."""
    vat_rate: int
    low_yuan_per_kg: float
    high_yuan_per_kg: float


@dataclass(frozen=True, slots=True)
class LicenceControl:
    """Goods that begin with `prefix` need a document of one of these codes."""

    prefix: str
    directions: frozenset[Direction]
    document_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prohibition:
    """Goods that begin with `prefix` may not pass."""

    prefix: str
    directions: frozenset[Direction]


@dataclass(frozen=True, slots=True)
class Charges:
    """Figures by which value, fees and time limits are worked out."""

    billionths_of_yuan: Mapping[str, int]
    """Billionths of a yuan for one whole unit of a currency."""
    limit_yuan: int
    free_days: int
    late_rate: int
    """Parts of a million of the customs value for each day."""
    late_minimum_yuan: int
    unclaimed_months: int
    """After so many months undeclared, customs may sell the goods."""
    hours_before_loading: int
    payment_days: int
    """Within how many days of the notice of payment taxes are paid."""
    release_before_payment: bool
    """Whether goods go before what is owed for them is paid."""
    guarantee_days: int
    """Within how many days of release on guarantee all but payments is settled."""


@dataclass(frozen=True, slots=True)
class Examining:
    """How goods are examined, and how the scanner's queue is kept."""

    image_first: bool
    """Whether red-lane goods in containers go to the scanner before they are opened."""
    images_per_hour: int
    """Containers that the scanners image in an hour; only estimates rest on it, slots are the port's."""
    order: tuple[str, ...]
    """Keys of the queue (domain/queue.py); the first in which two differ decides."""
    perishable_prefixes: tuple[str, ...]
    kept_apart: frozenset[tuple[int, int]]
    """Pairs of kinds of work that one officer does not do both of on one clearance."""


class CodeState(IntEnum):
    """How far a declared commodity code can be used."""

    MISSING = 0
    MALFORMED = 1
    UNKNOWN = 2
    KNOWN = 3


@dataclass(frozen=True, slots=True)
class Commodity:
    """All that the lists say about one commodity code in one direction."""

    state: CodeState
    line: TariffLine | None = None
    controls: tuple[LicenceControl, ...] = ()
    prohibition: Prohibition | None = None


@dataclass(slots=True)
class Reference:
    """The lists of one rule set. `edition` is a digest over the files they came from."""

    edition: str
    schedule: Mapping[str, TariffLine]
    controls: tuple[LicenceControl, ...]
    prohibitions: tuple[Prohibition, ...]
    charges: Charges
    examining: Examining
    countries: frozenset[str]
    currency_digits: Mapping[str, int]
    """Digits after the point, of every currency of ISO 4217 that has a smallest unit."""
    taxed_by_trade_mode: Mapping[str, bool]
    schemes: SchemeTable = field(default_factory=SchemeTable)
    _remembered: dict[tuple[str, int], Commodity] = field(default_factory=dict)

    def commodity(self, code: str, direction: int) -> Commodity:
        """What the lists say about a folded code; the longest prefix of the schedule counts."""
        known = self._remembered.get((code, direction))
        if known is None:
            known = self._look_up(code, Direction(direction))
            if len(self._remembered) >= REMEMBERED_CODES:
                self._remembered.clear()
            self._remembered[code, direction] = known
        return known

    def _look_up(self, code: str, direction: Direction) -> Commodity:
        if not code:
            return Commodity(CodeState.MISSING)
        if len(code) not in CODE_LENGTHS or not (code.isascii() and code.isdigit()):
            return Commodity(CodeState.MALFORMED)
        line = next((self.schedule[code[:n]] for n in PREFIX_LENGTHS if code[:n] in self.schedule), None)
        return Commodity(
            CodeState.KNOWN if line else CodeState.UNKNOWN,
            line,
            tuple(each for each in self.controls if direction in each.directions and code.startswith(each.prefix)),
            next((p for p in self.prohibitions if direction in p.directions and code.startswith(p.prefix)), None),
        )
