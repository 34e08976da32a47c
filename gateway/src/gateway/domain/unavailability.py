"""Planned unavailability: notices of it (070, 971), by which a district and its partners know what to expect."""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.domain.identifiers import Micros


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice. `scope` is the contract's number of what is not available."""

    id: str
    scope: int
    from_time: Micros
    until_time: Micros
    reason: str
    announce_time: Micros
    withdraw_time: Micros | None = None

    def says_the_same(self, other: "Notice") -> bool:
        """Whether both announce the same; when they did, and what became of it, apart."""
        fields = ((each.scope, each.from_time, each.until_time, each.reason) for each in (self, other))
        return next(fields) == next(fields)

    def in_force(self, now: Micros) -> bool:
        """Whether it holds just now."""
        return self.from_time <= now < self.until_time and self.withdraw_time is None


def in_force(notices: Iterable[Notice], now: Micros) -> Notice | None:
    """The one in force that lasts longest; None where none is."""
    holding = [each for each in notices if each.in_force(now)]
    return max(holding, key=lambda each: each.until_time, default=None)
