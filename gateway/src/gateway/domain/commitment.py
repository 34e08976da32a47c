"""The public promise (海运24小时、空运10小时、特殊区域8小时) that applies to a case, by rule, at acceptance."""

from dataclasses import dataclass

from gateway.domain.identifiers import Micros

ANY = "*"


@dataclass(frozen=True, slots=True)
class Commitment:
    """`hours` is 0 where no promise was published. The clock starts at acceptance or the goods' arrival, if later."""

    hours: int
    rule_id: str
    start_time: Micros


@dataclass(frozen=True, slots=True)
class Journey:
    """What of a consignment decides policy, promise and keys."""

    # `import` or `export`
    direction: str
    # `sea`, `air`, `road`, …; `unstated` where the declaration does not say.
    mode: str
    # Special supervision area or industry; empty elsewhere.
    special_area: str
    # Declared arrival (import) or loading (export); None when not known.
    presented_time: Micros | None
    # UN/LOCODE; empty when not stated.
    port: str = ""
    # The trader's registration number.
    enterprise: str = ""
    # Commodity codes of the goods items as declared.
    commodities: tuple[str, ...] = ()
    # Partner district at whose port the goods are verified, or which declared what is verified here; mostly neither.
    verified_at: str = ""
    declared_at: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which journeys something is for: those to which all that it names applies; nothing named is all."""

    directions: frozenset[str] = frozenset()
    modes: frozenset[str] = frozenset()
    special_areas: frozenset[str] = frozenset()
    ports: frozenset[str] = frozenset()
    enterprises: frozenset[str] = frozenset()
    # Beginnings of commodity codes; one goods item is enough.
    commodities: tuple[str, ...] = ()

    def holds(self, journey: Journey) -> bool:
        """Whether it is for this journey."""
        return (
            (not self.modes or journey.mode in self.modes)
            and (not self.special_areas or self._in_area(journey.special_area))
            and (not self.ports or journey.port in self.ports)
            and (not self.directions or journey.direction in self.directions)
            and (not self.enterprises or journey.enterprise in self.enterprises)
            and (not self.commodities or any(code.startswith(self.commodities) for code in journey.commodities))
        )

    def _in_area(self, area: str) -> bool:
        return bool(area) and (ANY in self.special_areas or area in self.special_areas)


@dataclass(frozen=True, slots=True)
class Promise:
    """One published promise: within how many hours, and for which journeys."""

    rule_id: str
    hours: int
    scope: Scope


@dataclass(frozen=True, slots=True)
class Key:
    """A key port, industry, enterprise or step (重点): with a target and a report of its own."""

    id: str
    # `port`, `industry`, `enterprise` or `step`
    kind: str
    zh: str
    en: str
    target_minutes: int
    scope: Scope
    # Whether its clearances go before others.
    priority: bool = False
    # Of a step: the holder whose time it is.
    holder: str = ""


@dataclass(frozen=True, slots=True)
class UrgentReason:
    """Why a case may go before others."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Commitments:
    """All that is promised, checked (domain.commitment_file)."""

    version: str
    promises: tuple[Promise, ...]
    keys: tuple[Key, ...] = ()
    urgent_reasons: tuple[UrgentReason, ...] = ()

    def commitment(self, journey: Journey, accept_time: Micros) -> Commitment:
        """The promise for a journey accepted at `accept_time`: the first that applies."""
        promise = next((promise for promise in self.promises if promise.scope.holds(journey)), NO_PROMISE)
        return Commitment(promise.hours, promise.rule_id, max(accept_time, journey.presented_time or 0))

    def keys_of(self, journey: Journey) -> tuple[Key, ...]:
        """The key ports, industries and enterprises of a journey. Steps are everybody's."""
        return tuple([key for key in self.keys if key.kind != STEP and key.scope.holds(journey)])


NO_PROMISE = Promise("COMMIT-NONE", 0, Scope())
STEP = "step"
