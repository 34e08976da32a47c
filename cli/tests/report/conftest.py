"""Clearances as a gateway would tell of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from clearance.common.v1.decision_pb2 import Decision, Waiting
from clearance.common.v1.transport_pb2 import TransportMeans
from clearance.gateway.v1.clearance_pb2 import AgencyStanding, Clearance, Commitment

NOON = datetime(2004, 12, 1, 12, 0, tzinfo=UTC)
SEA = Commitment(hours=24, rule_id="COMMIT-SEA")
Make = Callable[..., Clearance]


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture
def standing() -> Callable[..., AgencyStanding]:
    """What one agency has said: `standing("customs", "APPROVED", 80)` took 80 ms; no verdict means no answer."""

    def make(agency: str, verdict: str = "", milliseconds: int = 0, parked: datetime | None = None) -> AgencyStanding:
        made = AgencyStanding(agency=agency, required=True, ask_time=NOON)
        if verdict:
            made.decision.verdict = Decision.Verdict.Value(f"VERDICT_{verdict}")
            made.record_time.FromDatetime(NOON + timedelta(milliseconds=milliseconds))
        if parked:
            made.park_time.FromDatetime(parked)
            made.park_reason = "UNAVAILABLE"
        return made

    return make


@pytest.fixture
def waiting() -> Callable[..., Waiting]:
    """`waiting("carrier", "arrival")` is a person, `waiting("customs", "answer", machine=True)` a service."""

    def make(party: str, fact_kind: str, machine: bool = False, since: datetime = NOON) -> Waiting:
        kind = Waiting.KIND_MACHINE if machine else Waiting.KIND_PERSON
        made = Waiting(kind=kind, party=party, fact_kind=fact_kind)
        made.since_time.FromDatetime(since)
        return made

    return make


@pytest.fixture
def clearance() -> Make:
    """`clearance("RELEASED", …)`; numbers count up, so that no two are the same."""
    count = 0

    def make(state: str, **fields: object) -> Clearance:
        nonlocal count
        count += 1
        made = Clearance(number=f"31002004{count:012}", state=Clearance.State.Value(f"STATE_{state}"), **fields)
        made.create_time.FromDatetime(NOON)
        return made

    return make


@pytest.fixture
def timed(clearance: Make, noon: datetime) -> Make:
    """`timed("COLLECTED", customs=3, trader=5)`: hours charged from noon on; COLLECTED and REFUSED end the clock."""

    def make(state: str, promised: Commitment = SEA, mode: int = TransportMeans.MODE_SEA, **hours: float) -> Clearance:
        made = clearance(state, commitment=promised, mode=mode)
        clock, end = made.clock, noon + timedelta(hours=sum(hours.values()))
        clock.begin_time.FromDatetime(noon)
        clock.due_time.FromDatetime(noon + timedelta(hours=promised.hours))
        clock.read_time.FromDatetime(end)
        clock.left = state == "COLLECTED"
        if state in ("COLLECTED", "REFUSED"):
            clock.end_time.FromDatetime(end)
        clock.overdue = end > noon + timedelta(hours=promised.hours)
        clock.gross_duration.FromTimedelta(end - noon)
        clock.net_duration.FromTimedelta(end - noon - timedelta(hours=hours.get("trader", 0)))
        for holder, taken in hours.items():
            clock.shares.add(holder=holder).duration.FromTimedelta(timedelta(hours=taken))
        return made

    return make
