"""Schemes (便利措施): named benefits, each with an effect, and a table of who is entitled to which.

The schemes and their effects are this module's, who is entitled is data (`schemes.toml`). Whoever is entitled gets the
benefit without asking for it; what he must do himself is only what the scheme consists of (to declare before arrival).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, IntEnum, auto
from typing import NamedTuple

REMEMBERED = 20_000


class Effect(IntEnum):
    """What a scheme does. Of the schemes of one effect a consignment has one at the most."""

    RELIEF = auto()
    """Risk criteria select less often; the random minimum, by which everything is measured, stays for all."""
    BEFORE_ARRIVAL = auto()
    """An import is decided before its goods come; others wait for them."""
    AUDIT_AFTER = auto()
    """Documents that risk selection wants checked are checked after release."""
    AT_PREMISES = auto()
    """Goods that are examined are examined at the enterprise's own premises."""
    URGENT = auto()
    """The gateway's urgent queue is open to the enterprise."""
    GUARANTEE = auto()
    """Release on guarantee is granted without being asked for, on the guarantees that stand for it."""
    HOME = auto()
    """Declared to customs at home and verified at the port of another district."""


class Scheme(Enum):
    """A benefit. Of those with the same effect the first that the table grants is the greatest."""

    FAST_LANE = Effect.RELIEF, "A类企业非涉税出口货物快速通道", "Fast lane for duty-free exports of class A enterprises"
    HIGH_TECH = Effect.RELIEF, "高新技术企业快速通关", "Quick clearance of high-tech enterprises"
    CONVENIENCE = Effect.RELIEF, "便捷通关", "Convenient clearance"
    ADVANCE = Effect.BEFORE_ARRIVAL, "高新技术企业提前报关", "Declaration before arrival by high-tech enterprises"
    BUSY_PORT = Effect.BEFORE_ARRIVAL, "业务量大的口岸进口提前报关", "Declaration before arrival at busy ports"
    NETWORKED = Effect.AUDIT_AFTER, "联网报关", "Networked declaration"
    GREEN_LANE = Effect.AUDIT_AFTER, "绿色通道", "Green lane for live and perishable goods"
    PREMISES = Effect.AT_PREMISES, "上门验放", "Examination at the enterprise's premises"
    URGENT = Effect.URGENT, "加急通关", "Urgent clearance"
    GUARANTEE = Effect.GUARANTEE, "担保验放", "Release on guarantee"
    HOME = Effect.HOME, "属地申报口岸验放", "Declared at home, verified at the port"

    def __init__(self, effect: Effect, zh: str, en: str) -> None:
        self.effect, self.zh, self.en = effect, zh, en
        # Its name, which Enum itself gives and hashes slowly.
        self.key = self._name_

    __hash__ = object.__hash__


RELIEVING = tuple(scheme for scheme in Scheme if scheme.effect is Effect.RELIEF)
# What an enterprise must be registered for, where the table asks for it.
REGISTERED_FOR = (Scheme.NETWORKED, Scheme.PREMISES)


@dataclass(frozen=True, slots=True)
class Terms:
    """Who is entitled to a scheme. All that is asked must hold; an empty set asks nothing."""

    enterprise_classes: frozenset[int]
    high_tech: bool = False
    """Certified as a high-tech enterprise."""
    registered: bool = False
    """The register says that the enterprise takes part in this scheme."""
    directions: frozenset[int] = frozenset()
    ports: frozenset[str] = frozenset()
    free: bool = False
    """Every code is in the schedule and no item needs a licence."""
    hs_prefixes: tuple[str, ...] = ()
    """Every item's commodity code begins with one of these."""
    away_from: frozenset[str] = frozenset()
    """The enterprise is registered in another place than these (the first four digits of GB/T 2260)."""
    since: datetime | None = None
    """An option of later law, in force from then on."""


class Frame(NamedTuple):
    """What terms look at beside the goods: few values, so that what follows is worked out once for each of them."""

    enterprise_class: int
    direction: int
    port: str
    free: bool
    high_tech: bool = False
    networked: bool = False
    premises: bool = False
    division: str = ""
    """Where the enterprise is registered; only where a table asks for it."""
    begun: int = 0
    """How many of the table's options are in force at that moment."""

    def registered_for(self, scheme: Scheme) -> bool:
        """Whether the enterprise is registered for the scheme."""
        return self.networked if scheme is Scheme.NETWORKED else self.premises and scheme is Scheme.PREMISES


class Fitting(NamedTuple):
    """Schemes whose terms a frame meets: the greatest of each effect, or all of them where goods have a say yet."""

    schemes: tuple[Scheme, ...]
    asks_for_goods: bool


@dataclass(slots=True)
class SchemeTable:
    """The terms of the schemes that are granted at all."""

    terms: Mapping[Scheme, Terms] = field(default_factory=dict)
    asks_for_division: bool = field(init=False)
    _since: tuple[datetime, ...] = field(init=False, repr=False)
    _by_frame: dict[Frame, Fitting] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.asks_for_division = any(terms.away_from for terms in self.terms.values())
        self._since = tuple(sorted(terms.since for terms in self.terms.values() if terms.since))

    def begun(self, moment: datetime) -> int:
        """How many options are in force."""
        return sum(since <= moment for since in self._since) if self._since else 0

    def fitting(self, frame: Frame) -> Fitting:
        """What the frame is entitled to."""
        known = self._by_frame.get(frame)
        if known is None:
            found = [scheme for scheme in Scheme if scheme in self.terms and self._fits(scheme, frame)]
            asks_for_goods = any(self.terms[scheme].hs_prefixes for scheme in found)
            known = Fitting(tuple(found) if asks_for_goods else greatest(found), asks_for_goods)
            if len(self._by_frame) >= REMEMBERED:
                self._by_frame.clear()
            self._by_frame[frame] = known
        return known

    def _fits(self, scheme: Scheme, frame: Frame) -> bool:
        terms = self.terms[scheme]
        return (
            frame.enterprise_class in terms.enterprise_classes
            and (not terms.high_tech or frame.high_tech)
            and (not terms.registered or frame.registered_for(scheme))
            and (not terms.directions or frame.direction in terms.directions)
            and (not terms.ports or frame.port in terms.ports)
            and (not terms.free or frame.free)
            and (not terms.away_from or (frame.division != "" and frame.division not in terms.away_from))
            and (terms.since is None or self._since.index(terms.since) < frame.begun)
        )


def greatest(schemes: Iterable[Scheme]) -> tuple[Scheme, ...]:
    """The first of each effect, in their order."""
    first: dict[Effect, Scheme] = {}
    for scheme in schemes:
        first.setdefault(scheme.effect, scheme)
    return tuple(first.values())
