"""The file of promises, keys and urgent reasons, read and checked as a whole."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.domain.commitment import STEP, Commitments, Key, Promise, Scope, UrgentReason

Direction = Literal["import", "export"]
Mode = Literal["unstated", "sea", "rail", "road", "air", "post", "fixed", "inland_waterway"]
# What a key of each kind must name.
NAMED = {"port": "ports", "industry": "commodities", "enterprise": "enterprises", STEP: "holder"}
MOST_HOURS = 24 * 90


class CommitmentFaults(Exception):
    """The file cannot be used; the gateway refuses to start. `faults` names every one."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Scoped(_Entry):
    directions: list[Direction] = Field(default_factory=list)
    modes: list[Mode] = Field(default_factory=list)
    special_areas: list[str] = Field(default_factory=list)
    ports: list[str] = Field(default_factory=list)
    enterprises: list[str] = Field(default_factory=list)
    commodities: list[str] = Field(default_factory=list)

    def scope(self) -> Scope:
        """Which journeys it is for."""
        return Scope(
            frozenset(self.directions),
            frozenset(self.modes),
            frozenset(self.special_areas),
            frozenset(self.ports),
            frozenset(self.enterprises),
            tuple(self.commodities),
        )


class _Promise(_Scoped):
    rule_id: str = Field(pattern=r"^COMMIT-[A-Z0-9-]{1,28}$")
    hours: int = Field(ge=1, le=MOST_HOURS)


class _Key(_Scoped):
    id: str = Field(pattern=r"^[A-Z0-9-]{1,35}$")
    kind: Literal["port", "industry", "enterprise", "step"]
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    target_minutes: int = Field(ge=1, le=MOST_HOURS * 60)
    priority: bool = False
    holder: str = ""


class _Reason(_Entry):
    code: str = Field(pattern=r"^[A-Z_]{1,35}$")
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class _File(_Entry):
    version: str = Field(min_length=1)
    promise: list[_Promise] = Field(default_factory=list)
    key: list[_Key] = Field(default_factory=list)
    urgent_reason: list[_Reason] = Field(default_factory=list)


def read_commitments(content: Mapping[str, Any]) -> Commitments:
    """The file as read from TOML; raises CommitmentFaults."""
    try:
        file = _File.model_validate(content)
    except ValidationError as error:
        raise CommitmentFaults(
            f"commitments: {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()
        ) from error
    if faults := [*_twice(file), *_nameless(file.key)]:
        raise CommitmentFaults(faults)
    return Commitments(
        file.version,
        tuple(Promise(each.rule_id, each.hours, each.scope()) for each in file.promise),
        tuple(
            Key(each.id, each.kind, each.zh, each.en, each.target_minutes, each.scope(), each.priority, each.holder)
            for each in file.key
        ),
        tuple(UrgentReason(each.code, each.zh, each.en) for each in file.urgent_reason),
    )


def _twice(file: _File) -> Iterator[str]:
    for name, ids in (
        ("promise", [each.rule_id for each in file.promise]),
        ("key", [each.id for each in file.key]),
        ("urgent_reason", [each.code for each in file.urgent_reason]),
    ):
        yield from (f"commitments: {name}: {one} stands there twice" for one in sorted(set(ids)) if ids.count(one) > 1)


def _nameless(keys: Iterable[_Key]) -> Iterator[str]:
    """A key port without ports would be every case's."""
    for key in keys:
        if not getattr(key, NAMED[key.kind]):
            yield f"commitments: key: {key.id} of kind {key.kind} names no {NAMED[key.kind]}"
