"""Calls of ships and flights. A call is the same in every sample of one moment, so that samples never contradict."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from tongguan.sample.numbers import ship_number
from tongguan.sample.tables import places

SHIPS_FROM = 910_000  # first six digits of IMO numbers
SHIPS_IN_TROUBLE_FROM = 900_000
MOST_SHIPS = 20_000
MOST_FLIGHTS = 2_000
_CREW_OF_SHIP, _CREW_OF_AIRCRAFT = (14, 22), (3, 5)


@dataclass(frozen=True, slots=True)
class Call:
    """One arrival or departure of one conveyance."""

    mode: str
    direction: str
    identification: str
    voyage_number: str
    name: str
    flag: str
    expected: datetime
    announced: datetime


@lru_cache(maxsize=4096)
def ship_call(index: int, direction: str, as_of: datetime, incoming: bool = False) -> Call:
    """A ship that has come in the last six days or, if `incoming`, comes in the next two; or leaves within a week."""
    chance = random.Random(f"ship/{index}/{direction}/{incoming}")
    name, flag = ship(index)
    hours = chance.uniform(6, 48) if incoming else chance.uniform(3, 144)
    expected = as_of + timedelta(hours=hours if incoming else -hours if direction == "import" else 30 + hours)
    voyage = f"{as_of.toordinal() % 700 + 100 + index % 90:03d}{'W' if direction == 'import' else 'E'}"
    number = ship_number(SHIPS_FROM + index * 4 + (2 if incoming else 0))
    announced = expected - timedelta(days=chance.uniform(3, 12))
    return Call("sea", direction, number, voyage, name, flag, _minute(expected), _minute(announced))


@lru_cache(maxsize=4096)
def flight_call(index: int, direction: str, as_of: datetime) -> Call:
    """A flight of the last 18 hours, or of the day after tomorrow."""
    chance = random.Random(f"flight/{index}/{direction}")
    airline = chance.choice(places()["carriers"]["airlines"])
    number = f"{airline}{100 + 2 * index + (direction == 'export')}"
    hours = chance.uniform(1, 18)
    expected = _minute(as_of + timedelta(hours=-hours if direction == "import" else 27 + hours))
    announced = expected - timedelta(hours=chance.uniform(3, 12))
    flag = {"KE": "KR", "CX": "HK", "KA": "HK", "LH": "DE"}.get(airline, "CN")
    return Call("air", direction, number, f"{expected:%Y%m%d}", f"Flight {number}", flag, expected, _minute(announced))


def troubled_call(serial: int, tag: str, direction: str, as_of: datetime, notice: timedelta) -> Call:
    """A ship of its own for one consignment, whose formalities are not in order; announced `notice` ahead."""
    name, flag = ship(serial + MOST_SHIPS)
    expected = _minute(as_of + timedelta(hours=-9 if direction == "import" else 40))
    number = ship_number(SHIPS_IN_TROUBLE_FROM + serial % 10_000)
    voyage = f"{tag}{serial}{'W' if direction == 'import' else 'E'}"
    return Call("sea", direction, number, voyage, name, flag, expected, expected - notice)


def ship(index: int) -> tuple[str, str]:
    """Name and flag of a ship."""
    ships, chance = places()["ships"], random.Random(f"ship/{index}")
    return f"{chance.choice(ships['first'])} {chance.choice(ships['second'])}", chance.choice(ships["flags"])


def crew(call: Call) -> list[dict[str, str]]:
    """The crew of a call."""
    names, chance = places()["crew"], random.Random(f"crew/{call.identification}/{call.voyage_number}")
    members = []
    for _ in range(chance.randint(*(_CREW_OF_AIRCRAFT if call.mode == "air" else _CREW_OF_SHIP))):
        nation = chance.choice(names["nations"])
        name = f"{chance.choice(names['given'])} {chance.choice(names['family'])}"
        number = f"{chance.choice('EGKPS')}{chance.randrange(10**8):08d}"
        members.append({"name": name, "documentNumber": number, "nationalityCode": nation})
    return members


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
