"""How many ships, flights, enterprises and producers share the traffic of a sample."""

from dataclasses import dataclass
from datetime import datetime

from tongguan.sample.calls import MOST_FLIGHTS, MOST_SHIPS
from tongguan.sample.enterprises import MOST_ENTERPRISES, MOST_PRODUCERS


@dataclass(frozen=True, slots=True)
class Pools:
    """Sizes of the pools, and what the sample is drawn from."""

    seed: str
    """What goods, traders and gaps are drawn from: the same at every hour."""
    tag: str
    """What numbers are made of: another at every hour, so that samples never share one."""
    as_of: datetime
    broker_licence: str
    ships: int
    incoming: int
    flights: int
    enterprises: int
    producers: int


def pools(count: int, seed: str, tag: str, as_of: datetime, broker_licence: str) -> Pools:
    """Pools for a number of consignments: some sixty on one ship, a dozen of one enterprise."""
    return Pools(
        seed=seed,
        tag=tag,
        as_of=as_of,
        broker_licence=broker_licence,
        ships=_between(3, count // 60, MOST_SHIPS),
        incoming=_between(1, count // 600, MOST_SHIPS),
        flights=_between(2, count // 150, MOST_FLIGHTS),
        enterprises=_between(12, count // 12, MOST_ENTERPRISES),
        producers=_between(10, count // 20 // 5 * 5, MOST_PRODUCERS),
    )


def _between(least: int, wanted: int, most: int) -> int:
    return max(least, min(wanted, most))
