"""The lists border goes by, read from files at start: formalities by mode, country codes."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from agencykit.settings import SettingsError
from border.domain.consignment import Mode
from border.domain.facts import Formalities

_HOURS = ("arrival_notice_hours", "arrival_application_hours", "departure_notice_hours", "entry_formalities_hours")
_FLAGS = ("crew_list", "permit", "inspection")


@dataclass(frozen=True)
class Lists:
    """Formalities by mode of transport, and known country codes.

    A mode that the list leaves out owes an announcement and nothing else.
    """

    formalities: Mapping[int, Formalities]
    countries: frozenset[str]


def read_lists(formalities_file: Path | None, countries_file: Path | None) -> Lists:
    """Reads both; None takes the list that comes with border. Raises SettingsError with every fault of both."""
    faults: list[str] = []
    tables = _tables(_text(formalities_file, "formalities", "toml", faults), faults)
    codes = _codes(_text(countries_file, "countries", "csv", faults), faults)
    if faults:
        raise SettingsError(faults)
    return Lists({Mode[name].value: _formalities(table) for name, table in tables.items()}, frozenset(codes))


def _text(file: Path | None, name: str, suffix: str, faults: list[str]) -> str:
    source = file or files("border") / "data" / f"{name}.{suffix}"
    try:
        return source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{name}_file: cannot be read: {type(error).__name__}")
        return ""


def _tables(text: str, faults: list[str]) -> dict[str, dict[str, Any]]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        faults.append(f"formalities_file: {error}")
        return {}
    faults += [f"formalities_file: {fault}" for name, table in tables.items() for fault in _faults(name, table)]
    return tables


def _codes(text: str, faults: list[str]) -> list[str]:
    """Codes separated by commas; lines that begin with # do not count."""
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    codes = [code.strip() for line in lines for code in line.split(",") if code.strip()]
    if text and not codes:
        faults.append("countries_file: no codes in it")
    faults += [f"countries_file: {code!r} is not two capital letters" for code in codes if not _is_code(code)]
    return codes


def _is_code(code: str) -> bool:
    return len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()


def _faults(name: str, table: Any) -> list[str]:
    if name not in Mode.__members__ or not isinstance(table, dict):
        return [f"{name} is not a mode of transport"]
    unknown = [f"{name}.{key}: no such formality" for key in table if key not in (*_HOURS, *_FLAGS)]
    hours = [f"{name}.{key} is not a number of hours" for key in _HOURS if not _is_hours(table.get(key, 0))]
    flags = [f"{name}.{key} is not true or false" for key in _FLAGS if not isinstance(table.get(key, False), bool)]
    return unknown + hours + flags


def _is_hours(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 8760


def _formalities(table: dict[str, Any]) -> Formalities:
    arrival, application, departure, entry = (timedelta(hours=table.get(name, 0)) for name in _HOURS)
    flags = (table.get(name, False) for name in _FLAGS)
    return Formalities(arrival, application, departure, entry, *flags)
