"""A clearance is settled when no machine is waited for."""

from collections.abc import Callable
from datetime import datetime

import pytest

from clearance.common.v1.decision_pb2 import Waiting
from clearance.gateway.v1.clearance_pb2 import AgencyStanding, Clearance
from tongguan.report.settled import why_unsettled

Make = Callable[..., Clearance]
Standing = Callable[..., AgencyStanding]
Wait = Callable[..., Waiting]


@pytest.mark.parametrize(
    "state", ["RELEASED", "RELEASED_ON_GUARANTEE", "RELEASED_MANUALLY", "REFUSED", "WITHDRAWN", "CLOSED"]
)
def test_what_is_released_or_refused_is_settled(state: str, clearance: Make) -> None:
    assert why_unsettled(clearance(state)) == ""


def test_what_waits_for_a_named_person_is_settled(clearance: Make, standing: Standing, waiting: Wait) -> None:
    answered = [standing("customs", "APPROVED"), standing("port", "PENDING")]
    assert why_unsettled(clearance("IN_PROGRESS", agencies=answered, waiting=[waiting("carrier", "arrival")])) == ""


def test_what_is_parked_on_a_machine_is_not_settled_even_if_a_person_is_waited_for_too(
    clearance: Make, standing: Standing, waiting: Wait, noon: datetime
) -> None:
    parked = [standing("port", "PENDING"), standing("customs", parked=noon)]
    waits = [waiting("carrier", "arrival"), waiting("customs", "answer", machine=True)]
    why = why_unsettled(clearance("IN_PROGRESS", agencies=parked, waiting=waits))
    assert why.startswith("customs parked since 2004-12-01")
    assert why.endswith("(UNAVAILABLE)")


def test_an_agency_that_has_not_answered_keeps_it_open(clearance: Make, standing: Standing, waiting: Wait) -> None:
    agencies = [standing("border"), standing("port", "PENDING")]
    case = clearance("IN_PROGRESS", agencies=agencies, waiting=[waiting("carrier", "arrival")])
    assert why_unsettled(case) == "border has not answered"


def test_a_machine_that_is_waited_for_keeps_it_open(clearance: Make, standing: Standing, waiting: Wait) -> None:
    waits = [waiting("carrier", "arrival"), waiting("inspection", "withdrawal", machine=True)]
    case = clearance("IN_PROGRESS", agencies=[standing("port", "PENDING")], waiting=waits)
    assert why_unsettled(case) == "waits for the service of inspection"


def test_waiting_for_nobody_is_not_settled(clearance: Make, standing: Standing) -> None:
    case = clearance("ON_HOLD", agencies=[standing("customs", "HOLD")])
    assert why_unsettled(case) == "ON_HOLD, and nobody is named"


def test_what_is_only_received_is_not_settled(clearance: Make) -> None:
    assert why_unsettled(clearance("RECEIVED")) == "still RECEIVED"
