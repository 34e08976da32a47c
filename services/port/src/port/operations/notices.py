"""Notices of orders for those who move the goods: each reader from his own place, and only what is his to see.

Goods are read out of a consignment once and kept for all readers. Nothing is proved here: that is the gate's work.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from port.domain.gate import AFTER_LEAVING, Release, Told
from port.domain.goods import covered
from port.operations.releases import Readers
from port.storage.notices import orders_after, rights_of
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
    """One order with the goods it is about and where they are; `over` where the reader may no longer fetch them."""

    position: int
    stored: StoredOrder
    release: Release
    terminal: str
    over: bool = False


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
        rights = _rights(connection, reader, documents, terminals)
        notices = [
            Notice(row[-1], order, release, terminals.get(document, ""), not rights.get(document, True))
            for row, order, release in zip(rows, stored, releases, strict=True)
            if ((document := _document(release)) in rights or reader.sees == ALL) and release.told not in AFTER_LEAVING
        ]
        return notices, rows[-1][-1] if rows else position, len(rows) == PAGE

    def _release(self, stored: StoredOrder) -> Release:
        key = (stored.clearance_number, stored.order_number)
        known = self._kept.get(key)
        if known is not None:
            return known
        read = self._read(stored)
        if read.goods is not None:  # an order may be told before the port has assessed its goods
            self._kept[key] = read
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return read

    def _read(self, stored: StoredOrder) -> Release:
        goods = self.readers.goods(stored.consignment) if stored.consignment else None
        release = Release(stored.order_number, stored.version, Told(stored.kind), goods=goods)
        if goods is None or release.told is not Told.RELEASED:
            return release
        scope = self.readers.scope(stored.order)
        if scope is None:  # nobody fetches anything on it, and no list ends at it
            return Release(release.order, release.version, release.told)
        return Release(release.order, release.version, release.told, goods=goods, covered=covered(goods, scope))


def _rights(
    connection: Connection, reader: Reader, documents: Collection[str], terminals: Mapping[str, str]
) -> Mapping[str, bool]:
    """Documents that are the reader's to see, and whether they still are."""
    if reader.sees == HAULIER:
        return rights_of(connection, documents, reader.name)
    return {document: True for document, terminal in terminals.items() if terminal == reader.name}


def _document(release: Release) -> str:
    return release.goods.document if release.goods else ""
