"""Who may move goods under customs control (境内承运海关监管货物): registered carriers, by road with their vehicles."""

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

NOT_STATED, ROAD = 0, 3
"""The contract's numbers of modes of transport."""
BY_ROAD = frozenset({NOT_STATED, ROAD})
"""Whatever does not say that it goes otherwise goes by road."""


class Standing(IntEnum):
    """How a carrier stands. Numbers are the contract's."""

    REGISTERED = 1
    UNKNOWN = 2
    NOT_YET_VALID = 3
    EXPIRED = 4
    SUSPENDED = 5
    VEHICLE_UNKNOWN = 6


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier in the register. An absent limit of time is None; vehicles are folded (`folded_vehicle`)."""

    identifier: str
    valid_from_time: datetime | None = None
    valid_until_time: datetime | None = None
    suspended: bool = False
    vehicles: Set[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Carriage:
    """Who is to carry, and by what; folded, and empty where nobody or nothing is named."""

    carrier_identifier: str
    mode: int
    vehicle: str
    # The goods are there to leave.
    leaving: bool = False


def standing(carrier: Carrier | None, carriage: Carriage, now: datetime) -> Standing:
    """How the carrier of a carriage stands. `carrier` is None where the register does not know him."""
    if carrier is None:
        return Standing.UNKNOWN
    if carrier.suspended:
        return Standing.SUSPENDED
    if carrier.valid_from_time is not None and now < carrier.valid_from_time:
        return Standing.NOT_YET_VALID
    if carrier.valid_until_time is not None and carrier.valid_until_time < now:
        return Standing.EXPIRED
    named = bool(carriage.vehicle) or carriage.leaving
    if carriage.mode in BY_ROAD and named and carriage.vehicle not in carrier.vehicles:
        return Standing.VEHICLE_UNKNOWN
    return Standing.REGISTERED


def folded_vehicle(identification: str) -> str:
    """A plate as the register knows it: blanks, points, hyphens and small letters do not matter."""
    return "".join(each for each in identification.upper() if each.isalnum())
