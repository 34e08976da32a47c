"""The tables a sample is drawn from: goods.csv and places.toml, read once."""

import csv
import random
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import accumulate
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Weighed(Generic[T]):
    """Things drawn in proportion to their weights."""

    def __init__(self, things: Sequence[tuple[T, float]]) -> None:
        self._things = [thing for thing, _ in things]
        self._bounds = list(accumulate(weight for _, weight in things))

    def draw(self, chance: random.Random) -> T:
        """One of them."""
        return chance.choices(self._things, cum_weights=self._bounds)[0]


@dataclass(frozen=True, slots=True)
class Goods:
    """One kind of goods; the columns of goods.csv."""

    code: str
    direction: str
    load: str
    weight: float
    usd_per_kg: float
    kg_low: float
    kg_high: float
    package: str
    kg_per_package: float
    pieces: float
    licence: str
    certificate: str
    supervised: int
    """0, or the inspection class that the producer of an export must have at the worst."""
    origins: Weighed[str]
    name_zh: str
    name_en: str

    @property
    def plain(self) -> bool:
        """Whether they travel with others on one declaration: no paper of their own."""
        return not (self.licence or self.certificate or self.supervised) and self.load != "bulk"


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where goods are handled."""

    port_code: str
    customs_district_code: str
    code: str


@cache
def goods() -> tuple[Goods, ...]:
    """Every kind of goods."""
    return tuple(_goods(row) for row in csv.DictReader(_lines("goods.csv")))


@cache
def places() -> dict[str, Any]:
    """places.toml as it stands."""
    return tomllib.loads(_text("places.toml"))


@cache
def goods_of(direction: str, load: str, paper: str = "") -> Weighed[Goods]:
    """Kinds of goods that go one way in one kind of load; with `paper` only those that need one."""
    rows = [row for row in goods() if row.direction == direction and row.load == load]
    return Weighed([(row, row.weight) for row in rows if not paper or getattr(row, paper)])


@cache
def companions(direction: str, load: str, chapter: str) -> tuple[Goods, ...]:
    """Plain goods of one chapter, which travel together."""
    rows = (row for row in goods() if row.direction == direction and row.load == load)
    return tuple(row for row in rows if row.plain and row.code.startswith(chapter))


@cache
def terminals(mode: str) -> Weighed[Terminal]:
    """Terminals of a mode."""
    rows = [row for row in places()["terminals"] if row["mode"] == mode]
    return Weighed(
        [(Terminal(row["port_code"], row["customs_district_code"], row["code"]), row["weight"]) for row in rows]
    )


@cache
def markets() -> Weighed[str]:
    """Countries that exports go to."""
    return Weighed(list(places()["markets"].items()))


def _goods(row: dict[str, str]) -> Goods:
    origins = [part.partition(":") for part in row["origins"].split()]
    return Goods(
        code=row["code"],
        direction=row["direction"],
        load=row["load"],
        weight=float(row["weight"]),
        usd_per_kg=float(row["usd_per_kg"]),
        kg_low=float(row["kg_low"]),
        kg_high=float(row["kg_high"]),
        package=row["package"],
        kg_per_package=float(row["kg_per_package"]),
        pieces=float(row["pieces"]),
        licence=row["licence"],
        certificate=row["certificate"],
        supervised=int(row["supervised"] or 0),
        origins=Weighed([(country, float(weight or 1)) for country, _, weight in origins]),
        name_zh=row["name_zh"],
        name_en=row["name_en"],
    )


def _text(name: str) -> str:
    return (resources.files("tongguan.sample") / name).read_text("utf-8")


def _lines(name: str) -> list[str]:
    return [line for line in _text(name).splitlines() if not line.startswith("#")]
