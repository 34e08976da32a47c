"""What inspection's registers know about a batch of consignments: one query for each table, never one for each item."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from agencykit.storage.bulk import select_in
from agencykit.storage.times import from_micros
from inspection.domain.consignment import ConsignmentView
from inspection.domain.facts import Certificate, Exemption, Facts
from inspection.domain.packaging import is_wooden
from inspection.domain.reference import CertificateKind, CodeState, Commodity, Reference
from inspection.storage.tables import certificates, exemptions, producers

# Numbers are the contract's.
KINDS = {
    1: CertificateKind.HEALTH,
    2: CertificateKind.PHYTOSANITARY,
    3: CertificateKind.ORIGIN_INSPECTION,
    4: CertificateKind.TREATMENT,
}


@dataclass(frozen=True)
class FactsReader:
    """`load_facts` of inspection: the published lists, and the registers at the moment of deciding."""

    reference: Reference

    def __call__(self, connection: Connection, views: Sequence[ConsignmentView], now: datetime) -> list[Facts]:
        """Facts for each view, in the views' order. Registers are asked only about consignments they can concern."""
        commodities = [self._commodities(view) for view in views]
        pairs = list(zip(views, commodities, strict=True))
        concerned = [view for view, of_view in pairs if self._concerns(view, of_view)]
        numbers = {number for view in concerned for number in self._certificate_numbers(view)}
        known = _certificates(connection, numbers) if numbers else {}
        holders = {holder for view in concerned for holder in _holders(view)}
        held = _exemptions(connection, holders) if holders else {}
        makers = {item.producer_identifier for view in concerned for item in view.items} - {""}
        classes = _producer_classes(connection, makers) if makers else {}
        return [self._facts(view, of_view, known, held, classes) for view, of_view in pairs]

    def _facts(
        self,
        view: ConsignmentView,
        commodities: tuple[Commodity, ...],
        known: Mapping[str, Certificate],
        held: Mapping[str, Sequence[Exemption]],
        classes: Mapping[str, int],
    ) -> Facts:
        facts = Facts(self.reference, commodities)
        if known:
            facts.certificates = {n: known[n] for n in self._certificate_numbers(view) if n in known}
        if held:
            own = {each for holder in _holders(view) for each in held.get(holder, ())}
            facts.exemptions = tuple(sorted(own, key=lambda exemption: exemption.number))
        if classes:
            makers = {item.producer_identifier for item in view.items}
            facts.producer_classes = {maker: classes[maker] for maker in makers if maker in classes}
        return facts

    def _commodities(self, view: ConsignmentView) -> tuple[Commodity, ...]:
        commodity, direction = self.reference.commodity, view.direction
        return tuple([commodity(item.code, direction) for item in view.items])

    def _concerns(self, view: ConsignmentView, commodities: Sequence[Commodity]) -> bool:
        listed = any(commodity.state == CodeState.LISTED for commodity in commodities)
        return listed or any(is_wooden(item, self.reference) for item in view.items)

    def _certificate_numbers(self, view: ConsignmentView) -> Iterator[str]:
        kinds = self.reference.certificate_kinds
        yield from (number for code, number in view.documents if code in kinds)
        yield from (number for item in view.items for code, number in item.documents if code in kinds)


def _holders(view: ConsignmentView) -> set[str]:
    return {view.trader_identifier, *(item.producer_identifier for item in view.items)} - {""}


def _certificates(connection: Connection, numbers: Iterable[str]) -> dict[str, Certificate]:
    rows = select_in(connection, certificates, certificates.c.number, numbers)
    return {row.number: _certificate(row) for row in rows}


def _certificate(row: Row[Any]) -> Certificate:
    return Certificate(
        row.number,
        KINDS[row.kind],
        row.issue_country_code,
        tuple(row.commodity_prefixes.split()),
        row.limit_net_mass_kg,
        _moment(row.valid_until_time),
        row.revoked,
        row.transport_document_number,
    )


def _exemptions(connection: Connection, holders: Iterable[str]) -> Mapping[str, Sequence[Exemption]]:
    """By holder."""
    held: dict[str, list[Exemption]] = defaultdict(list)
    for row in select_in(connection, exemptions, exemptions.c.holder_identifier, holders):
        prefixes = tuple(row.commodity_prefixes.split())
        end = _moment(row.valid_until_time)
        held[row.holder_identifier].append(Exemption(row.number, row.holder_identifier, prefixes, end, row.revoked))
    return held


def _producer_classes(connection: Connection, identifiers: Iterable[str]) -> dict[str, int]:
    rows = select_in(connection, producers, producers.c.identifier, identifiers)
    return {row.identifier: row.inspection_class for row in rows}


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
