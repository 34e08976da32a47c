"""The file of complaints: kinds, terms and working time, read and checked as a whole."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gateway.domain.bulletin import PORT_OFFICE
from gateway.domain.complaint import Kind, Rules
from gateway.domain.worktime import WorkTime

MOST_DAYS = 120
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class ComplaintFaults(Exception):
    """The table cannot be used; the gateway refuses to start. `faults` names every one."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Time(_Entry):
    utc_offset_minutes: int = Field(ge=-720, le=840)
    weekdays: list[Annotated[int, Field(ge=1, le=7)]] = Field(min_length=1)
    opens: Clock
    closes: Clock
    holidays: list[date] = Field(default_factory=list)
    working_days: list[date] = Field(default_factory=list)

    @model_validator(mode="after")
    def _opens_first(self) -> "_Time":
        if self.opens >= self.closes:
            raise ValueError("it must open before it closes")
        return self

    def time(self) -> WorkTime:
        """As the domain has it."""
        days = (frozenset(self.holidays), frozenset(self.working_days))
        return WorkTime(
            self.utc_offset_minutes, frozenset(self.weekdays), _minutes(self.opens), _minutes(self.closes), *days
        )


class _Kind(_Entry):
    id: str = Field(pattern=r"^[A-Z0-9-]{1,35}$")
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    agency: str = ""
    answer_hours: int = Field(0, ge=0, le=MOST_DAYS * 24)
    answer_days: int = Field(0, ge=0, le=MOST_DAYS)
    arbitrate_days: int = Field(ge=1, le=MOST_DAYS)

    @model_validator(mode="after")
    def _one_term(self) -> "_Kind":
        if bool(self.answer_hours) == bool(self.answer_days):
            raise ValueError("it is answered within answer_hours or answer_days: name one of them")
        return self

    def kind(self) -> Kind:
        """As the domain has it."""
        terms = (self.answer_hours, self.answer_days, self.arbitrate_days)
        return Kind(self.id, self.zh, self.en, self.agency, *terms)


class _File(_Entry):
    version: str = Field(min_length=1, max_length=35)
    contest_days: int = Field(ge=1, le=MOST_DAYS)
    time: _Time
    kind: list[_Kind] = Field(min_length=1)


def read_complaints(content: Mapping[str, Any]) -> Rules:
    """The table; raises ComplaintFaults."""
    try:
        file = _File.model_validate(content)
    except ValidationError as error:
        said = [(".".join(map(str, each["loc"])), each["msg"]) for each in error.errors(include_url=False)]
        raise ComplaintFaults([f"complaints: {where}: {what}" for where, what in said]) from None
    counts = Counter(each.id for each in file.kind)
    if faults := [f"complaints: {name} stands there twice" for name, count in counts.items() if count > 1]:
        raise ComplaintFaults(faults)
    return Rules(file.version, {each.id: each.kind() for each in file.kind}, file.contest_days, file.time.time())


def whose(rules: Rules, kind_id: str, named: str, agencies: Collection[str]) -> str:
    """Whose a new complaint is; empty where the port office has to say. A kind may belong to an agency of elsewhere."""
    found = named or rules.kind(kind_id).agency
    return found if found in agencies or found == PORT_OFFICE else ""


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
