"""The goods of a consignment as the gate sees them, and which of them an order covers."""

from dataclasses import dataclass

from port.domain.consignment import Direction


@dataclass(frozen=True, slots=True)
class Goods:
    """What one version of a consignment is about. Numbers are folded."""

    document: str
    direction: Direction
    containers: tuple[str, ...]
    # For each item its number and the containers that hold it; none means all of the consignment's.
    items: tuple[tuple[int, tuple[str, ...]], ...] = ()
    # As declared; None where they are not.
    packages: int | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of a consignment that an order is about; nothing named means the whole."""

    items: frozenset[int] = frozenset()
    containers: frozenset[str] = frozenset()

    @property
    def whole(self) -> bool:
        """Whether it is about everything."""
        return not self.items and not self.containers


@dataclass(frozen=True, slots=True)
class Covered:
    """What may leave: these containers, or loose goods as a whole."""

    containers: tuple[str, ...] = ()
    loose: bool = False


WHOLE = Scope()
NOTHING = Covered()


def covered(goods: Goods, scope: Scope) -> Covered:
    """What of the goods the scope covers.

    A container is covered where it is named, or where every item that lies in it is: half a box does not leave.
    """
    if not goods.containers:
        return Covered(loose=scope.whole or {number for number, _ in goods.items} <= scope.items)
    if scope.whole:
        return Covered(goods.containers)
    return Covered(
        tuple([each for each in goods.containers if each in scope.containers or _items_in(goods, each) <= scope.items])
    )


def countable(declared: int | None, tallied: int | None, manifested: int | None) -> int | None:
    """Packages of loose goods that may leave in all: as released, and no more than were tallied.

    What was released without a count is counted by the tally, else by the manifest; None where nobody has.
    """
    released = next((each for each in (declared, tallied, manifested) if each is not None), None)
    return released if released is None or tallied is None else min(released, tallied)


def _items_in(goods: Goods, container: str) -> set[int]:
    """Numbers of the items in a container; 0, which no item has, where none is said to lie in it."""
    return {number for number, boxes in goods.items if container in (boxes or goods.containers)} or {0}
