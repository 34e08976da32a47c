"""The draw of one consignment: everything that facts and submission are then written from.

A consignment is drawn from the sample's seed and its own number alone, so it can be drawn twice: once for its facts,
which come first in the file, and once for its submission. Nothing but tables and pools is kept meanwhile. What is in it
does not depend on the hour; its times and numbers do, so that samples of two hours share no container.
"""

import math
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tongguan.sample.calls import Call, flight_call, ship_call, troubled_call
from tongguan.sample.enterprises import (
    CLASS_D,
    SUSPENDED,
    UNREGISTERED,
    Enterprise,
    ForeignFirm,
    enterprise,
    foreign_firm,
)
from tongguan.sample.gaps import Gap, draw_gap, trait
from tongguan.sample.items import Item, draw_items
from tongguan.sample.numbers import container_number
from tongguan.sample.pools import Pools
from tongguan.sample.tables import Terminal, markets, places, terminals

_TROUBLED_SHIPS = (Gap.NO_CREW_LIST, Gap.NOT_ANNOUNCED, Gap.NO_PERMIT, Gap.SHORT_NOTICE)
_TROUBLED_ENTERPRISES = {Gap.CLASS_D: CLASS_D, Gap.UNREGISTERED: UNREGISTERED, Gap.SUSPENDED: SUSPENDED}
_TROUBLED_POOL = 500
_CONTAINER_KG = 21_000
_SHARES = {"import": 0.42, "air": 0.14, "bulk": 0.02, "special": 0.09, "pre_lodged": 0.12, "late": 0.01}
_TRADE_MODES = ("0110",) * 15 + ("0214", "0615", "0615", "0130", "0654")


@dataclass(slots=True)
class Plan:
    """One consignment as drawn."""

    number: int
    """From 1."""
    gap: Gap
    direction: str
    mode: str
    load: str
    call: Call
    terminal: Terminal
    terminal_code: str
    enterprise: Enterprise
    firm: ForeignFirm
    market: str
    """Country of dispatch or of destination."""
    items: list[Item]
    document: str
    declaration_type: str = "STANDARD"
    special_area: str = ""
    trade_mode: str = "0110"
    containers: list[tuple[str, str]] = field(default_factory=list)
    """(number, seal)."""
    arrived: datetime | None = None
    """At the terminal; None while not."""
    declared_arrival: datetime | None = None
    currency: str = "USD"


def draw(number: int, pools: Pools) -> Plan:
    """The consignment of a number."""
    chance = random.Random(f"{pools.seed}/{number}")
    gap = draw_gap(chance)
    narrowed = trait(gap)
    direction = narrowed.direction or ("import" if chance.random() < _SHARES["import"] else "export")
    mode = narrowed.mode or ("air" if chance.random() < _SHARES["air"] else "sea")
    bulk = mode == "sea" and direction == "import" and not gap_needs_containers(gap)
    load = "bulk" if bulk and chance.random() < _SHARES["bulk"] / _SHARES["import"] else "container"
    load = "air" if mode == "air" else load
    items = draw_items(chance, direction, load, narrowed.paper, pools.producers)
    market = items[0].origin if direction == "import" else markets().draw(chance)
    terminal = terminals(mode).draw(chance)
    plan = Plan(
        number=number,
        gap=gap,
        direction=direction,
        mode=mode,
        load=load,
        call=_call(chance, gap, direction, mode, number, pools),
        terminal=terminal,
        terminal_code=_berth(load, items) or terminal.code,
        enterprise=enterprise(_enterprise_index(chance, gap, pools)),
        firm=foreign_firm(chance, market),
        market=market,
        items=items,
        document=f"{chance.choice(places()['carriers'][mode])}{pools.tag}{number:07d}",
    )
    _details(plan, chance, pools)
    return plan


def gap_needs_containers(gap: Gap) -> bool:
    """Whether the gap is one of containers, or of goods or prices of the size that comes in them."""
    return gap in (Gap.CONTAINER_NOT_MANIFESTED, Gap.UNBELIEVABLE_VALUE) or bool(trait(gap).paper)


def _call(chance: random.Random, gap: Gap, direction: str, mode: str, number: int, pools: Pools) -> Call:
    if gap in _TROUBLED_SHIPS:
        notice = timedelta(hours=chance.uniform(2, 20)) if gap is Gap.SHORT_NOTICE else timedelta(days=8)
        return troubled_call(number, pools.tag, direction, pools.as_of, notice)
    if mode == "air":
        return flight_call(chance.randrange(pools.flights), direction, pools.as_of)
    if gap is Gap.PRE_LODGED:
        return ship_call(chance.randrange(pools.incoming), direction, pools.as_of, incoming=True)
    return ship_call(chance.randrange(pools.ships), direction, pools.as_of)


def _enterprise_index(chance: random.Random, gap: Gap, pools: Pools) -> int:
    """A few enterprises declare much, most little."""
    if gap in _TROUBLED_ENTERPRISES:
        return _TROUBLED_ENTERPRISES[gap] + chance.randrange(_TROUBLED_POOL)
    return int(pools.enterprises * chance.random() ** 2)


def _berth(load: str, items: list[Item]) -> str:
    berths: dict[str, str] = places()["bulk"]
    return berths["liquid" if items[0].goods.package == "VL" else "ore"] if load == "bulk" else ""


def _details(plan: Plan, chance: random.Random, pools: Pools) -> None:
    """Type of declaration, area, trade mode, containers, times, currency."""
    as_of, own = pools.as_of, random.Random(f"{pools.tag}/{plan.number}")
    pre_lodged = plan.direction == "import" and chance.random() < _SHARES["pre_lodged"]
    plan.declaration_type = "PRE_LODGED" if pre_lodged or plan.gap is Gap.PRE_LODGED else "STANDARD"
    if plan.load != "bulk" and chance.random() < _SHARES["special"]:
        plan.special_area = chance.choice(places()["areas"])["code"]
    plan.trade_mode = chance.choice(_TRADE_MODES)
    plan.currency = _currency(chance, plan)
    if plan.load == "container":
        gross = sum(item.gross_kg for item in plan.items)
        for _ in range(max(1, math.ceil(gross / _CONTAINER_KG))):
            plan.containers.append((container_number(own), f"{own.choice('ABCHN')}{own.randrange(10**7):07d}"))
    if plan.direction == "import":
        late = plan.declaration_type == "STANDARD" and plan.mode == "sea" and chance.random() < _SHARES["late"]
        plan.declared_arrival = plan.call.expected - timedelta(days=15 if late else 0)
        ashore = plan.call.expected + timedelta(minutes=chance.randint(10, 120))
        plan.arrived = min(ashore, as_of)
    else:
        plan.arrived = as_of - timedelta(minutes=chance.randint(30, 2400))
    if plan.gap in (Gap.NOT_ARRIVED, Gap.PRE_LODGED):
        plan.arrived = None


def _currency(chance: random.Random, plan: Plan) -> str:
    home = {"JP": "JPY", "DE": "EUR", "FR": "EUR", "IT": "EUR", "NL": "EUR", "GB": "GBP", "HK": "HKD"}
    return home[plan.market] if plan.market in home and chance.random() < 0.4 else "USD"
