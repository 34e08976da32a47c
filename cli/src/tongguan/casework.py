"""WatchCaseService by one officer of border; cases as rows."""

from collections.abc import Iterator
from uuid import uuid4

from rich.table import Table

from clearance.border.v1 import watch_case_service_pb2 as service
from tongguan.channels import Peer
from tongguan.report.names import clock
from tongguan.report.tables import table

_SERVICE = "/clearance.border.v1.WatchCaseService/"
DECISIONS = {"cleared": service.WatchCase.STATE_CLEARED, "confirmed": service.WatchCase.STATE_CONFIRMED}
STATES = {"open": service.WatchCase.STATE_OPEN, **DECISIONS}


class Casework:
    """Cases of persons aboard who meet the watch list."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def list(self, state: str) -> Iterator[service.WatchCase]:
        """Cases in this state: open, cleared or confirmed."""
        request = service.ListWatchCasesRequest(state=STATES[state])
        return self._peer.pages(f"{_SERVICE}ListWatchCases", request, service.ListWatchCasesResponse, "watch_cases")

    def decide(self, case: str, decision: str, reason: str) -> service.WatchCase:
        """Decides an open case: cleared or confirmed."""
        request = service.DecideWatchCaseRequest(
            request_id=str(uuid4()), watch_case_id=case, state=DECISIONS[decision], reason=reason
        )
        return self._peer.call(f"{_SERVICE}DecideWatchCase", request, service.DecideWatchCaseResponse).watch_case


def cases_table() -> Table:
    """For `case_row`."""
    return table("", "case", "entry", "call", "list", "places", "met", "state", "since", "officer")


def case_row(case: service.WatchCase) -> tuple[str, ...]:
    """One case."""
    role = service.WatchCase.Role.Name(case.role).removeprefix("ROLE_").lower()
    state = service.WatchCase.State.Name(case.state).removeprefix("STATE_")
    places, met = ", ".join(map(str, case.numbers)), "exactly" if case.exact else "perhaps"
    officer = case.officer.rpartition("/")[2] or "-"
    return case.id, case.entry_id, case.call, role, places, met, state, clock(case.create_time), officer
