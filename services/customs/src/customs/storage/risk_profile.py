"""Reads a risk profile from its text (TOML), naming every fault at once."""

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from agencykit.list_files import ListsInvalid
from customs.domain.consignment import Direction
from customs.domain.facts import EnterpriseClass
from customs.domain.risk.profile import MILLION, RANDOM, Concern, Condition, Criterion, Lane, Profile, Throttle
from customs.domain.schemes import RELIEVING
from customs.storage.toml_values import Faults, amount, decimal, percent, prefix, text, whole, words

Value = TypeVar("Value")
MOST_CRITERIA = 1000
PROFILES_KEPT = 32
LANES = {"red": Lane.RED, "yellow": Lane.YELLOW, "blue": Lane.BLUE}
TABLES = {"selection", "throttle", "weights", "relief", "criterion", "version"}
CRITERION = {"id", "version", "zh", "en", "concern", "lane", "rate_percent", "when"}


# Every profile ever in force is read again each hour, and for each old hour that a clearance is decided again from.
@lru_cache(maxsize=PROFILES_KEPT)
def parse_profile(content: str) -> Profile:
    """The profile of a text. Raises ListsInvalid with every fault."""
    try:
        table = tomllib.loads(content)
    except RecursionError:
        raise ListsInvalid(["not TOML: nested too deeply"]) from None
    except ValueError as error:  # TOMLDecodeError is one; a number of thousands of digits brings another
        raise ListsInvalid([f"not TOML: {error}"]) from None
    faults = Faults()
    faults.found += [f"{name}: no such entry" for name in sorted(set(table) - TABLES)]
    weights = faults.read("weights", lambda: {one: decimal(table["weights"][one]) for one in Concern}) or {}
    criteria = [_criterion(faults, index, each, weights) for index, each in enumerate(_list(table), start=1)]
    profile = faults.read("selection, throttle", lambda: _profile(content, table, criteria))
    if profile is not None:
        known = [criterion.id for criterion in profile.criteria]
        faults.found += [f"criterion {one}: stands twice" for one in sorted({i for i in known if known.count(i) > 1})]
    if faults.found or profile is None:
        raise ListsInvalid(faults.found)
    return profile


def _list(table: Mapping[str, Any]) -> list[Any]:
    criteria = table.get("criterion", [])
    return criteria[: MOST_CRITERIA + 1] if isinstance(criteria, list) else [criteria]


def _profile(content: str, table: Mapping[str, Any], criteria: list[Criterion | None]) -> Profile:
    selection, throttle = table["selection"], table["throttle"]
    if len(criteria) > MOST_CRITERIA:
        raise ValueError(f"more than {MOST_CRITERIA} criteria")
    return Profile(
        edition=hashlib.sha256(content.encode()).hexdigest()[:16],
        version=text(table["version"], 32),
        expected_rate=percent(selection["expected_percent"]),
        random_rate=percent(selection["random_minimum_percent"]),
        window_periods=whole(selection["window_hours"], 1, 100_000),
        least_declared=whole(selection["least_declared"], 1, 10**9),
        throttle=Throttle(whole(throttle["inspected"], 1, 10**9), percent(throttle["rate_percent"])),
        criteria=tuple(one for one in criteria if one is not None),
        relief={scheme: percent(table["relief"][f"{scheme.name.lower()}_percent"]) for scheme in RELIEVING},
    )


def _criterion(faults: Faults, index: int, entry: Any, weights: Mapping[Concern, Decimal]) -> Criterion | None:
    place = f"criterion {entry.get('id', index) if isinstance(entry, Mapping) else index}"

    def read() -> Criterion:
        if unknown := sorted(set(entry) - CRITERION):
            raise ValueError(f"no such entry: {', '.join(unknown)}")
        if entry["id"] == RANDOM:
            raise ValueError("the name is the random minimum's")
        concern = Concern(entry["concern"])
        weighed = int(percent(entry["rate_percent"]) * weights.get(concern, Decimal(1)))
        return Criterion(
            id=text(entry["id"], 16),
            version=whole(entry["version"], 1, 10**6),
            zh=text(entry["zh"], 256),
            en=text(entry["en"], 256),
            concern=concern,
            lane=LANES[entry["lane"]],
            rate=min(weighed, MILLION),
            when=_condition(entry["when"]),
        )

    return faults.read(place, read)


def _condition(when: Mapping[str, Any]) -> Condition:
    readers: dict[str, Callable[[Any], Any]] = {
        "directions": lambda value: frozenset(Direction[each.upper()] for each in words(value)),
        "trade_modes": lambda value: frozenset(words(value)),
        "enterprise_classes": lambda value: frozenset(EnterpriseClass[each].name for each in words(value)),
        "special_areas": lambda value: frozenset(words(value)),
        "broker_quality_below": lambda value: whole(value, 0, 100),
        "hs_prefixes": lambda value: tuple(map(prefix, words(value))),
        "origins": lambda value: frozenset(words(value)),
        "cny_per_kg_below": amount,
        "cny_per_kg_above": amount,
    }
    if unknown := sorted(set(when) - set(readers)):
        raise ValueError(f"no such condition: {', '.join(unknown)}")
    if not when:
        raise ValueError("a criterion without conditions would be met by all; the random minimum is for that")
    return Condition(**{name: readers[name](value) for name, value in when.items()})
