"""The lists border goes by, read from files at start: formalities by mode, country codes."""

import tomllib
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from border.domain.consignment import Mode
from border.domain.facts import Formalities

_HOURS = ("arrival_notice_hours", "arrival_application_hours", "departure_notice_hours")
_FLAGS = ("crew_list", "permit")


class ListInvalid(Exception):
    """A list cannot be used, so border does not start. `faults` names everything wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(faults))


def read_formalities(file: Path | None) -> dict[int, Formalities]:
    """Formalities by mode of transport; a mode that the list leaves out owes an announcement and nothing else."""
    tables = tomllib.loads(_text(file, "formalities.toml"))
    faults = [fault for name, table in tables.items() for fault in _faults(name, table)]
    if faults:
        raise ListInvalid(faults)
    return {Mode[name].value: _formalities(table) for name, table in tables.items()}


def read_countries(file: Path | None) -> frozenset[str]:
    """Country codes, separated by commas; lines that begin with # do not count."""
    lines = (line for line in _text(file, "countries.csv").splitlines() if not line.startswith("#"))
    codes = frozenset(code.strip() for line in lines for code in line.split(",") if code.strip())
    faults = [f"country code {code!r} is not two capital letters" for code in sorted(codes) if not _is_code(code)]
    if faults or not codes:
        raise ListInvalid(faults or ["the list of countries is empty"])
    return codes


def _text(file: Path | None, default: str) -> str:
    return (file or files("border") / "data" / default).read_text(encoding="utf-8")


def _is_code(code: str) -> bool:
    return len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()


def _faults(name: str, table: Any) -> list[str]:
    if name not in Mode.__members__ or not isinstance(table, dict):
        return [f"{name}: not a mode of transport"]
    unknown = [f"{name}.{key}: no such formality" for key in table if key not in (*_HOURS, *_FLAGS)]
    hours = [f"{name}.{key}: not a number of hours" for key in _HOURS if not _is_hours(table.get(key, 0))]
    flags = [f"{name}.{key}: not true or false" for key in _FLAGS if not isinstance(table.get(key, False), bool)]
    return unknown + hours + flags


def _is_hours(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 8760


def _formalities(table: dict[str, Any]) -> Formalities:
    arrival, application, departure = (timedelta(hours=table.get(name, 0)) for name in _HOURS)
    return Formalities(arrival, application, departure, table.get("crew_list", False), table.get("permit", False))
