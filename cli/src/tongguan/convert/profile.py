"""The profile: what a foreign declaration cannot know and the user supplies. default_profile.toml explains the entries.

A profile never supplies a certificate, licence, commodity code, mass or value: there is no entry for one.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

from clearance.border.v1.conveyance_service_pb2 import CrewMember
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.party_pb2 import Party
from clearance.common.v1.transport_pb2 import TransportMeans
from clearance.customs.v1.register_service_pb2 import Enterprise as EnterpriseFact
from tongguan.convert.refusals import ProfileFaulty
from tongguan.form import fault

MODES = {name.removeprefix("MODE_").lower(): number for name, number in TransportMeans.Mode.items() if number}
CASES = ("import", "import_pre_lodged", "export")
FACTS = ("broker", "enterprise", "announcement", "crew_list", "permit", "manifest", "arrival", "place")
CLASSES = {
    "A": EnterpriseFact.ENTERPRISE_CLASS_A,
    "B": EnterpriseFact.ENTERPRISE_CLASS_B,
    "C": EnterpriseFact.ENTERPRISE_CLASS_C,
    "D": EnterpriseFact.ENTERPRISE_CLASS_D,
}
DECLARATION_TYPES = {"standard": 1, "pre_lodged": 2, "supplementary": 3}  # Consignment.DeclarationType

_PERIOD = re.compile(r"^([+-]?)(\d{1,4})([dhm])\Z", re.ASCII)
_CREW_PARTS = ("name", "document_number", "nationality_code")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


@dataclass(frozen=True, slots=True)
class Port:
    """Where goods of one mode are presented."""

    customs_district_code: str = ""
    port_code: str = ""
    terminal_code: str = ""
    place_code: str = ""


@dataclass(frozen=True, slots=True)
class Conveyance:
    """What carried goods of one mode over the border, where the declaration does not name it."""

    identification: str = ""
    nationality_code: str = ""
    name: str = ""
    voyages: Mapping[str, str] = field(default_factory=dict)
    """Case (`import`, `import_pre_lodged`, `export`) → voyage number."""


@dataclass(frozen=True, slots=True)
class Enterprise:
    """The domestic enterprise for whose account a foreign trader's goods are declared."""

    number: str = ""
    numbers: Mapping[str, str] = field(default_factory=dict)
    """Foreign trader's number → number of its enterprise, before `number`."""
    name: str = ""
    enterprise_class: EnterpriseFact.EnterpriseClass.ValueType = EnterpriseFact.ENTERPRISE_CLASS_B


@dataclass(frozen=True, slots=True)
class Profile:
    """What is supplied. Anything left empty is not supplied."""

    broker_licence: str
    broker_name: str = ""
    trade_mode_code: str = ""
    special_area_code: str = ""
    transport_document_number: str = ""
    """With `{reference}` in it, so that each consignment has its own."""
    enterprise: Enterprise = Enterprise()
    ports: Mapping[int, Port] = field(default_factory=dict)
    """Mode's number, 0 for any other → port."""
    conveyances: Mapping[int, Conveyance] = field(default_factory=dict)
    times: Mapping[str, timedelta] = field(default_factory=dict)
    """Case → from the first minute of the day of conversion to arrival or loading."""
    announced_ahead: timedelta = timedelta(days=8)
    facts: frozenset[str] = frozenset()
    arrived: frozenset[int] = frozenset()
    """Declaration types whose goods are at the port: arrival and place are lodged for these."""
    crew: tuple[Mapping[str, str], ...] = ()


def default_profile() -> Profile:
    """The profile that comes with the command line: a broker of Ningbo, its ship and its flight."""
    return parse_profile((resources.files("tongguan.convert") / "default_profile.toml").read_text("utf-8"))


def load_profile(path: Path) -> Profile:
    """A profile of the user's; raises ProfileFaulty."""
    try:
        return parse_profile(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileFaulty(f"the profile {path} cannot be read: {error}") from error
    except ProfileFaulty as error:
        raise ProfileFaulty(f"the profile {path} is not valid: {error}") from error


def parse_profile(text: str) -> Profile:
    """A profile from TOML; raises ProfileFaulty with every fault found."""
    try:
        entries = _Entries(tomllib.loads(text), [])
    except tomllib.TOMLDecodeError as error:
        raise ProfileFaulty(str(error)) from error
    profile = Profile(
        broker_licence=entries.text("broker_licence", Consignment, required=True),
        broker_name=entries.text("broker_name", Party, "name"),
        trade_mode_code=entries.text("trade_mode_code", Consignment),
        special_area_code=entries.text("special_area_code", Consignment),
        transport_document_number=entries.text("transport_document_number"),
        enterprise=_enterprise(entries.table("enterprise")),
        ports={number: _port(table) for number, table in entries.by_mode("port")},
        conveyances={number: _conveyance(table) for number, table in entries.by_mode("conveyance")},
        times=_times(entries.table("times")),
        announced_ahead=entries.period("announced_ahead") or timedelta(days=8),
        facts=frozenset(entries.choices("facts", FACTS)),
        arrived=frozenset(DECLARATION_TYPES[name] for name in entries.choices("arrived", DECLARATION_TYPES)),
        crew=tuple(entries.crew("crew")),
    )
    entries.finish()
    if entries.faults:
        raise ProfileFaulty("; ".join(entries.faults))
    return profile


def _enterprise(table: "_Entries") -> Enterprise:
    numbers = table.table("numbers")
    enterprise = Enterprise(
        number=table.text("number", Party, "identifier"),
        numbers={name: numbers.text(name, Party, "identifier") for name in numbers.names()},
        name=table.text("name", Party),
        enterprise_class=CLASSES[table.choice("class", CLASSES, "B")],
    )
    table.finish()
    return enterprise


def _port(table: "_Entries") -> Port:
    port = Port(
        customs_district_code=table.text("customs_district_code", Consignment),
        port_code=table.text("port_code", Consignment),
        terminal_code=table.text("terminal_code", Consignment, "goods_location_code"),
        place_code=table.text("place_code", Consignment, "goods_location_code"),
    )
    table.finish()
    return port


def _conveyance(table: "_Entries") -> Conveyance:
    voyages = table.table("voyages")
    conveyance = Conveyance(
        identification=table.text("identification", TransportMeans),
        nationality_code=table.text("nationality_code", TransportMeans),
        name=table.text("name", Party),
        voyages={case: voyages.text(case, TransportMeans, "voyage_number") for case in CASES},
    )
    voyages.finish()
    table.finish()
    return conveyance


def _times(table: "_Entries") -> dict[str, timedelta]:
    periods = {case: table.period(case) for case in CASES}
    table.finish()
    return {case: period for case, period in periods.items() if period is not None}


class _Entries:
    """One table of the file, of which every entry must be asked for; faults are gathered, not raised."""

    def __init__(self, table: Mapping[str, Any], faults: list[str], where: str = "") -> None:
        self._left = dict(table)
        self._where = where
        self.faults = faults

    def _take(self, name: str, kind: type, default: Any) -> Any:
        value = self._left.pop(name, default)
        if not isinstance(value, kind):
            self.faults.append(f"{self._where}{name} is not a {kind.__name__}")
            return default
        return value

    def names(self) -> list[str]:
        """Names of the entries not yet asked for."""
        return list(self._left)

    def text(self, name: str, message: Any = None, field_name: str = "", required: bool = False) -> str:
        """A text that fits the field (by default of the same name) of a message of the contract."""
        value: str = self._take(name, str, "")
        if required and not value:
            self.faults.append(f"{self._where}{name} is missing")
        if message is not None and (reason := fault(message.DESCRIPTOR.fields_by_name[field_name or name], value)):
            self.faults.append(f"{self._where}{name}: {reason}")
        return value

    def choice(self, name: str, known: Mapping[str, Any], default: str) -> str:
        """One of the known words."""
        value: str = self._take(name, str, default)
        if value not in known:
            self.faults.append(f"{self._where}{name} is not one of {', '.join(known)}")
            return default
        return value

    def choices(self, name: str, known: Any) -> list[str]:
        """Some of the known words."""
        values = self._take(name, list, [])
        if unknown := [value for value in values if value not in known]:
            self.faults.append(f"{self._where}{name} knows {', '.join(known)}, not {', '.join(map(str, unknown))}")
        return [value for value in values if value in known]

    def period(self, name: str) -> timedelta | None:
        """A period such as `-1d`, `36h` or `90m`."""
        text: str = self._take(name, str, "")
        parts = _PERIOD.match(text)
        if text and parts is None:
            self.faults.append(f"{self._where}{name} is not a period such as -1d, 36h or 90m")
        if parts is None:
            return None
        period = timedelta(**{_UNITS[parts.group(3)]: int(parts.group(2))})
        return -period if parts.group(1) == "-" else period

    def table(self, name: str) -> "_Entries":
        """A table within, empty where it is missing."""
        return _Entries(self._take(name, dict, {}), self.faults, f"{self._where}{name}.")

    def by_mode(self, name: str) -> list[tuple[int, "_Entries"]]:
        """The tables within by mode of transport; `other` stands for every mode that has none, as number 0."""
        inner = self.table(name)
        found = [(number, inner.table(mode)) for mode, number in {**MODES, "other": 0}.items() if mode in inner.names()]
        inner.finish()
        return found

    def crew(self, name: str) -> list[Mapping[str, str]]:
        """Members of the crew: name, document_number and nationality_code each."""
        members: list[Mapping[str, str]] = []
        for member in self._take(name, list, []):
            table = _Entries(member if isinstance(member, dict) else {}, self.faults, f"{self._where}{name}.")
            members.append({part: table.text(part, CrewMember, required=True) for part in _CREW_PARTS})
            table.finish()
        return members

    def finish(self) -> None:
        """Whatever was not asked for is not known."""
        self.faults.extend(f"{self._where}{name} is not an entry of a profile" for name in self._left)
