"""Enterprises, producers and foreign firms. One index is always the same firm, in every sample."""

import random
from dataclasses import dataclass
from functools import lru_cache

from tongguan.sample.numbers import trader_number
from tongguan.sample.tables import places

# Ranges of indices, so that firms in trouble are never also firms in good standing.
PRODUCERS = 100_000
CLASS_D = 150_000
UNREGISTERED = 160_000
SUSPENDED = 170_000
MOST_ENTERPRISES = 20_000
MOST_PRODUCERS = 5_000


@dataclass(frozen=True, slots=True)
class Enterprise:
    """A domestic enterprise with its supervision class, A to D, and what it is certified and registered for."""

    identifier: str
    name: str
    enterprise_class: str
    high_tech: bool = False
    networked: bool = False
    # Where goods may be examined (上门验放); empty: nowhere but at the port.
    premises: str = ""


@dataclass(frozen=True, slots=True)
class ForeignFirm:
    """The other side of the trade."""

    name: str
    country_code: str
    city: str


@lru_cache(maxsize=4096)
def enterprise(index: int) -> Enterprise:
    """The enterprise of an index: about a quarter class A, most B, a few C; those from CLASS_D on are D.

    One of twelve of classes A and B is a high-tech enterprise; half of these are networked with customs, and a third
    have goods examined at their premises.
    """
    names = places()["domestic"]
    chance = random.Random(f"enterprise/{index}")
    name = chance.choice(names["places"]) + chance.choice(names["words"]) + chance.choice(names["trades"])
    draw = chance.random()
    enterprise_class = "D" if CLASS_D <= index < UNREGISTERED else "A" if draw < 0.26 else "B" if draw < 0.96 else "C"
    high_tech = chance.random() < 1 / 12 and enterprise_class in "AB"
    networked, at_home = chance.random() < 1 / 2, chance.random() < 1 / 3
    premises = f"{name}厂区" if high_tech and at_home else ""
    return Enterprise(trader_number(index), name, enterprise_class, high_tech, high_tech and networked, premises)


@lru_cache(maxsize=4096)
def producer(index: int) -> tuple[Enterprise, int]:
    """A producer and its inspection class: three of five are class 1, two class 2."""
    return enterprise(PRODUCERS + index), 1 if index % 5 < 3 else 2


def producer_index(chance: random.Random, count: int, worst_class: int) -> int:
    """Index of one of `count` producers (a multiple of 5) whose class is at least as good as asked."""
    return 5 * chance.randrange(count // 5) + chance.randrange(5 if worst_class > 1 else 3)


def foreign_firm(chance: random.Random, country: str) -> ForeignFirm:
    """A firm abroad; where no city of the country is known it names none."""
    names = places()["foreign"]
    name = f"{chance.choice(names['words'])} {chance.choice(names['trades'])} {chance.choice(names['forms'])}"
    cities = places()["cities"].get(country)
    return ForeignFirm(name, country, chance.choice(cities) if cities else "")
