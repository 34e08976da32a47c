"""Which decisions this replica has recorded from replies, so that the feed, which brings them again, passes them over.

A decision counts as recorded only once its transaction is committed. One that has arrived and is not yet recorded is
`pending`: the follower waits for it rather than pass over what may still be lost.

What is recorded is told to the agency with the next call, so that its feed mostly need not repeat it at all.
"""

from collections.abc import Iterable

from gateway.domain.runs import Runs
from gateway.operations.ports import Place, Stretch

# Runs kept of each log, which are one as long as everything is recorded in order; the feed brings the rest again.
MOST_RUNS = 64


class Known:
    """Places in the agencies' logs."""

    def __init__(self) -> None:
        self._pending: dict[Place, int] = {}
        self._recorded: dict[str, Runs] = {}
        # Grows whenever something here changes.
        self.changes = 0

    def arrived(self, places: Iterable[Place]) -> None:
        """A reply brought these; `settled` must follow."""
        for place in places:
            self._pending[place] = self._pending.get(place, 0) + 1

    def stored(self, places: Iterable[Place]) -> None:
        """They are durable."""
        self.changes += 1
        for log, sequence in places:
            runs = self._recorded.get(log)
            if runs is None:
                runs = self._recorded[log] = Runs(MOST_RUNS)
            runs.add(sequence)

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

    def recorded(self, place: Place) -> bool:
        """Whether it is durable."""
        log, sequence = place
        return log in self._recorded and sequence in self._recorded[log]

    def stretches(self, logs: Iterable[str], most: int) -> list[Stretch]:
        """What is recorded of these logs; `most` stretches at most, of which the newest."""
        found = [(log, *run) for log in sorted(logs) if log in self._recorded for run in self._recorded[log]]
        return found[-most:]
