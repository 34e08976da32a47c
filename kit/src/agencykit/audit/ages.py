"""How old a row of an audit is at least, when its content is gone: none is older than what stands before it.

A purge takes rows below the first that is too young, out of pages that were sealed before the moment up to which it
takes (`retention.evidence`). So what says that a row was young belies whoever says that a purge took it.
"""

from bisect import bisect_left
from collections.abc import Mapping
from datetime import datetime
from itertools import accumulate
from typing import Any

# So much later than it was made a head may be countersigned, and clocks of a service and of its gateway may differ.
LATE_SECONDS = 86_400


class Ages:
    """As a log is walked. `heads` are those that were countersigned, by sequence, and when."""

    def __init__(self, heads: Mapping[int, tuple[bytes, datetime]]) -> None:
        self._sequences = sorted(heads)
        seen = [(heads[sequence][1].timestamp() - LATE_SECONDS) * 1_000_000 for sequence in self._sequences]
        self._seen = list(accumulate(seen, max))
        self._latest = -(2**63)

    def passed(self, time: Any) -> None:
        """A row that is what was chained, and when it was written (microseconds since 1970)."""
        if isinstance(time, int):
            self._latest = max(self._latest, time)

    def younger(self, sequence: int, until: int) -> bool:
        """Whether what stands before this sequence is younger than `until`, as the row there must be then."""
        place = bisect_left(self._sequences, sequence)
        return self._latest >= until or (place > 0 and self._seen[place - 1] >= until)
