"""What customs' registers know about a batch of consignments: one query for each table, never one for each item."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row

from agencykit.storage.bulk import select_in
from agencykit.storage.times import from_micros
from customs.domain.consignment import ConsignmentView
from customs.domain.facts import Broker, Enterprise, EnterpriseClass, Facts, Licence
from customs.domain.reference import Commodity, Reference
from customs.storage.tables import brokers, enterprises, licences, mandates

ENTRIES_KEPT = 4096


@dataclass(frozen=True)
class FactsReader:
    """`load_facts` of customs: the published lists, and the registers at the moment of deciding."""

    reference: Reference

    def __call__(self, connection: Connection, views: Sequence[ConsignmentView], now: datetime) -> list[Facts]:
        """Facts for each view, in the views' order."""
        commodities = [self._commodities(view) for view in views]
        known_enterprises = _enterprises(connection, {view.trader_identifier for view in views})
        known_brokers = _brokers(connection, {view.broker_licence for view in views})
        mandated = _mandates(connection, views, known_brokers)
        facts = [
            Facts(
                self.reference,
                of_view,
                known_enterprises.get(view.trader_identifier),
                known_brokers.get(view.broker_licence),
                (view.broker_licence, view.trader_identifier) in mandated,
            )
            for view, of_view in zip(views, commodities, strict=True)
        ]
        controlled = [
            (view, of_view) for view, of_view in zip(views, facts, strict=True) if of_view.under_licence_control
        ]
        known = _licences(connection, {number for view, _ in controlled for number in _document_numbers(view)})
        for view, of_view in controlled:
            of_view.licences = {number: known[number] for number in _document_numbers(view) if number in known}
        return facts

    def _commodities(self, view: ConsignmentView) -> tuple[Commodity, ...]:
        commodity, direction = self.reference.commodity, view.direction
        return tuple([commodity(item.code, direction) for item in view.items])


def _document_numbers(view: ConsignmentView) -> Iterator[str]:
    yield from (number for _, number in view.documents)
    yield from (number for item in view.items for _, number in item.documents)


def _enterprises(connection: Connection, identifiers: Iterable[str]) -> dict[str, Enterprise]:
    rows = select_in(connection, enterprises, enterprises.c.identifier, filter(None, identifiers))
    return {row.identifier: _enterprise(row) for row in rows}


# An entry that reads as it did before is the object it was before: the same few enterprises declare all day.
@lru_cache(maxsize=ENTRIES_KEPT)
def _enterprise(row: Row[Any]) -> Enterprise:
    return Enterprise(
        row.identifier,
        EnterpriseClass(row.enterprise_class),
        _moment(row.valid_from_time),
        _moment(row.valid_until_time),
        row.suspended,
        _moment(row.high_tech_until_time),
        _moment(row.networked_until_time),
        row.premises,
    )


def _brokers(connection: Connection, numbers: Iterable[str]) -> dict[str, Broker]:
    return {row.licence: _broker(row) for row in select_in(connection, brokers, brokers.c.licence, numbers)}


@lru_cache(maxsize=ENTRIES_KEPT)
def _broker(row: Row[Any]) -> Broker:
    return Broker(row.licence, _moment(row.valid_until_time), row.suspended, row.needs_mandate, row.quality_percent)


def _mandates(
    connection: Connection, views: Sequence[ConsignmentView], known: dict[str, Broker]
) -> set[tuple[str, str]]:
    """(broker, enterprise) of the mandates that the batch needs; most brokers need none."""
    pairs = {
        (view.broker_licence, view.trader_identifier)
        for view in views
        if view.trader_identifier and view.broker_licence in known and known[view.broker_licence].needs_mandate
    }
    key = (mandates.c.broker_licence, mandates.c.enterprise_identifier)
    return {(row.broker_licence, row.enterprise_identifier) for row in select_in(connection, mandates, key, pairs)}


def _licences(connection: Connection, numbers: Iterable[str]) -> dict[str, Licence]:
    return {row.number: _licence(row) for row in select_in(connection, licences, licences.c.number, numbers)}


def _licence(row: Row[Any]) -> Licence:
    return Licence(
        row.number,
        row.type_code,
        row.holder_identifier,
        tuple(row.commodity_prefixes.split()),
        row.limit_net_mass_kg,
        _moment(row.valid_until_time),
        row.revoked,
    )


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
