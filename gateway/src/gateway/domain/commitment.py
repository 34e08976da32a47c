"""The public promise (海运24小时、空运10小时、特殊区域8小时) that applies to a case, by rule, at acceptance."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.domain.identifiers import Micros


@dataclass(frozen=True, slots=True)
class Commitment:
    """`hours` is 0 where no promise was published. The clock starts at acceptance or the goods' arrival, if later."""

    hours: int
    rule_id: str
    start_time: Micros


@dataclass(frozen=True, slots=True)
class Journey:
    """What of a consignment decides policy and promise."""

    # `import` or `export`
    direction: str
    # `sea`, `air`, `road`, …; `unstated` where the declaration does not say.
    mode: str
    # Special supervision area or industry; empty elsewhere.
    special_area: str
    # Declared arrival (import) or loading (export); None when not known.
    presented_time: Micros | None


@dataclass(frozen=True, slots=True)
class Promise:
    """One published promise: within how many hours, and for which journeys."""

    rule_id: str
    hours: int
    applies: Callable[[Journey], bool]


# The first that applies. The figures are the plan's.
PROMISES = (
    Promise("COMMIT-SPECIAL-AREA", 8, lambda journey: bool(journey.special_area)),
    Promise("COMMIT-AIR", 10, lambda journey: journey.mode == "air"),
    Promise("COMMIT-SEA", 24, lambda journey: journey.mode == "sea"),
)
NO_PROMISE = Promise("COMMIT-NONE", 0, lambda journey: True)


def commitment(journey: Journey, accept_time: Micros) -> Commitment:
    """The promise for a journey accepted at `accept_time`."""
    promise = next((promise for promise in PROMISES if promise.applies(journey)), NO_PROMISE)
    return Commitment(promise.hours, promise.rule_id, max(accept_time, journey.presented_time or 0))
