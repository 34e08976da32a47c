"""A risk profile: criteria and rates. Rates are whole parts of a million."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from customs.domain.schemes import Scheme

MILLION = 1_000_000
# The random minimum stands beside the criteria as a stratum of its own: the baseline against which they are measured.
RANDOM = "RANDOM"
RANDOM_VERSION = 1


class Lane(IntEnum):
    """What is done with a consignment; the greater goes before the smaller. Numbers are the contract's."""

    GREEN = 1
    """Nothing."""
    BLUE = 2
    """Released now, audited later."""
    YELLOW = 3
    """An officer checks the documents."""
    RED = 4
    """The goods are examined."""


class Concern(StrEnum):
    """What customs guards against: the five concerns of the plan."""

    SAFETY = "safety"
    HEALTH = "health"
    QUARANTINE = "quarantine"
    ENVIRONMENT = "environment"
    FRAUD = "fraud"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a consignment must be like. An empty set or None asks nothing; all that is asked must hold.

    Goods conditions (`hs_prefixes`, `origins`, values) must all hold for one and the same item.
    """

    directions: frozenset[int] = frozenset()
    trade_modes: frozenset[str] = frozenset()
    enterprise_classes: frozenset[str] = frozenset()
    special_areas: frozenset[str] = frozenset()
    """Codes of special areas; `*` stands for any."""
    broker_quality_below: int | None = None
    """Per cent; a broker without a figure is not below it."""
    hs_prefixes: tuple[str, ...] = ()
    origins: frozenset[str] = frozenset()
    cny_per_kg_below: float | None = None
    cny_per_kg_above: float | None = None

    @property
    def asks_for_goods(self) -> bool:
        return bool(self.hs_prefixes or self.origins or self.asks_for_value)

    @property
    def asks_for_value(self) -> bool:
        return self.cny_per_kg_below is not None or self.cny_per_kg_above is not None


@dataclass(frozen=True, slots=True, eq=False)
class Criterion:
    """One criterion. A change of meaning is a new version, which is measured anew. Compared by identity, for speed."""

    id: str
    version: int
    zh: str
    en: str
    concern: Concern
    lane: Lane
    rate: int
    """Of those that meet it, how many are selected; the concern's weight is applied already."""
    when: Condition


@dataclass(frozen=True, slots=True)
class Throttle:
    """A criterion with so many inspected and nothing found is drawn only at this part of its rate."""

    inspected: int
    rate: int


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """All of it. `edition` is a digest over the text it came from; `version` is what people call it."""

    edition: str
    version: str
    expected_rate: int
    random_rate: int
    window_periods: int
    """Over how many periods before it a snapshot looks."""
    least_declared: int
    """With fewer consignments in the window nothing is filled."""
    throttle: Throttle
    criteria: tuple[Criterion, ...]
    relief: Mapping[Scheme | None, int] = field(default_factory=dict)
    """What a scheme leaves of the criteria's rates; one that leaves nothing is not filled either."""
    by_id: dict[str, Criterion] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {criterion.id: criterion for criterion in self.criteria})
