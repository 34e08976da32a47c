"""The port's resources, read from a file at start; every fault of it is named."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from agencykit.settings import SettingsError
from port.domain.capacity import Kind, Resource

_FIELDS = ("kind", "terminal", "slot_minutes", "capacity")
DAY_MINUTES = 24 * 60


def read_capacity(file: Path | None) -> Mapping[str, Resource]:
    """Resources by code; None takes the list that comes with the port. Raises SettingsError with every fault."""
    source = file or files("port") / "data" / "capacity.toml"
    try:
        tables = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError([f"capacity_file: cannot be read: {type(error).__name__}"]) from error
    faults = [f"capacity_file: {code}: {fault}" for code, table in tables.items() for fault in _faults(code, table)]
    if not tables:
        faults.append("capacity_file: no resources in it")
    if faults:
        raise SettingsError(faults)
    return {code: Resource(code, Kind(table.pop("kind")), **table) for code, table in tables.items()}


def _faults(code: str, table: Any) -> list[str]:
    if not isinstance(table, dict):
        return ["is not a table"]
    faults = [f"{name}: no such field" for name in table if name not in _FIELDS]
    faults += [f"{name} is missing" for name in _FIELDS if name not in table]
    if not 1 <= len(code) <= 35 or not code.isascii() or not code.isprintable():
        faults.append("the code must have 1 to 35 printable characters")
    if table.get("kind", "GATE") not in list(Kind):
        faults.append(f"kind must be one of {', '.join(Kind)}")
    if not isinstance(table.get("terminal", ""), str):
        faults.append("terminal is not a text")
    minutes, capacity = table.get("slot_minutes", 60), table.get("capacity", 1)
    if not _is_count(minutes) or DAY_MINUTES % minutes:
        faults.append("slot_minutes must divide a day of 1440 minutes")
    if not _is_count(capacity):
        faults.append("capacity must be a whole number from 1 to 1000000")
    return faults


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1_000_000
