"""Single entries of customs' registers, with what is known of those they are about."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from agencykit.storage.bulk import select_in
from agencykit.storage.rows import run
from agencykit.storage.times import from_micros
from customs.domain.carriers import Carrier
from customs.storage.tables import brokers, carrier_vehicles, carriers, enterprise_classes, enterprises, mandates

Counts = tuple[int, int]
"""How many, and how many of them with something amiss."""


def enterprise(connection: Connection, identifier: str) -> tuple[Any, list[tuple[int, int]], Counts] | None:
    """The entry, its (class, since when) newest first, and (inspected, found); None where there is no entry."""
    rows = select_in(connection, enterprises, enterprises.c.identifier, [identifier])
    if not rows:
        return None
    past = select_in(connection, enterprise_classes, enterprise_classes.c.identifier, [identifier])
    classes = sorted([(row.from_time, row.enterprise_class) for row in past], reverse=True)
    found = _results(connection, "trader_identifier", identifier)
    return rows[0], [(each, since) for since, each in classes], found


def broker(connection: Connection, licence: str) -> tuple[Any, list[str], Counts, Counts] | None:
    """The entry, its mandates, (declared, asked back) and (inspected, found); None where there is no entry."""
    rows = select_in(connection, brokers, brokers.c.licence, [licence])
    if not rows:
        return None
    given = sorted(row.enterprise_identifier for row in select_in(connection, mandates, _BROKER, [licence]))
    [(declared, asked_back)] = run(connection, _TRAFFIC, (licence,))
    return rows[0], given, (int(declared), int(asked_back)), _results(connection, "broker_licence", licence)


def carrier(connection: Connection, identifier: str) -> tuple[Any, list[str]] | None:
    """The entry and its vehicles; None where there is no entry."""
    rows = select_in(connection, carriers, carriers.c.identifier, [identifier])
    return (rows[0], sorted(_vehicles(connection, [identifier])[identifier])) if rows else None


def known_carriers(connection: Connection, identifiers: Iterable[str]) -> dict[str, Carrier]:
    """Those of the carriers that the register knows, by their identifiers."""
    rows = select_in(connection, carriers, carriers.c.identifier, identifiers)
    vehicles = _vehicles(connection, [row.identifier for row in rows])
    return {
        row.identifier: Carrier(
            row.identifier,
            _moment(row.valid_from_time),
            _moment(row.valid_until_time),
            row.suspended,
            frozenset(vehicles[row.identifier]),
        )
        for row in rows
    }


def _vehicles(connection: Connection, identifiers: Iterable[str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in select_in(connection, carrier_vehicles, carrier_vehicles.c.carrier_identifier, identifiers):
        found[row.carrier_identifier].append(row.vehicle)
    return found


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


_BROKER = mandates.c.broker_licence
_TRAFFIC = "SELECT coalesce(sum(declared), 0), coalesce(sum(asked_back), 0) FROM broker_traffic WHERE licence = ?"


def _results(connection: Connection, column: str, key: str) -> Counts:
    text = f"SELECT count(*), coalesce(sum(found), 0) FROM risk_examinations WHERE {column} = ?"
    [(inspected, found)] = run(connection, text, (key,))
    return int(inspected), int(found)
