"""What became of each line, told in the order of the file."""

from collections import Counter
from collections.abc import Callable, Iterable
from threading import Lock

from google.rpc.status_pb2 import Status

from clearance.gateway.v1.clearance_pb2 import Clearance
from clearance.gateway.v1.transit_service_pb2 import Movement
from tongguan import statuses
from tongguan.failures import Exit, combined

Result = Clearance | Movement | Status | None  # None: a fact that is lodged


class Outcome:
    """Collects results from several threads; `tell(line, result)` is called once for each, in the lines' order."""

    def __init__(self, lines: Iterable[int], tell: Callable[[int, Result], None]) -> None:
        self._awaited = sorted(lines, reverse=True)
        self._tell = tell
        self._lock = Lock()
        self._results: dict[int, Result] = {}
        self.states: Counter[int] = Counter()
        self._good = 0
        self.errors: list[tuple[int, Status]] = []

    def put(self, results: Iterable[tuple[int, Result]]) -> None:
        """Takes results and tells those whose turn has come."""
        with self._lock:
            for line, result in results:
                self._results[line] = result
                if isinstance(result, Clearance | Movement):
                    self.states[result.state] += 1
                if isinstance(result, Status):
                    self.errors.append((line, result))
                else:
                    self._good += 1
            while self._awaited and self._awaited[-1] in self._results:
                line = self._awaited.pop()
                self._tell(line, self._results.pop(line))

    def exit(self) -> Exit:
        """0 when nothing failed; where all lines failed alike, what they have in common; else 1."""
        exits = {statuses.exit_of(status) for _line, status in self.errors}
        return combined(exits | {Exit.OK} if self._good else exits)
