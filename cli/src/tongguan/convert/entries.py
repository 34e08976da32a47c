"""A profile's tables, of which every entry must be asked for; faults are gathered, and raised once all are known."""

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from clearance.border.v1.conveyance_service_pb2 import CrewMember
from clearance.common.v1.transport_pb2 import TransportMeans
from tongguan.convert.refusals import ProfileFaulty
from tongguan.form import fault

Profile = TypeVar("Profile")
MODES = {name.removeprefix("MODE_").lower(): number for name, number in TransportMeans.Mode.items() if number}

_PERIOD = re.compile(r"^([+-]?)(\d{1,4})([dhm])\Z", re.ASCII)
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
_CREW_PARTS = ("name", "document_number", "nationality_code")


class Entries:
    """A table as it is read: what is left in the end is not known. `where` is its path, with a point behind it."""

    def __init__(self, table: Mapping[str, Any], faults: list[str], where: str = "") -> None:
        self._left = dict(table)
        self.where = where
        self.faults = faults

    def _take(self, name: str, kind: type, default: Any) -> Any:
        value = self._left.pop(name, default)
        if not isinstance(value, kind):
            self.faults.append(f"{self.where}{name} is not a {kind.__name__}")
            return default
        return value

    def names(self) -> list[str]:
        """Names of the entries not yet asked for."""
        return list(self._left)

    def text(self, name: str, message: Any = None, field_name: str = "", required: bool = False) -> str:
        """A text that fits the field (by default of the same name) of a message of the contract."""
        value: str = self._take(name, str, "")
        if required and not value:
            self.faults.append(f"{self.where}{name} is missing")
        if message is not None and (reason := fault(message.DESCRIPTOR.fields_by_name[field_name or name], value)):
            self.faults.append(f"{self.where}{name}: {reason}")
        return value

    def choice(self, name: str, known: Mapping[str, Any], default: str) -> str:
        """One of the known words."""
        value: str = self._take(name, str, default)
        if value not in known:
            self.faults.append(f"{self.where}{name} is not one of {', '.join(known)}")
            return default
        return value

    def choices(self, name: str, known: Any) -> list[str]:
        """Some of the known words."""
        values = self._take(name, list, [])
        if unknown := [value for value in values if value not in known]:
            self.faults.append(f"{self.where}{name} knows {', '.join(known)}, not {', '.join(map(str, unknown))}")
        return [value for value in values if value in known]

    def period(self, name: str) -> timedelta | None:
        """A period such as `-1d`, `36h` or `90m`."""
        text: str = self._take(name, str, "")
        parts = _PERIOD.match(text)
        if text and parts is None:
            self.faults.append(f"{self.where}{name} is not a period such as -1d, 36h or 90m")
        if parts is None:
            return None
        period = timedelta(**{_UNITS[parts.group(3)]: int(parts.group(2))})
        return -period if parts.group(1) == "-" else period

    def table(self, name: str) -> "Entries":
        """A table within, empty where it is missing."""
        return Entries(self._take(name, dict, {}), self.faults, f"{self.where}{name}.")

    def by_mode(self, name: str) -> list[tuple[int, "Entries"]]:
        """The tables within by mode of transport; `other` stands for every mode that has none, as number 0."""
        inner = self.table(name)
        found = [(number, inner.table(mode)) for mode, number in {**MODES, "other": 0}.items() if mode in inner.names()]
        inner.finish()
        return found

    def crew(self, name: str) -> list[Mapping[str, str]]:
        """Members of the crew: name, document_number and nationality_code each."""
        members: list[Mapping[str, str]] = []
        for member in self._take(name, list, []):
            table = Entries(member if isinstance(member, dict) else {}, self.faults, f"{self.where}{name}.")
            members.append({part: table.text(part, CrewMember, required=True) for part in _CREW_PARTS})
            table.finish()
        return members

    def complete(self, profile: Profile) -> Profile:
        """The profile that was read, once nothing is left; raises ProfileFaulty with every fault found."""
        self.finish()
        if self.faults:
            raise ProfileFaulty("; ".join(self.faults))
        return profile

    def finish(self) -> None:
        """Whatever was not asked for is not known."""
        self.faults.extend(f"{self.where}{name} is not an entry of a profile" for name in self._left)


def opened(text: str) -> Entries:
    """The outermost table of a profile; raises ProfileFaulty."""
    try:
        return Entries(tomllib.loads(text), [])
    except tomllib.TOMLDecodeError as error:
        raise ProfileFaulty(str(error)) from error


def loaded(path: Path, parse: Callable[[str], Profile]) -> Profile:
    """A profile of the user's; raises ProfileFaulty."""
    try:
        return parse(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileFaulty(f"the profile {path} cannot be read: {error}") from error
    except ProfileFaulty as error:
        raise ProfileFaulty(f"the profile {path} is not valid: {error}") from error
