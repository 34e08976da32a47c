"""What customs' registers know about one consignment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any, TypeVar

from customs.domain.consignment import ConsignmentView
from customs.domain.payments import Charge
from customs.domain.reference import CodeState, Commodity, Reference
from customs.domain.schemes import Scheme

if TYPE_CHECKING:
    from customs.domain.benefits import Benefits
    from customs.domain.risk.selection import Risk, Selection

Result = TypeVar("Result")


class EnterpriseClass(IntEnum):
    """Supervision class of the plan's time. Numbers are the contract's."""

    A = 1
    B = 2
    C = 3
    D = 4


@dataclass(frozen=True, slots=True)
class Enterprise:
    """An enterprise (经营单位) in the register. An absent limit of time is None."""

    identifier: str
    enterprise_class: EnterpriseClass
    valid_from_time: datetime | None = None
    valid_until_time: datetime | None = None
    suspended: bool = False
    high_tech_until_time: datetime | None = None
    """Certified as a high-tech enterprise (高新技术企业) until then; None where it is not."""
    networked_until_time: datetime | None = None
    """Registered for networked declaration (联网报关) until then; None where it is not."""
    premises: str = ""
    """Where its goods are examined under 上门验放; empty where they are examined at the port."""


@dataclass(frozen=True, slots=True)
class Broker:
    """A customs broker (报关企业) in the register. `needs_mandate`: at least one enterprise gave one."""

    licence: str
    valid_until_time: datetime | None = None
    suspended: bool = False
    needs_mandate: bool = False
    quality_percent: int | None = None
    """How good its declarations are, as customs has rated them; None where it has not."""


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence (许可证) in the register. `limit_net_mass_kg` None is without limit; no prefixes covers nothing."""

    number: str
    type_code: str
    holder_identifier: str
    commodity_prefixes: tuple[str, ...]
    limit_net_mass_kg: float | None = None
    valid_until_time: datetime | None = None
    revoked: bool = False


@dataclass(slots=True)
class Facts:
    """All that the rules may know beside the consignment. `commodities` stand in the items' order."""

    reference: Reference
    commodities: tuple[Commodity, ...]
    enterprise: Enterprise | None = None
    broker: Broker | None = None
    mandated: bool = False
    """Whether the trader is among the enterprises that gave this broker a mandate."""
    licences: Mapping[str, Licence] = field(default_factory=dict)
    """By number; only those that the consignment's documents name."""
    first_accept_time: datetime | None = None
    """When the clearance's first version was accepted; None of one that has no earlier version."""
    cover: int = 0
    """Fen for which confirmed uses of guarantees stand."""
    granted_grns: tuple[str, ...] = ()
    """The trader's guarantees that the scheme 担保验放 takes up for it; none where he is not entitled to it."""
    grant_begin: datetime | None = field(default=None, compare=False)
    """When the first of those begins that cannot be used yet; None where there is none, or where some can be used."""
    paid: Mapping[Charge, int] = field(default_factory=dict)
    """Fen that were paid for the clearance."""
    risk: "Risk | None" = None
    """What risk selection knows beside; None selects nothing."""
    selection: "Selection | None" = field(default=None, init=False, repr=False, compare=False)
    """What came of it; set by `selected`."""
    schemes: tuple[Scheme, ...] | None = field(default=None, init=False, repr=False, compare=False)
    """What the consignment is entitled to; set by `entitled`."""
    stood: Mapping[Scheme, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    """How these stood after the last decision: empty where the benefit was delivered, else why not."""
    remarks: Mapping[str, Mapping[str, str]] | None = field(default=None, init=False, repr=False, compare=False)
    """What the decision tells of them, by name; set by `remarks_of`, which says more."""
    benefits: "Benefits | None" = field(default=None, init=False, repr=False, compare=False)
    """Set by it too, where the consignment is entitled to any, until `settle`."""
    standings: Sequence[tuple[Scheme, str]] = field(default=(), init=False, repr=False, compare=False)
    """How they stand after this decision."""
    guarantee_awaited: bool = field(default=False, init=False, repr=False, compare=False)
    """Whether a guarantee that stands for the scheme would release the goods."""
    arrival_awaited: datetime | None = field(default=None, init=False, repr=False, compare=False)
    """When goods arrive that are waited for."""
    asked_back: bool = field(default=False, init=False, repr=False, compare=False)
    """Whether the outcome asks the broker for something."""
    _done: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    codes_known: bool = field(init=False)
    """Whether the schedule has every item's code; almost every consignment's it has."""
    under_licence_control: bool = field(init=False)
    """Whether any item needs a licence; most consignments need none."""

    def __post_init__(self) -> None:
        self.codes_known, self.under_licence_control = True, False
        for commodity in self.commodities:
            if commodity.state is not CodeState.KNOWN:
                self.codes_known = False
            if commodity.controls:
                self.under_licence_control = True

    def once(
        self, work: Callable[[ConsignmentView, "Facts", datetime], Result], view: ConsignmentView, moment: datetime
    ) -> Result:
        """`work(view, self, moment)`, done once for all rules that ask; these facts belong to that one view."""
        done = self._done.get(work)
        if done is None or done[0] != moment:
            done = self._done[work] = (moment, work(view, self, moment))
        result: Result = done[1]
        return result
