"""What the port's database knows about one consignment."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Tolerances:
    """How far declaration and manifest may differ: packages in number, gross mass in per cent of the manifest's."""

    packages: int = 0
    gross_mass_percent: float = 5.0


@dataclass(slots=True)
class Manifest:
    """The manifest's entry for the transport document."""

    conveyance: str
    voyage: str
    packages: int
    gross_mass_kg: float
    containers: frozenset[str]
    port_code: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted and weighed; no mass where it was not weighed."""

    packages: int
    gross_mass_kg: float = 0.0


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold that is not lifted, on the transport document or on one of its containers."""

    id: str
    subject: str


@dataclass(slots=True)
class Facts:
    """All that the rules may know beside the consignment; `nothing is known` is the default of each."""

    tolerances: Tolerances = Tolerances()
    manifest: Manifest | None = None
    arrive_time: datetime | None = None
    places: tuple[tuple[str, str], ...] = ()
    """Containers, empty for loose goods, and their places in yard or warehouse, in the containers' order."""
    holds: tuple[Hold, ...] = ()
    tally: Tally | None = None
    beside: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Declared containers that hold goods of other documents too, each with these documents."""
