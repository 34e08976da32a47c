"""The file of the emergency plan (应急预案), read and checked as a whole."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.domain.emergency_plan import Measure, Plan
from gateway.operations.commitment_file import Direction, Mode
from gateway.operations.manual_file import CommodityPrefix

MOST_HOURS = 24 * 30


class PlanFaults(Exception):
    """The plan cannot be used; the gateway refuses to start. `faults` names every one."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Measure(_Entry):
    id: str = Field(pattern=r"^[A-Z0-9-]{1,35}$")
    trigger: Literal["agency_out", "port_office", "partner_away"]
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    substitutes: list[str] = Field(min_length=1)
    after_minutes: int = Field(ge=0, le=MOST_HOURS * 60)
    hours: int = Field(ge=1, le=MOST_HOURS)
    most_releases: int = Field(ge=1, le=100_000)
    most_minor_units: int = Field(ge=1, lt=2**53)
    currency_code: str = Field(pattern=r"^[A-Z]{3}$")
    directions: list[Direction] = Field(default_factory=list)
    modes: list[Mode] = Field(default_factory=list)
    ports: list[str] = Field(default_factory=list)
    commodities: list[CommodityPrefix] = Field(default_factory=list)

    def measure(self) -> Measure:
        """As the domain has it."""
        return Measure(
            *(self.id, self.trigger, self.zh, self.en, tuple(self.substitutes), self.after_minutes, self.hours),
            *(self.most_releases, self.most_minor_units, self.currency_code, frozenset(self.directions)),
            *(frozenset(self.modes), frozenset(self.ports), tuple(self.commodities)),
        )


class _File(_Entry):
    version: str = Field(min_length=1, max_length=35)
    measure: list[_Measure] = Field(default_factory=list)


def read_plan(content: Mapping[str, Any], replaceable: Collection[str]) -> Plan:
    """The plan; raises PlanFaults. It stands in for nobody for whom a release by hand never may."""
    try:
        file = _File.model_validate(content)
    except ValidationError as error:
        said = [(".".join(map(str, each["loc"])), each["msg"]) for each in error.errors(include_url=False)]
        raise PlanFaults([f"emergency_plan: {where}: {what}" for where, what in said]) from None
    counts = Counter(each.id for each in file.measure)
    faults = [f"emergency_plan: {name} stands there twice" for name, count in counts.items() if count > 1]
    faults += [
        f"emergency_plan: {each.id}: nobody ever stands in for {agency}"
        for each in file.measure
        for agency in each.substitutes
        if agency not in replaceable
    ]
    if faults:
        raise PlanFaults(faults)
    return Plan(file.version, {each.id: each.measure() for each in file.measure})
