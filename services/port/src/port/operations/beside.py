"""Whether all that lies in a container may leave: a box goes as a whole, whoever's goods are in it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from port.domain.gate import GateFacts, Release, Report, Told
from port.domain.goods import Goods
from port.domain.rules.gate import why_it_stays
from port.operations.releases import Readers
from port.storage.beside import Beside, newest_consignments, read_beside
from port.storage.releases import GateOut, newest_orders


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The clearances and documents beside those of a batch."""

    beside: Beside
    releases: Mapping[str, Release]
    goods: Mapping[str, Goods]
    exits: Mapping[str, Sequence[GateOut]]

    def documents(self, document: str, container: str) -> Collection[str]:
        """Transport documents whose goods lie in this box of a document, its own among them."""
        return self.beside.documents.get((document, container), {document})

    def keeping(self, report: Report, document: str, facts: GateFacts) -> tuple[str, ...]:
        """Clearances, and transport documents whose goods in it nobody has declared, that keep a box where it is."""
        found = []
        for each in sorted(self.documents(document, report.container)):
            declared = self.beside.clearances.get(each, set()) - {report.clearance_number}
            within = [other for other in sorted(declared) if self._may_hold(report.container, other)]
            if each != document and not within:
                found.append(each)
            found += [other for other in within if self._stays(report, other, facts)]
        return tuple(found)

    def _may_hold(self, container: str, number: str) -> bool:
        """Goods that name no container may lie in any of their document; what is withdrawn declares nothing."""
        goods, release = self.goods.get(number), self.releases.get(number)
        if release is not None and release.told is Told.WITHDRAWN:
            return False
        return goods is None or not goods.containers or container in goods.containers

    def _stays(self, report: Report, number: str, facts: GateFacts) -> bool:
        """Asked as if it were reported by itself, on its newest order. The holds on the box are asked once, with it.

        What has left in this box keeps nothing that is reported after it, whatever was ordered since.
        """
        if any(each.subject == report.container for each in self.exits.get(number, ())):
            return False
        release = self.releases.get(number)
        container = "" if release and release.covered.loose else report.container
        alone = Report(number, release.order if release else 0, container, report.way)
        return why_it_stays(alone, replace(facts, release=release, holds=(), out=False, remaining=None)) is not None


def read_neighbours(
    connection: Connection,
    readers: Readers,
    boxes: Collection[tuple[str, str]],
    releases: Mapping[str, Release],
    exits: Mapping[str, Sequence[GateOut]],
) -> Neighbours:
    """What keeps each (document, container), with one query for each table.

    `releases` and `exits` are those of all clearances that were locked: one that came in between is not released.
    """
    beside = read_beside(connection, boxes)
    contents = newest_consignments(connection, beside.numbers)
    goods = {number: readers.goods(content) for number, content in contents.items()}
    return Neighbours(beside, releases, goods, exits)


def boxes_of(goods: Iterable[Goods], containers: Collection[str]) -> set[tuple[str, str]]:
    """Those of these containers that the goods name, each with the transport document."""
    return {(each.document, box) for each in goods for box in each.containers if box in containers}


def numbers_beside(
    connection: Connection, readers: Readers, numbers: Collection[str], containers: Collection[str]
) -> set[str]:
    """Clearances whose orders are asked for beside those of `numbers`, to be locked with them."""
    orders = newest_orders(connection, numbers).values()
    goods = [readers.goods(order.consignment) for order in orders if order.consignment]
    return read_beside(connection, boxes_of(goods, containers)).numbers
