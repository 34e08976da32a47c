"""What the gate knows when goods are about to leave, and the one question: may they?"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from port.domain.consignment import Direction
from port.domain.facts import Hold
from port.domain.goods import NOTHING, Covered, Goods


class Way(IntEnum):
    """Which way goods leave; numbers are the contract's."""

    GATE = 1
    LOADING = 2


WAYS: Mapping[Direction, Way] = {Direction.IMPORT: Way.GATE, Direction.EXPORT: Way.LOADING}


class Told(IntEnum):
    """What the gateway said of a clearance; numbers are the contract's (clearance.agency.v1.Outcome.Kind)."""

    RELEASED = 1
    STOPPED = 2
    WITHDRAWN = 3
    REFUSED = 4
    CLOSED = 5
    REOPENED = 6


# Said of goods that have left already: of no concern to those who move goods.
AFTER_LEAVING = frozenset({Told.CLOSED, Told.REOPENED})


@dataclass(frozen=True, slots=True)
class Report:
    """What a terminal reports. `container` is a folded number, empty for loose goods; `order` the one it acts on.

    `packages` are those of a load of loose goods, 0 for all that are left.
    """

    clearance_number: str
    order: int
    container: str
    way: Way
    packages: int = 0


@dataclass(frozen=True, slots=True)
class Release:
    """The newest order the port was told of, and the goods it is about.

    `flaw` is what is wrong with its proof, empty where gateway, content and signature were verified.
    """

    order: int
    version: int
    told: Told
    flaw: str = ""
    goods: Goods | None = None
    covered: Covered = NOTHING
    # Agencies whose decisions the order bundles.
    rests_on: frozenset[str] = frozenset()
    # Of an order that officers gave by hand (人工放行): what is wrong with it, and in whose place; else empty.
    by_hand_flaw: str = ""
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GateFacts:
    """All that the gate's rules may know. The age of the view of orders is None where the gateway never spoke."""

    most_age_seconds: int
    age_seconds: int | None = None
    release: Release | None = None
    # Not lifted, on the transport document or the container.
    holds: tuple[Hold, ...] = ()
    # Whether this container, or the last of the loose goods, left before.
    out: bool = False
    # Packages of loose goods that are still there; None where they are not counted.
    remaining: int | None = None
    # Agencies without whose decisions nothing is loaded.
    loading_rests_on: tuple[str, ...] = ()
    # Clearances, and transport documents that nobody declared, whose goods lie in the same box and may not leave.
    beside: tuple[str, ...] = ()
    # Whether goods may leave that officers released by hand, and in whose place no officer may.
    accepts_by_hand: bool = True
    never_absent: frozenset[str] = frozenset()


def subject_of(report: Report) -> str:
    """How it is named in texts: the container, or the goods of the clearance."""
    return report.container or report.clearance_number
