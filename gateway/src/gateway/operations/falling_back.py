"""Releases under a declared emergency (应急): which one it is, and what it draws on the caps."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from agencykit.refusals import EmergencyForbidden
from gateway.domain.identifiers import Micros
from gateway.domain.manual import Fallback
from gateway.storage.emergencies import load_emergencies, use_emergency
from gateway.storage.manual import fallback_of


@dataclass(frozen=True, slots=True)
class Given:
    """The emergency that officers name, and the guarantee on paper on which the goods go."""

    emergency: str
    units: int
    currency: str
    guarantee: str


def fallback(connection: Connection, given: Given) -> Fallback:
    """A release under this emergency, which does not draw on it yet; EmergencyForbidden where there is none such."""
    emergency = load_emergencies(connection, [given.emergency]).get(given.emergency)
    if emergency is None:
        raise EmergencyForbidden(given.emergency, "there is no such emergency")
    if not given.guarantee or given.units <= 0:
        raise EmergencyForbidden(given.emergency, "goods go on a guarantee only: name it, and its amount")
    return fallback_of(emergency, 0, given.units, 0, given.currency, given.guarantee)


def drawn(connection: Connection, under: Fallback, now: Micros) -> Fallback:
    """The same with its number, once its caps are drawn on; EmergencyForbidden where time or caps forbid it."""
    if not use_emergency(connection, under.emergency, under.units, under.currency, now):
        why = "it has ended, is in another currency, or its caps do not hold one release of this amount more"
        raise EmergencyForbidden(under.emergency, why)
    after = load_emergencies(connection, [under.emergency])[under.emergency]
    return replace(under, ordinal=after.releases, used_units=after.units)
