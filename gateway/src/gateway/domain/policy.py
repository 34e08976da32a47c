"""Who must approve, for which direction and mode of transport. All configured agencies are asked, whatever it says.

The policy is fixed on each case at acceptance and worked out anew only by an amendment.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

from agencykit.rules import RequiredAction
from gateway.domain.commitment import Journey

DIRECTIONS = ("import", "export")
MODES = ("unstated", "sea", "rail", "road", "air", "post", "fixed", "inland_waterway")
ANY = "*"
MOST_MINUTES = 90 * 24 * 60
_NOBODY: Mapping[str, str] = MappingProxyType({})


class PolicyFaults(Exception):
    """The policy cannot be used; the gateway refuses to start. `faults` names every one."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(faults))


@dataclass(frozen=True, slots=True)
class ConfiguredAgency:
    """One agency of the district. `required`: `direction/mode` patterns beyond the policy file, as `("import/*",)`."""

    name: str
    # Full URI by which its decisions are verified.
    identity: str
    required: tuple[str, ...] = ()


class Default(StrEnum):
    """What is published to happen when an agency's deadline passes; nothing here releases goods."""

    ESCALATE = "escalate"
    EXAMINE = "examine"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long an agency may hold a case at a stretch, by its service or its officers."""

    minutes: int
    default: Default


@dataclass(frozen=True)
class AppliedPolicy:
    """The policy as fixed on one case."""

    version: str
    required: tuple[str, ...]
    # Agency -> identity, in the policy's order.
    asked: Mapping[str, str]
    # Agency -> agencies whose decisions it is given, and after which it is asked.
    depends_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # Agency, or `*` for all that are not named, -> its deadline.
    deadlines: Mapping[str, Deadline] = field(default_factory=dict)
    # Required actions (`PAY`) that keep a case open after its goods have left.
    closing: tuple[str, ...] = ()
    # District at whose port the goods are verified (属地申报、口岸验放): a party of the case, asked after all others.
    verified_at: str = ""
    # District that declared what is verified here: a party of the case, whose decision is its release.
    declared_at: str = ""

    @cached_property
    def needed(self) -> frozenset[str]:
        """Agencies without whose decisions no case is released."""
        return needed(self.required, self.depends_on)

    @cached_property
    def text(self) -> str:
        """As stored with the case; `applied_policy` reads it."""
        deadlines = {agency: [deadline.minutes, deadline.default] for agency, deadline in self.deadlines.items()}
        asked, depends_on = list(self.asked.items()), list(self.depends_on.items())
        said: list[object] = [self.version, self.required, asked, depends_on, deadlines, self.closing]
        if self.verified_at or self.declared_at:
            said += [self.verified_at, self.declared_at]
        return json.dumps(said)

    @cached_property
    def own(self) -> tuple[str, ...]:
        """Whose approval is required in this district, or at home of what is verified elsewhere: agencies alone."""
        return tuple(agency for agency in self.required if agency not in (self.verified_at, self.declared_at))

    @cached_property
    def told(self) -> tuple[str, ...]:
        """Who is asked, and told what becomes of the case. Home asks; it is not asked."""
        return tuple(agency for agency in self.asked if agency != self.declared_at)


def needed(required: Iterable[str], depends_on: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Those required, and through however many of them whoever is asked before."""
    reached: set[str] = set()
    found = list(required)
    while found:
        agency = found.pop()
        reached.add(agency)
        found += [other for other in depends_on.get(agency, ()) if other not in reached]
    return frozenset(reached)


@lru_cache(maxsize=1024)
def applied_policy(text: str) -> AppliedPolicy:
    """The inverse of `AppliedPolicy.text`; cases share few policies, so few are read."""
    version, required, asked, depends_on, deadlines, closing, *elsewhere = json.loads(text)
    given = {agency: tuple(others) for agency, others in depends_on}
    set_times = {agency: Deadline(minutes, Default(default)) for agency, (minutes, default) in deadlines.items()}
    return AppliedPolicy(version, tuple(required), dict(asked), given, set_times, tuple(closing), *elsewhere)


class Policy:
    """The district's policy: file and configured agencies together, checked as a whole."""

    def __init__(
        self, content: Mapping[str, Any], agencies: Iterable[ConfiguredAgency], partners: Mapping[str, str] = _NOBODY
    ) -> None:
        """`content` is the policy file as read, `partners` identities of gateways by district; raises PolicyFaults."""
        self._partners = partners
        self._agencies = {agency.name: agency for agency in agencies}
        faults = list(_unknown_fields(content))
        self._lines = [_line(entry, faults) for entry in content.get("required", ())]
        self._lines += [
            (*_pattern(pattern, faults), (agency.name,), True)
            for agency in self._agencies.values()
            for pattern in agency.required
        ]
        given = content.get("depends_on", {})
        self._depends_on = {name: tuple(others) for name, others in given.items() if others}
        self.deadlines = _deadlines(content.get("deadline", ()), faults)
        self.closing = _closing(content.get("closing", {}), faults)
        self.asked_at_home = tuple(content.get("verification", {}).get("home", ()))
        self.version = _version(content, self._agencies.values(), faults)
        faults += [*self._unknown_agencies(), *self._empty_cells(), *_cycles(self._depends_on)]
        if faults:
            raise PolicyFaults(faults)
        self._applied = {cell: self._apply(*cell) for cell in _cells()}

    def apply(self, direction: str, mode: str) -> AppliedPolicy:
        """The policy for one journey."""
        return self._applied[direction, mode]

    def of(self, journey: Journey) -> AppliedPolicy:
        """The policy for one journey, whether its goods are declared and verified here or not."""
        cell = journey.direction, journey.mode
        if journey.verified_at:
            return self.verified_at(journey.verified_at, *cell)
        return self.declared_at(journey.declared_at, *cell) if journey.declared_at else self.apply(*cell)

    def verified_at(self, district: str, direction: str, mode: str) -> AppliedPolicy:
        """For goods that are verified at a partner's port: it is asked once those here who are asked all agree."""
        plain = self.apply(direction, mode)
        asked = {name: identity for name, identity in plain.asked.items() if name in self.asked_at_home}
        required = tuple(name for name in plain.required if name in asked)
        given = {name: tuple(each for each in others if each in asked) for name, others in plain.depends_on.items()}
        return replace(
            plain,
            required=(*required, district),
            asked={**asked, district: self._partners[district]},
            depends_on={**{name: others for name, others in given.items() if name in asked}, district: required},
            verified_at=district,
        )

    def declared_at(self, district: str, direction: str, mode: str) -> AppliedPolicy:
        """For goods that a partner declared and that are verified here: all are asked, and home must release too."""
        plain = self.apply(direction, mode)
        asked = {**plain.asked, district: self._partners[district]}
        return replace(plain, required=(*plain.required, district), asked=asked, declared_at=district)

    def _apply(self, direction: str, mode: str) -> AppliedPolicy:
        required = self._required(direction, mode)
        ordered = tuple(name for name in self._agencies if name in required)
        asked = {name: agency.identity for name, agency in self._agencies.items()}
        return AppliedPolicy(self.version, ordered, asked, self._depends_on, self.deadlines, self.closing)

    def _required(self, direction: str, mode: str) -> set[str]:
        """The file's most exact line, and to it whatever the settings add."""
        lines = [line for line in self._lines if line[0] in (direction, ANY) and line[1] in (mode, ANY)]
        from_file = [line for line in lines if not line[3]]
        most_exact = max(from_file, key=lambda line: (line[0] != ANY) * 2 + (line[1] != ANY), default=None)
        added = {name for line in lines if line[3] for name in line[2]}
        return added | set(most_exact[2] if most_exact else ())

    def _unknown_agencies(self) -> Iterable[str]:
        named = {name for line in self._lines for name in line[2]}
        named |= {*self._depends_on, *(name for others in self._depends_on.values() for name in others)}
        named |= set(self.deadlines) - {ANY} | set(self.asked_at_home)
        return [f"policy: agency {name} is not configured" for name in sorted(named - set(self._agencies))]

    def _empty_cells(self) -> Iterable[str]:
        faults = [f"policy: nobody must approve {'/'.join(cell)}" for cell in _cells() if not self._required(*cell)]
        at_home = set(self.asked_at_home)
        nobody = [cell for cell in _cells() if at_home and not self._required(*cell) & at_home]
        return [*faults, *(f"policy: verification: nobody at home must approve {'/'.join(cell)}" for cell in nobody)]


def _cells() -> list[tuple[str, str]]:
    return [(direction, mode) for direction in DIRECTIONS for mode in MODES]


def _unknown_fields(content: Mapping[str, Any]) -> Iterable[str]:
    known = {"version", "required", "depends_on", "deadline", "closing", "verification"}
    return [f"policy: no such field: {name}" for name in sorted(set(content) - known)]


def _deadlines(entries: Iterable[Mapping[str, Any]], faults: list[str]) -> dict[str, Deadline]:
    found: dict[str, Deadline] = {}
    for entry in entries:
        agency, minutes, default = entry.get("agency", ANY), entry.get("minutes"), entry.get("default")
        if unknown := sorted(set(entry) - {"agency", "minutes", "default"}):
            faults.append(f"policy: deadline of {agency}: no such field: {', '.join(unknown)}")
        if agency in found:
            faults.append(f"policy: deadline of {agency} stands there twice")
        if not isinstance(minutes, int) or isinstance(minutes, bool) or not 1 <= minutes <= MOST_MINUTES:
            faults.append(f"policy: deadline of {agency}: minutes must be 1 to {MOST_MINUTES}")
        elif default not in list(Default):
            faults.append(f"policy: deadline of {agency}: default must be one of {', '.join(Default)}")
        else:
            found[agency] = Deadline(minutes, Default(default))
    return found


def _closing(entry: Mapping[str, Any], faults: list[str]) -> tuple[str, ...]:
    actions = tuple(entry.get("obligations", ()))
    if unknown := sorted(set(entry) - {"obligations"}):
        faults.append(f"policy: closing: no such field: {', '.join(unknown)}")
    known = {action.name for action in RequiredAction if action}
    faults += [f"policy: closing: no such required action: {name}" for name in actions if name not in known]
    return actions


def _version(content: Mapping[str, Any], agencies: Iterable[ConfiguredAgency], faults: list[str]) -> str:
    """The file's version, and whatever the settings add to it, so that one version never means two policies."""
    version = content.get("version")
    if not isinstance(version, str) or not version:
        faults.append("policy: version is missing")
        return ""
    return "+".join(
        [version, *(f"{agency.name}({','.join(agency.required)})" for agency in agencies if agency.required)]
    )


def _line(entry: Mapping[str, Any], faults: list[str]) -> tuple[str, str, tuple[str, ...], bool]:
    direction, mode = _pattern(f"{entry.get('direction', ANY)}/{entry.get('mode', ANY)}", faults)
    return direction, mode, tuple(entry.get("agencies", ())), False


def _pattern(pattern: str, faults: list[str]) -> tuple[str, str]:
    direction, _, mode = pattern.partition("/")
    if direction not in (*DIRECTIONS, ANY) or mode not in (*MODES, ANY):
        faults.append(f"policy: no such direction and mode: {pattern}")
    return direction, mode


def _cycles(depends_on: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
    """Takes away who depends on nobody left, again and again; whoever remains goes in a circle."""
    left = {agency: set(others) for agency, others in depends_on.items()}
    while free := [agency for agency, others in left.items() if not others & set(left)]:
        for agency in free:
            del left[agency]
    return [f"policy: dependencies go in a circle: {', '.join(sorted(left))}"] if left else []
