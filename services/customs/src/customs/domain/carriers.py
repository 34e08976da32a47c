"""Who may move goods under customs control (境内承运海关监管货物): registered carriers, by road with their vehicles."""

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

ROAD = 3
"""The contract's number of the mode of transport."""


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
    if carriage.mode == ROAD and carriage.vehicle and carriage.vehicle not in carrier.vehicles:
        return Standing.VEHICLE_UNKNOWN
    return Standing.REGISTERED


def folded_vehicle(identification: str) -> str:
    """A plate as the register knows it: blanks, points, hyphens and small letters do not matter."""
    return "".join(each for each in identification.upper() if each.isalnum())
