"""Movements in transit (转关) from Ningbo to its partners, each with a deposit in cash that stands for it."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from tongguan.facts import CARRIER, GUARANTEE, MOVEMENT
from tongguan.sample.enterprises import enterprise
from tongguan.sample.items import Item, draw_items
from tongguan.sample.numbers import container_number, guarantee_number, tag
from tongguan.stack.districts import OFFICES

MOST_MOVEMENTS = 32_768  # three characters in the number of a deposit
_FROM = ("3101", "3104")
PARTNERS = ("hangzhou", "shanghai", "nanjing")
_ENTERPRISES = 24
_PRODUCERS = 10
_CONTAINER_KG = 21_000
_MOST_BOXES = 20
# An invented carrier (境内承运海关监管货物的企业) and its vehicles, the same whatever is drawn: a new entry takes the
# place of the one before.
_CARRIER = {"identifier": "3302970077", "name": "宁波四明监管车队"}
_FLEET = [f"ZHE-B-{21_300 + 7 * number}" for number in range(60)]
# Fen of the most duty for a US cent of goods: example rates of the plan's time, 8.28 yuan and 60 % of the value.
_FEN_FOR_CENT = 8.28 * 0.6


def generate_movements(
    count: int, seed: int, as_of: datetime, broker_licence: str, partners: Sequence[str] = PARTNERS
) -> Iterator[dict[str, Any]]:
    """Lines for `tongguan transit declare`: carrier, deposits, then movements. Same arguments, same lines."""
    own = tag("transit", seed, as_of.isoformat(), broker_licence)
    drawn = [_draw(number, f"{seed}/{broker_licence}", own, as_of.year, partners) for number in range(1, count + 1)]
    yield {CARRIER: {**_CARRIER, "vehicleIdentifications": _FLEET}}
    yield from ({GUARANTEE: {"guarantee": deposit}} for deposit, _declaration in drawn)
    for deposit, declaration in drawn:
        yield {MOVEMENT: {"declaration": declaration, "guarantees": [{"grn": deposit["grn"]}]}}


def _draw(
    number: int, seed: str, own: str, year: int, partners: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    chance = random.Random(f"transit/{seed}/{number}")
    origin, direct = chance.choice(_FROM), chance.random() < 0.8
    destination = chance.choice(OFFICES[partners[number % len(partners)]])
    items = draw_items(chance, "import", "container", "", _PRODUCERS)
    firm = enterprise(chance.randrange(_ENTERPRISES))
    numbers = random.Random(f"{own}/{number}")
    mass = round(sum(item.gross_kg for item in items), 1)
    boxes = [container_number(numbers) for _ in range(min(_MOST_BOXES, int(mass // _CONTAINER_KG) + 1))]
    holder = {"name": firm.name, "identifier": firm.identifier, "countryCode": "CN"}
    units = str(max(10_000, round(sum(item.usd_cents for item in items) * _FEN_FOR_CENT)))
    amount = {"currencyCode": "CNY", "minorUnits": units}
    declaration = {
        "lrn": f"ZG{own}{number:05d}",
        "declarationType": "T1",
        "mode": "MODE_DIRECT" if direct else "MODE_TRANSHIPMENT",
        "modeCode": "MODE_CODE_DIRECT" if direct else "MODE_CODE_THROUGH",
        "departureOfficeCode": origin,
        "destinationOfficeCode": destination,
        "holder": holder,
        "carrier": {**_CARRIER, "countryCode": "CN"},
        "consignee": holder,
        "transport": {
            "mode": "MODE_ROAD",
            "identification": numbers.choice(_FLEET),
            "nationalityCode": "CN",
        },
        "containers": [{"number": box, "sealNumbers": [f"NB{numbers.randrange(10**7):07d}"]} for box in boxes],
        "itineraryCountryCodes": ["CN"],
        "totalGrossMassKg": mass,
        "guaranteeAmount": amount,
        "items": [_item(place, item) for place, item in enumerate(items, 1)],
        "documents": [{"typeCode": "N705", "number": f"{own}{number:05d}"}],
    }
    deposit = {
        "grn": guarantee_number(year, origin, own, number - 1),
        "type": "TYPE_CASH",
        "holderIdentifier": firm.identifier,
        "limit": amount,
    }
    return deposit, declaration


def _item(place: int, item: Item) -> dict[str, Any]:
    return {
        "number": place,
        "commodityCode": item.goods.code,
        "description": f"{item.goods.name_zh} {item.goods.name_en}",
        "originCountryCode": item.origin,
        "grossMassKg": item.gross_kg,
        "netMassKg": item.net_kg,
        "value": {"currencyCode": "USD", "minorUnits": str(item.usd_cents)},
        "packages": [{"typeCode": item.goods.package, "count": item.packages}],
    }
