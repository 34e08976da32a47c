"""The goods of one consignment: one kind with its paper, or several plain ones of a chapter together."""

import math
import random
from dataclasses import dataclass

from tongguan.sample.enterprises import producer_index
from tongguan.sample.tables import Goods, companions, goods_of

_SPREAD = (0.78, 1.3)  # of the price around the table's
_TARE = (1.03, 1.14)
_MOST_ITEMS = 50


@dataclass(slots=True)
class Item:
    """One goods item as drawn. Masses in kilograms, price in US cents."""

    goods: Goods
    net_kg: float
    gross_kg: float
    usd_cents: int
    packages: int
    origin: str
    producer: int
    """Index of the producer, -1 where none is named."""


def draw_items(chance: random.Random, direction: str, load: str, paper: str, producers: int) -> list[Item]:
    """One to fifty items that may travel on one declaration; with `paper` one item that needs it."""
    first = goods_of(direction, load, paper).draw(chance)
    kinds: list[Goods] = [first]
    if first.plain and not paper:
        others = companions(direction, load, first.code[:2])
        kinds += [chance.choice(others) for _ in range(_more(chance))]
    share = 1 / len(kinds)
    items = [_item(chance, kind, share, producers) for kind in kinds]
    if direction == "import":
        for item in items:
            item.origin = items[0].origin
    return items


def _more(chance: random.Random) -> int:
    """How many items beside the first: mostly none, rarely dozens."""
    draw = chance.random()
    if draw < 0.62:
        return 0
    return chance.randint(1, 4) if draw < 0.92 else chance.randint(5, 18 if draw < 0.99 else _MOST_ITEMS - 1)


def _item(chance: random.Random, kind: Goods, share: float, producers: int) -> Item:
    """`share` is the part of a full load that the item has."""
    low, high = math.log(kind.kg_low), math.log(kind.kg_high)
    wanted = math.exp(chance.uniform(low, high)) * max(share, 0.04)
    packages = max(1, round(wanted / kind.kg_per_package)) if kind.package not in ("VL", "VR") else 1
    net = round(packages * kind.kg_per_package if packages > 1 else wanted, 1)
    cents = round(net * kind.usd_per_kg * chance.uniform(*_SPREAD) * 100)
    tare = 1.0 if kind.package in ("VL", "VR", "NE") else chance.uniform(*_TARE)
    return Item(
        goods=kind,
        net_kg=net,
        gross_kg=round(net * tare, 1),
        usd_cents=max(cents, 1),
        packages=packages,
        origin=kind.origins.draw(chance),
        producer=producer_index(chance, producers, kind.supervised) if kind.supervised else -1,
    )
