"""What border's rules read of a consignment."""

from dataclasses import dataclass, field
from datetime import datetime
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
    """A consignment as border sees it: the conveyance that carries it over the border, and who stands behind it."""

    direction: int
    declaration_type: int
    mode: int
    identification: str
    """As declared; `conveyance` and `call` are its folded forms."""
    conveyance: str
    call: str
    nationality_code: str
    parties: tuple[str, ...]
    """Folded identifiers of trader, consignor, consignee and declarant, each once, empty ones left out."""
    dangerous_goods: tuple[tuple[int, tuple[str, ...]], ...]
    """Item number and its folded UN numbers, only of items that name any."""
    load_time: datetime | None = field(default=None, compare=False)
    """When an export is to be loaded. Only advice rests on it: another time makes it no other consignment."""
