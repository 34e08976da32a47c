"""What inspection's registers know about one consignment."""

from collections.abc import Callable, Mapping, MutableMapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from inspection.domain.consignment import ConsignmentView
from inspection.domain.reference import CertificateKind, CodeState, Commodity, Reference
from inspection.domain.spot_checks import SpotCheck

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate in the register. `limit_net_mass_kg` None is without limit; no prefixes covers nothing."""

    number: str
    kind: CertificateKind
    issue_country_code: str
    commodity_prefixes: tuple[str, ...]
    limit_net_mass_kg: float | None = None
    valid_until_time: datetime | None = None
    revoked: bool = False
    transport_document_number: str = ""
    """Empty where it is not bound to one."""

    @property
    def limit_grams(self) -> int | None:
        """What it covers in all; None without limit."""
        return None if self.limit_net_mass_kg is None else grams(self.limit_net_mass_kg)


def grams(kilograms: float | None) -> int:
    """A mass as certificates are written off by: whole grams, so that sums are exact. None counts as nothing."""
    return round((kilograms or 0.0) * 1000)


@dataclass(frozen=True, slots=True)
class Exemption:
    """An exemption from inspection (免检) in the register. No prefixes covers nothing."""

    number: str
    holder_identifier: str
    commodity_prefixes: tuple[str, ...]
    valid_until_time: datetime | None = None
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Recall:
    """A recall in force (召回), of this clearance or of a producer; no prefixes means all that he makes."""

    number: str
    producer_identifier: str
    """Empty where it names the clearance itself."""
    commodity_prefixes: tuple[str, ...]
    enter_time: datetime


@dataclass(slots=True)
class Facts:
    """All that the rules may know beside the consignment. `commodities` stand in the items' order."""

    reference: Reference
    commodities: tuple[Commodity, ...]
    certificates: Mapping[str, Certificate] = field(default_factory=dict)
    """By number; only those that the consignment's documents name."""
    exemptions: tuple[Exemption, ...] = ()
    """Those of the trader and the items' producers, by number."""
    producer_classes: Mapping[str, int] = field(default_factory=dict)
    """Inspection class, 1 (best) to 3, of the items' producers that are registered."""
    used_grams: MutableMapping[str, int] = field(default_factory=dict)
    """What all clearances together have written off certificates with a limit, by number. One mapping for a batch."""
    own_grams: Mapping[str, int] = field(default_factory=dict)
    """What of it is this clearance's."""
    charged_grams: Mapping[str, int] = field(default_factory=dict)
    """What its newest decision writes off; set once the rules are done."""
    spot_checks: Mapping[str, SpotCheck] = field(default_factory=dict)
    """What was drawn for this clearance, by number of the exemption."""
    suspended: Set[str] = frozenset()
    """Exemptions suspended since a spot check of another clearance failed."""
    exemptions_used: tuple[str, ...] = ()
    """By the newest decision; set once the rules are done, as are those of which its spot check failed."""
    exemptions_failed: tuple[str, ...] = ()
    recalls: tuple[Recall, ...] = ()
    """Those in force that name this clearance or a producer of its items, by number."""
    lists_any: bool = field(init=False)
    """Whether the catalogue lists any item; most consignments hold none."""
    _done: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.lists_any = any(commodity.state == CodeState.LISTED for commodity in self.commodities)

    def left_grams(self, certificate: Certificate) -> int | None:
        """What other clearances leave of a certificate; None without limit. It may be lowered below what is used."""
        limit, number = certificate.limit_grams, certificate.number
        if limit is None:
            return None
        return max(limit - self.used_grams.get(number, 0) + self.own_grams.get(number, 0), 0)

    def once(
        self, work: Callable[[ConsignmentView, "Facts", datetime], Result], view: ConsignmentView, moment: datetime
    ) -> Result:
        """`work(view, self, moment)`, done once for all rules that ask; these facts belong to that one view."""
        done = self._done.get(work)
        if done is None or done[0] != moment:
            done = self._done[work] = (moment, work(view, self, moment))
        result: Result = done[1]
        return result
