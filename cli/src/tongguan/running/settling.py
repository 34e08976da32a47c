"""Waiting until no clearance needs a machine any more."""

import time
from collections.abc import Callable, Iterable, Sequence

from google.protobuf.timestamp_pb2 import Timestamp

from clearance.gateway.v1.clearance_pb2 import Clearance
from clearance.gateway.v1.clearance_service_pb2 import ListClearancesRequest
from tongguan.clearances import Clearances
from tongguan.failures import Unavailable
from tongguan.report.settled import why_unsettled

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 2.0


class Settling:
    """The clearances of one run, as the gateway last told of them. May be used from several threads while it grows."""

    def __init__(self) -> None:
        self._known: dict[str, Clearance] = {}

    def add(self, clearances: Iterable[Clearance]) -> None:
        """Clearances as they were answered on submission; what is large and not looked at is dropped."""
        for clearance in clearances:
            clearance.ClearField("orders")
            self._known[clearance.number] = clearance

    def clearances(self) -> Sequence[Clearance]:
        """All of them."""
        return list(self._known.values())

    def unsettled(self) -> list[tuple[Clearance, str]]:
        """Those that still need a machine, and why."""
        told = ((clearance, why_unsettled(clearance)) for clearance in self.clearances())
        return [(clearance, why) for clearance, why in told if why]

    def wait(self, gateway: Clearances, end: float, told: Callable[[int, str], None]) -> bool:
        """Asks until all are settled or the moment `end` (monotonic) is there; True when all are.

        `told(settled, why)` hears how many are settled and what another one waits for.
        """
        pause = FIRST_PAUSE_SECONDS
        while open_ := self.unsettled():
            told(len(self._known) - len(open_), open_[0][1])
            if (left := end - time.monotonic()) <= 0:
                return False
            time.sleep(min(pause, left))
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            try:
                self._refresh(gateway)
            except Unavailable as failure:  # a gateway that restarts is waited for like any other machine
                told(len(self._known) - len(open_), failure.message)
        told(len(self._known), "")
        return True

    def _refresh(self, gateway: Clearances) -> None:
        """Asks for everything accepted since the first of ours, which is less talk than one question for each."""
        accepted: list[Timestamp] = [clearance.create_time for clearance in self.clearances()]
        first = min(accepted, key=lambda moment: (moment.seconds, moment.nanos))
        for clearance in gateway.list(ListClearancesRequest(created_after_time=first), limit=0):
            if clearance.number in self._known:
                self.add([clearance])
