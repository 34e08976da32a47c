"""Reads the table of schemes from its TOML, naming every fault at once."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import partial
from typing import Any

from customs.domain.calendar import CHINA
from customs.domain.consignment import Direction
from customs.domain.facts import EnterpriseClass
from customs.domain.schemes import REGISTERED_FOR, Scheme, SchemeTable, Terms
from customs.storage.toml_values import Faults, prefix, words

_READERS: Mapping[str, Callable[[Any], Any]] = {
    "enterprise_classes": lambda value: frozenset(EnterpriseClass[each] for each in words(value)),
    "high_tech": lambda value: _flag(value),
    "registered": lambda value: _flag(value),
    "directions": lambda value: frozenset(Direction[each.upper()] for each in words(value)),
    "ports": lambda value: frozenset(map(_port, words(value))),
    "free": lambda value: _flag(value),
    "hs_prefixes": lambda value: tuple(map(prefix, words(value))),
    "away_from": lambda value: frozenset(map(_division, words(value))),
    "since": lambda value: _begin(value),
}


def read_schemes(table: Mapping[str, Any]) -> SchemeTable:
    """The table. Raises ValueError with every fault."""
    faults = Faults()
    faults.found += [f"{name}: no such scheme" for name in sorted(set(table) - set(Scheme.__members__))]
    found = {scheme: _terms(faults, scheme, table[scheme.name]) for scheme in Scheme if scheme.name in table}
    if faults.found:
        raise ValueError("; ".join(faults.found))
    return SchemeTable(found)


def _terms(faults: Faults, scheme: Scheme, entry: Any) -> Terms:
    """What can be read of the terms; what cannot is a fault."""
    given = entry if isinstance(entry, Mapping) else {}
    if "enterprise_classes" not in given:
        faults.found.append(f"{scheme.name}: enterprise_classes is missing")
    if given.get("registered") and scheme not in REGISTERED_FOR:
        faults.found.append(f"{scheme.name}: nobody is registered for it")
    asked: dict[str, Any] = {"enterprise_classes": frozenset()}
    for name, value in given.items():
        if name not in _READERS:
            faults.found.append(f"{scheme.name}: no such entry: {name}")
            continue
        asked[name] = faults.read(f"{scheme.name}, {name}", partial(_READERS[name], value))
    return Terms(**asked)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def _port(value: str) -> str:
    if not (len(value) == 5 and value.isascii() and value.isalnum() and value.isupper()):
        raise ValueError(f"{value!r} is no UN/LOCODE")
    return value


def _division(value: str) -> str:
    if not (len(value) == 4 and value.isascii() and value.isdigit()):
        raise ValueError(f"{value!r} is not four digits of GB/T 2260")
    return value


def _begin(value: Any) -> datetime:
    """The first moment of a day in China."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError(f"{value!r} is not a day")
    return datetime.combine(value, time(), CHINA)
