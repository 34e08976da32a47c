"""Reads a risk profile from its text (TOML), naming every fault at once."""

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from agencykit.list_files import ListsInvalid
from customs.domain.consignment import Direction
from customs.domain.facts import EnterpriseClass
from customs.domain.risk.profile import MILLION, RANDOM, Concern, Condition, Criterion, Lane, Profile, Throttle
from customs.domain.schemes import Scheme

Value = TypeVar("Value")
MOST_CRITERIA = 1000
LANES = {"red": Lane.RED, "yellow": Lane.YELLOW, "blue": Lane.BLUE}
TABLES = {"selection", "throttle", "weights", "relief", "criterion", "version"}
CRITERION = {"id", "version", "zh", "en", "concern", "lane", "rate_percent", "when"}


class _Faults:
    """Runs readers and gathers what they complain of."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def read(self, place: str, reader: Callable[[], Value]) -> Value | None:
        try:
            return reader()
        except KeyError as missing:
            self.found.append(f"{place}: {missing.args[0]} is missing or not known")
        except (ValueError, TypeError, ArithmeticError, AttributeError) as error:
            self.found.append(f"{place}: {error}")
        return None


def parse_profile(text: str) -> Profile:
    """The profile of a text. Raises ListsInvalid with every fault."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ListsInvalid([f"not TOML: {error}"]) from None
    faults = _Faults()
    faults.found += [f"{name}: no such entry" for name in sorted(set(table) - TABLES)]
    weights = faults.read("weights", lambda: {one: _decimal(table["weights"][one]) for one in Concern}) or {}
    criteria = [_criterion(faults, index, each, weights) for index, each in enumerate(_list(table), start=1)]
    profile = faults.read("selection, throttle", lambda: _profile(text, table, criteria))
    if profile is not None:
        known = [criterion.id for criterion in profile.criteria]
        faults.found += [f"criterion {one}: stands twice" for one in sorted({i for i in known if known.count(i) > 1})]
    if faults.found or profile is None:
        raise ListsInvalid(faults.found)
    return profile


def _list(table: Mapping[str, Any]) -> list[Any]:
    criteria = table.get("criterion", [])
    return criteria[: MOST_CRITERIA + 1] if isinstance(criteria, list) else [criteria]


def _profile(text: str, table: Mapping[str, Any], criteria: list[Criterion | None]) -> Profile:
    selection, throttle = table["selection"], table["throttle"]
    if len(criteria) > MOST_CRITERIA:
        raise ValueError(f"more than {MOST_CRITERIA} criteria")
    return Profile(
        edition=hashlib.sha256(text.encode()).hexdigest()[:16],
        version=_text(table["version"], 32),
        expected_rate=_percent(selection["expected_percent"]),
        random_rate=_percent(selection["random_minimum_percent"]),
        window_periods=_whole(selection["window_hours"], 1, 100_000),
        least_declared=_whole(selection["least_declared"], 1, 10**9),
        throttle=Throttle(_whole(throttle["inspected"], 1, 10**9), _percent(throttle["rate_percent"])),
        criteria=tuple(one for one in criteria if one is not None),
        relief={scheme: _percent(table["relief"][f"{scheme.name.lower()}_percent"]) for scheme in Scheme},
    )


def _criterion(faults: _Faults, index: int, entry: Any, weights: Mapping[Concern, Decimal]) -> Criterion | None:
    place = f"criterion {entry.get('id', index) if isinstance(entry, Mapping) else index}"

    def read() -> Criterion:
        if unknown := sorted(set(entry) - CRITERION):
            raise ValueError(f"no such entry: {', '.join(unknown)}")
        if entry["id"] == RANDOM:
            raise ValueError("the name is the random minimum's")
        concern = Concern(entry["concern"])
        weighed = int(_percent(entry["rate_percent"]) * weights.get(concern, Decimal(1)))
        return Criterion(
            id=_text(entry["id"], 16),
            version=_whole(entry["version"], 1, 10**6),
            zh=_text(entry["zh"], 256),
            en=_text(entry["en"], 256),
            concern=concern,
            lane=LANES[entry["lane"]],
            rate=min(weighed, MILLION),
            when=_condition(entry["when"]),
        )

    return faults.read(place, read)


def _condition(when: Mapping[str, Any]) -> Condition:
    readers: dict[str, Callable[[Any], Any]] = {
        "directions": lambda value: frozenset(Direction[each.upper()] for each in _words(value)),
        "trade_modes": lambda value: frozenset(_words(value)),
        "enterprise_classes": lambda value: frozenset(EnterpriseClass[each].name for each in _words(value)),
        "special_areas": lambda value: frozenset(_words(value)),
        "broker_quality_below": lambda value: _whole(value, 0, 100),
        "hs_prefixes": lambda value: tuple(map(_prefix, _words(value))),
        "origins": lambda value: frozenset(_words(value)),
        "cny_per_kg_below": _amount,
        "cny_per_kg_above": _amount,
    }
    if unknown := sorted(set(when) - set(readers)):
        raise ValueError(f"no such condition: {', '.join(unknown)}")
    if not when:
        raise ValueError("a criterion without conditions would be met by all; the random minimum is for that")
    return Condition(**{name: readers[name](value) for name, value in when.items()})


def _words(value: Any) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(each, str) and each for each in value):
        raise ValueError(f"{value!r} is not a list of words")
    return value


def _prefix(value: str) -> str:
    if not (value.isascii() and value.isdigit() and 2 <= len(value) <= 10):
        raise ValueError(f"prefix {value!r} is not 2 to 10 digits")
    return value


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise ValueError(f"{value!r} is not a text of 1 to {longest} characters")
    return value


def _whole(value: Any, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{value!r} is not a whole number from {least} to {most}")
    return value


def _amount(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 10**12:
        raise ValueError(f"{value!r} is not an amount")
    return float(value)


def _decimal(value: Any) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite() or not 0 <= number <= 1000:
        raise ValueError(f"{value!r} is not a number from 0 to 1000")
    return number


def _percent(value: Any) -> int:
    """Per cent as parts of a million."""
    parts = _decimal(value) * (MILLION // 100)
    if parts != int(parts) or parts > MILLION:
        raise ValueError(f"{value!r} is not 0 to 100 per cent with at most four decimals")
    return int(parts)
