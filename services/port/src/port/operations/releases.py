"""What the port holds about releases, read out and proved: the gate, its notices and its clerks ask here.

The contract's messages are the edge's matter, so whatever reads them is handed in.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from port.domain.gate import Release, Told
from port.domain.goods import WHOLE, Goods, Scope, covered
from port.storage.releases import StoredOrder, newest_orders, order_certificates

Certificates = Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Proved:
    """What came of proving an order: what is wrong with it, empty where nothing is, and what it is about."""

    flaw: str
    scope: Scope = WHOLE
    # Agencies whose decisions it bundles.
    agencies: frozenset[str] = frozenset()
    # Of an order by hand: in whose place it was given, and what is wrong with it.
    absent: frozenset[str] = frozenset()
    by_hand_flaw: str = ""


@dataclass(frozen=True, slots=True)
class Readers:
    """How stored bytes are read. `prove` takes an order and the certificates its gateway may have signed it with."""

    prove: Callable[[StoredOrder, Certificates], Proved]
    goods: Callable[[bytes], Goods]
    # What an order says it is about, unproved; None where it cannot be read.
    scope: Callable[[bytes], Scope | None]


def read_releases(connection: Connection, readers: Readers, numbers: Iterable[str]) -> dict[str, Release]:
    """The newest order of each of these clearances that the port was told of, proved."""
    stored = newest_orders(connection, sorted(set(numbers)))
    certificates = order_certificates(connection) if stored else {}
    return {number: release_of(order, readers, certificates) for number, order in stored.items()}


def release_of(order: StoredOrder, readers: Readers, certificates: Certificates) -> Release:
    """One order read out. Whatever is not a release lets nothing out, proved or not."""
    goods = readers.goods(order.consignment) if order.consignment else None
    number, version, told = order.order_number, order.version, Told(order.kind)
    if told is not Told.RELEASED:
        return Release(number, version, told, goods=goods)
    proved = readers.prove(order, certificates)
    if proved.flaw or goods is None:
        return Release(number, version, told, proved.flaw or "the port knows no such version", goods)
    by_hand = (proved.by_hand_flaw, proved.absent)
    return Release(number, version, told, "", goods, covered(goods, proved.scope), proved.agencies, *by_hand)
