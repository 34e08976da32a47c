"""The published lists inspection decides by: catalogue, certificate codes, closed origins, supervision modes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from inspection.domain.consignment import Direction

# A commodity code has 6 digits worldwide; countries add up to four more.
CODE_LENGTHS = range(6, 11)
PREFIX_LENGTHS = (10, 9, 8, 7, 6, 5, 4, 3, 2)
REMEMBERED_CODES = 20_000


class Quarantine(StrEnum):
    """What quarantine looks at in goods, if at all."""

    ANIMAL = "animal"
    PLANT = "plant"
    FOOD = "food"
    NONE = "none"


class CertificateKind(StrEnum):
    """What a certificate certifies."""

    HEALTH = "health"
    PHYTOSANITARY = "phytosanitary"
    ORIGIN_INSPECTION = "origin_inspection"
    TREATMENT = "treatment"


class Mode(StrEnum):
    """How goods are supervised."""

    RELEASE = "release"
    SAMPLE = "sample"
    EXAMINE = "examine"


class Measure(StrEnum):
    """What happens to goods of a closed origin."""

    RETURN = "return"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True)
class Entry:
    """Goods of the catalogue: all codes that begin with `prefix`. `grade` is the risk from 1 (highest) to 3."""

    prefix: str
    quarantine: Quarantine
    grade: int
    directions: frozenset[Direction]
    certificate: CertificateKind | None
    """What an import must bring."""


@dataclass(frozen=True, slots=True)
class ClosedOrigin:
    """Countries from which codes that begin with `prefix` may not enter."""

    prefix: str
    countries: frozenset[str]
    measure: Measure


@dataclass(frozen=True, slots=True)
class Modes:
    """How goods are supervised: exports by (grade, class of the producer), imports by grade."""

    exports: Mapping[tuple[int, int], Mode]
    imports: Mapping[int, Mode]
    spot_checks_per_million: int
    """How many of a million exempt consignments are checked all the same."""


@dataclass(frozen=True, slots=True)
class WoodPackaging:
    """Packages of natural wood, and the origins from which they must be treated."""

    package_codes: frozenset[str]
    origins: frozenset[str]


class CodeState(IntEnum):
    """How far a declared commodity code can be used."""

    UNUSABLE = 0
    OUTSIDE = 1
    LISTED = 2


@dataclass(frozen=True, slots=True)
class Commodity:
    """What the catalogue says about one commodity code in one direction."""

    state: CodeState
    entry: Entry | None = None
    closed_origins: tuple[ClosedOrigin, ...] = ()


@dataclass(slots=True)
class Reference:
    """The lists of one rule set. `edition` is a digest over the files they came from."""

    edition: str
    catalogue: Mapping[str, Entry]
    certificate_kinds: Mapping[str, CertificateKind]
    """By document code."""
    closed_origins: tuple[ClosedOrigin, ...]
    modes: Modes
    wood: WoodPackaging
    countries: frozenset[str]
    _remembered: dict[tuple[str, int], Commodity] = field(default_factory=dict)

    def commodity(self, code: str, direction: int) -> Commodity:
        """What the catalogue says about a folded code; the longest prefix counts."""
        known = self._remembered.get((code, direction))
        if known is None:
            known = self._look_up(code, Direction(direction))
            if len(self._remembered) >= REMEMBERED_CODES:
                self._remembered.clear()
            self._remembered[code, direction] = known
        return known

    def _look_up(self, code: str, direction: Direction) -> Commodity:
        if len(code) not in CODE_LENGTHS or not (code.isascii() and code.isdigit()):
            return Commodity(CodeState.UNUSABLE)
        entry = next((self.catalogue[code[:n]] for n in PREFIX_LENGTHS if code[:n] in self.catalogue), None)
        if entry is None or direction not in entry.directions:
            return Commodity(CodeState.OUTSIDE)
        closed = () if direction == Direction.EXPORT else self.closed_origins
        return Commodity(CodeState.LISTED, entry, tuple(each for each in closed if code.startswith(each.prefix)))
