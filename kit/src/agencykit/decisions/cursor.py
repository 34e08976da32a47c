"""How far one follower of the decisions has read, and what need not be sent to him."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from clearance.common.v1.evidence_pb2 import LogRange

# For so many looks a decision that did not announce itself is left to the reply that brings it.
LOOKS_LEFT = 2


@dataclass(slots=True, eq=False)
class Cursor:
    """A follower of this identity. `read`: log -> last sequence read.

    The stream reads on a thread of the database while `skip` is called beside it: what it then sends twice is known
    already, and nothing is ever passed over that was not said to be recorded.
    """

    identity: str
    read: dict[str, int]
    # Something was logged that no reply brings.
    announced: bool = True
    # Heads of the logs at the last looks, oldest first.
    _heads: list[Mapping[str, int]] = field(default_factory=list)

    def skip(self, recorded: Iterable[LogRange]) -> None:
        """Passes over what he has recorded, where nothing unrecorded lies before it."""
        for run in recorded:
            if run.first_sequence <= self.read.get(run.log, 0) + 1 <= run.last_sequence:
                self.read[run.log] = run.last_sequence

    def moved(self, places: Iterable[tuple[str, int]]) -> None:
        """These were read; he may have said meanwhile that he has more."""
        for log, sequence in places:
            self.read[log] = max(self.read.get(log, 0), sequence)

    def due(self, heads: Mapping[str, int], *, announced: bool) -> Mapping[str, int]:
        """Up to where each log may be sent: all of it where something was announced, as when the stream begins."""
        if announced:
            self._heads = [heads] * LOOKS_LEFT
            return heads
        self._heads.append(heads)
        return self._heads.pop(0)
