"""A gateway or an agency that dies right before or right after a chosen system call has lost and doubled nothing."""

import random
from collections.abc import Iterator

import pytest
from dying_at import CALLS
from edged import Edged
from struck import dead, doomed, resume, resumed_in_time, strike

pytestmark = pytest.mark.timeout(280)
DRAINED_SECONDS, DIES_SECONDS = 30, 60


@pytest.fixture(autouse=True)
def whole(ningbo: Edged) -> Iterator[None]:
    ningbo.rest()
    yield
    ningbo.rest()


@pytest.mark.full
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("service", ["gateway", "customs"])
@pytest.mark.parametrize("seed", range(2))
def test_who_dies_at_a_system_call_resumes_unaided(
    ningbo: Edged, service: str, call: str, when: str, seed: int
) -> None:
    nth = random.Random(f"{service} {call} {when} {seed}").randint(1, 24)
    strike(ningbo, [service])
    with (
        doomed(ningbo, service, call, nth, when) as process,
        ningbo.submitting(32, "--batch", "1", "--concurrency", "4"),
    ):
        dead(process, DIES_SECONDS)
        resumed = resume(ningbo, [service])
    ningbo.settle(DRAINED_SECONDS)
    print(f"{service} died {when} its {call} {nth}: resumed in {resumed:.1f} s")
    resumed_in_time(resumed, [service])
