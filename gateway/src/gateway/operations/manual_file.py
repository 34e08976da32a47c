"""The file of what a manual release may stand in for, read and checked as a whole."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.domain.manual_rules import Overrides, Reason

MOST_MINUTES = 90 * 24 * 60
CommodityPrefix = Annotated[str, Field(pattern=r"^[0-9]{2,10}$")]


class ManualFaults(Exception):
    """The file cannot be used; the gateway refuses to start. `faults` names every one."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Agency(_Entry):
    agency: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    after_minutes: int = Field(ge=0, le=MOST_MINUTES)


class _Reason(_Entry):
    code: str = Field(pattern=r"^[A-Z_]{1,35}$")
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class _Never(_Entry):
    commodities: list[CommodityPrefix]


class _File(_Entry):
    version: str = Field(min_length=1, max_length=35)
    agency: list[_Agency] = Field(default_factory=list)
    never: _Never
    reason: list[_Reason] = Field(min_length=1)


def read_overrides(content: Mapping[str, Any]) -> Overrides:
    """The table; raises ManualFaults."""
    try:
        file = _File.model_validate(content)
    except ValidationError as error:
        said = [(".".join(map(str, each["loc"])), each["msg"]) for each in error.errors(include_url=False)]
        raise ManualFaults([f"manual_releases: {where}: {what}" for where, what in said]) from None
    names = [each.agency for each in file.agency]
    if len(set(names)) < len(names):
        raise ManualFaults(["manual_releases: an agency stands there twice"])
    return Overrides(
        file.version,
        {each.agency: each.after_minutes for each in file.agency},
        tuple(file.never.commodities),
        tuple(Reason(each.code, each.zh, each.en) for each in file.reason),
    )
