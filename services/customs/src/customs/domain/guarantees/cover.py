"""Covers: what a case has confirmed of guarantees that another district keeps, as the own gateway records it."""

from dataclasses import dataclass
from typing import NamedTuple


class CoverKey(NamedTuple):
    """Names a use of a case of this district."""

    clearance_number: str
    generation: int


@dataclass(frozen=True, slots=True)
class Cover:
    """A confirmed use elsewhere. `units` above zero, of the currency's smallest."""

    key: CoverKey
    home_district: str
    units: int
    currency_code: str
    grns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a cover stands. `cover` is None where it was ended before it came."""

    key: CoverKey
    cover: Cover | None
    ended: bool
