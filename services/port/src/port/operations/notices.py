"""Notices of orders for those who move the goods: each reader from his own place, and only what is his to see.

Goods are read out of a consignment once and kept for all readers. Nothing is proved here: that is the gate's work.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from sqlalchemy import Connection

from port.domain.gate import Release, Told
from port.domain.goods import covered
from port.operations.releases import Readers
from port.storage.notices import hauliers_of, orders_after
from port.storage.releases import StoredOrder, terminals_of, with_consignments

PAGE = 256
KEPT = 4096
ALL, TERMINAL, HAULIER = "all", "terminal", "haulier"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: everything, or what is at a terminal or for a haulier of this name."""

    sees: str = ALL
    name: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """One order with the goods it is about and where they are."""

    position: int
    stored: StoredOrder
    release: Release
    terminal: str


@dataclass(slots=True)
class Notices:
    """All notices, for any number of readers."""

    readers: Readers
    _kept: OrderedDict[tuple[str, int], Release] = field(default_factory=OrderedDict)

    def after(self, connection: Connection, reader: Reader, position: int) -> tuple[list[Notice], int, bool]:
        """A page after the position: what the reader may see of it, the position after it, whether there is more."""
        rows = orders_after(connection, position, PAGE)
        stored = with_consignments(connection, [row[:-1] for row in rows])
        releases = [self._release(each) for each in stored]
        documents = {release.goods.document for release in releases if release.goods}
        terminals = terminals_of(connection, documents)
        names = hauliers_of(connection, documents) if reader.sees == HAULIER else terminals
        notices = [
            Notice(row[-1], order, release, terminals.get(_document(release), ""))
            for row, order, release in zip(rows, stored, releases, strict=True)
            if reader.sees == ALL or names.get(_document(release)) == reader.name
        ]
        return notices, rows[-1][-1] if rows else position, len(rows) == PAGE

    def _release(self, stored: StoredOrder) -> Release:
        key = (stored.clearance_number, stored.order_number)
        known = self._kept.get(key)
        if known is None:
            known = self._kept[key] = self._read(stored)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return known

    def _read(self, stored: StoredOrder) -> Release:
        goods = self.readers.goods(stored.consignment) if stored.consignment else None
        release = Release(stored.order_number, stored.version, Told(stored.kind), goods=goods)
        if goods is None or release.told is not Told.RELEASED:
            return release
        scope = self.readers.scope(stored.order)
        return Release(release.order, release.version, release.told, goods=goods, covered=covered(goods, scope))


def _document(release: Release) -> str:
    return release.goods.document if release.goods else ""
