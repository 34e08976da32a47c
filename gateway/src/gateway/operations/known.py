"""Which decisions this replica has recorded from replies, so that the feed, which brings them again, passes them over.

A decision counts as recorded only once its transaction is committed. One that has arrived and is not yet recorded is
`pending`: the follower waits for it rather than pass over what may still be lost.
"""

from collections.abc import Iterable

from gateway.operations.ports import Place

# Places kept for logs that another replica follows.
MOST_KEPT = 50_000


class Known:
    """Places in the agencies' logs."""

    def __init__(self) -> None:
        self._pending: dict[Place, int] = {}
        self._recorded: dict[Place, None] = {}
        # Grows whenever something here changes.
        self.changes = 0

    def arrived(self, places: Iterable[Place]) -> None:
        """A reply brought these; `settled` must follow."""
        for place in places:
            self._pending[place] = self._pending.get(place, 0) + 1

    def stored(self, places: Iterable[Place]) -> None:
        """They are durable."""
        self.changes += 1
        for place in places:
            self._recorded[place] = None
        while len(self._recorded) > MOST_KEPT:
            del self._recorded[next(iter(self._recorded))]

    def settled(self, places: Iterable[Place]) -> None:
        """Recorded or given up."""
        self.changes += 1
        for place in places:
            left = self._pending.pop(place, 1) - 1
            if left:
                self._pending[place] = left

    def pending(self, place: Place) -> bool:
        """Whether it has arrived and its end is open."""
        return place in self._pending

    def take(self, place: Place) -> bool:
        """Whether it is recorded; asked once, by the follower, and forgotten."""
        return self._recorded.pop(place, self) is None
