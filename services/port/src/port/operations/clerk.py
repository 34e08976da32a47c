"""What a clerk at the gate asks: how does this clearance stand?"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from agencykit.refusals import NotFound
from port.domain.facts import Hold
from port.domain.gate import Release
from port.operations.releases import Readers, release_of
from port.storage.holds import holds_on
from port.storage.loads import countable_packages, remaining
from port.storage.places import places_of
from port.storage.releases import GateOut, StoredOrder, exits_of, newest_orders, order_certificates, terminals_of


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest order of a clearance, the goods it is about, and what of them is held or out."""

    stored: StoredOrder
    release: Release
    terminal: str
    holds: tuple[Hold, ...]
    exits: tuple[GateOut, ...]
    # Rows of `places`.
    places: tuple[Any, ...]
    # Packages of loose goods that are still there; None where they are not counted.
    remaining: int | None


def look_up(connection: Connection, readers: Readers, number: str, terminal: str) -> Standing:
    """How it stands; NotFound where no order was told, or the caller speaks for another terminal."""
    stored = newest_orders(connection, [number]).get(number)
    if stored is None:
        raise NotFound("release", number)
    release = release_of(stored, readers, order_certificates(connection))
    goods = release.goods
    here = terminals_of(connection, [goods.document]).get(goods.document, "") if goods else ""
    if terminal and here != terminal:
        raise NotFound("release", number)
    held = holds_on(connection, {goods.document, *goods.containers}) if goods else {}
    holds = tuple(sorted({hold for each in held.values() for hold in each}, key=lambda hold: hold.id))
    exits = tuple(exits_of(connection, [number]).get(number, ()))
    placed = places_of(connection, [goods.document]).get(goods.document, ()) if goods else ()
    places = tuple([row for row in placed if goods and row.container in (*goods.containers, "")])
    there = remaining(countable_packages(connection, [goods]).get(goods), exits) if goods else None
    return Standing(stored, release, here, holds, exits, places, there)
