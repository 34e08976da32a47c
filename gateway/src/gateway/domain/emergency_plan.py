"""The emergency plan (应急预案): by which measures an emergency may be declared, and what may go under each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gateway.domain.commitment import Journey


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: what it is for, in whose place it lets officers act, and its caps."""

    id: str
    # `agency_out`, `port_office` or `partner_away`: what it is declared for. Officers judge it.
    trigger: str
    zh: str
    en: str
    # Agencies whose absent answer it stands in for, each once it has been asked for so many minutes.
    substitutes: tuple[str, ...]
    after_minutes: int
    # An emergency ends by itself after so many hours.
    hours: int
    most_releases: int
    # Of all that is guaranteed under it together, in minor units of its currency.
    most_units: int
    currency: str
    # For which journeys; nothing named is all. Of commodities every item must be one.
    directions: frozenset[str] = frozenset()
    modes: frozenset[str] = frozenset()
    ports: frozenset[str] = frozenset()
    commodities: tuple[str, ...] = ()

    def uncovered(self, journey: Journey) -> Iterator[str]:
        """What of a journey it is not for."""
        for wanted, said, name in (
            (self.directions, journey.direction, "direction"),
            (self.modes, journey.mode, "mode of transport"),
            (self.ports, journey.port, "port"),
        ):
            if wanted and said not in wanted:
                yield f"it is for another {name}"
        if self.commodities and not all(code.startswith(self.commodities) for code in journey.commodities):
            yield "it is for other goods"


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a district."""

    version: str
    measures: Mapping[str, Measure] = field(default_factory=dict)
