"""The part of a consignment that a decision approves or an order releases (部分放行); None stands for the whole."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """Goods items and containers by number, as they were signed; all that is in one of them is meant."""

    items: frozenset[int] = frozenset()
    containers: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether it names anything."""
        return bool(self.items or self.containers)

    def __and__(self, other: "Scope") -> "Scope":
        """What is certainly in both. Which items lie in which container is not looked at: what one names as an item and
        the other as a container is left out.
        """
        return Scope(self.items & other.items, self.containers & other.containers)


NOTHING = Scope()
