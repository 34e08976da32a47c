"""What the port's rules read of a consignment."""

from dataclasses import dataclass
from enum import IntEnum


class Direction(IntEnum):
    """Numbers are the contract's."""

    IMPORT = 1
    EXPORT = 2


class DeclarationType(IntEnum):
    """Numbers are the contract's."""

    STANDARD = 1
    PRE_LODGED = 2
    SUPPLEMENTARY = 3


class Mode(IntEnum):
    """UN/ECE Recommendation 19; numbers are the contract's."""

    UNSPECIFIED = 0
    SEA = 1
    RAIL = 2
    ROAD = 3
    AIR = 4
    POST = 5
    FIXED = 7
    INLAND_WATERWAY = 8


@dataclass(slots=True)
class ConsignmentView:
    """A consignment as the port sees it: what lies on the quay, under which document."""

    direction: int
    declaration_type: int
    mode: int
    document: str
    """Transport document number, folded; the key under which manifest, arrival and place meet."""
    conveyance: str
    voyage: str
    port_code: str
    containers: tuple[str, ...]
    """Folded numbers of the declared containers, in their order, each once."""
    packages: int | None
    """Total as declared, else the sum over the items where every item states it, else None."""
    gross_mass_kg: float | None
    """Total as declared, else the sum over the items where every item states it, else None."""
