"""What the port's database knows about a batch of consignments: one query for each table, never one for each item."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from agencykit.storage.bulk import select_in
from agencykit.storage.times import from_micros
from port.domain.consignment import ConsignmentView
from port.domain.facts import Facts, Hold, Manifest, Tally, Tolerances
from port.storage.beside import Box, documents_beside
from port.storage.holds import holds_on
from port.storage.places import places_of
from port.storage.tables import arrivals, manifests, tallies


@dataclass(frozen=True)
class FactsReader:
    """`load_facts` of the port: its tolerances, and the database at the moment of deciding."""

    tolerances: Tolerances

    def __call__(self, connection: Connection, views: Sequence[ConsignmentView], now: datetime) -> list[Facts]:
        """Facts for each view, in the views' order."""
        documents = {view.document for view in views if view.document}
        manifested = _manifests(connection, documents)
        reported = select_in(connection, arrivals, arrivals.c.document, documents)
        arrived = {row.document: from_micros(row.arrive_time) for row in reported}
        placed = places_of(connection, documents)
        counted = select_in(connection, tallies, tallies.c.document, documents)
        tallied = {row.document: Tally(row.packages, row.gross_mass_kg) for row in counted}
        subjects = [_subjects(view, manifested.get(view.document)) for view in views]
        lying = documents_beside(connection, {(view.document, box) for view in views for box in view.containers})
        held = holds_on(connection, {subject for concerned in subjects for subject in concerned})
        return [
            Facts(
                tolerances=self.tolerances,
                manifest=manifested.get(view.document),
                arrive_time=arrived.get(view.document),
                places=tuple([(row.container, row.place_code) for row in placed.get(view.document, ())]),
                tally=tallied.get(view.document),
                holds=_in_order(hold for subject in concerned for hold in held.get(subject, ())) if held else (),
                beside=_beside(view, lying) if lying else (),
            )
            for view, concerned in zip(views, subjects, strict=True)
        ]


def _manifests(connection: Connection, documents: Iterable[str]) -> dict[str, Manifest]:
    return {
        row.document: Manifest(
            conveyance=row.conveyance,
            voyage=row.voyage,
            packages=row.packages,
            gross_mass_kg=row.gross_mass_kg,
            containers=frozenset(row.containers.split()),
            port_code=row.port_code,
        )
        for row in select_in(connection, manifests, manifests.c.document, documents)
    }


def _subjects(view: ConsignmentView, manifest: Manifest | None) -> set[str]:
    """All that a hold on these goods can name: the document, and containers declared or manifested."""
    subjects = {view.document, *view.containers} if view.document else set(view.containers)
    return subjects | manifest.containers if manifest else subjects


def _beside(view: ConsignmentView, lying: Mapping[Box, set[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Only where there is anything: most boxes hold one document's goods."""
    within = [(box, lying[view.document, box]) for box in view.containers if (view.document, box) in lying]
    return tuple([(box, tuple(sorted(documents))) for box, documents in within])


def _in_order(found: Iterable[Hold]) -> tuple[Hold, ...]:
    """By hold, so that the same facts always give the same decision."""
    return tuple(sorted(found, key=lambda hold: hold.id))
