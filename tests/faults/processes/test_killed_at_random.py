"""kill -9 and SIGSTOP of each process and of all at once, at drawn moments under load."""

import random
import time
from collections.abc import Iterator

import pytest
from edged import Edged
from stood import look
from struck import SERVICES, frozen, resume, resumed_in_time, strike

pytestmark = pytest.mark.timeout(280)
DRAINED_SECONDS = 30


@pytest.fixture(autouse=True)
def whole(ningbo: Edged) -> Iterator[None]:
    ningbo.rest()
    yield
    ningbo.rest()


def test_all_killed_at_once_under_load_resume_unaided(ningbo: Edged) -> None:
    with ningbo.submitting(32, "--batch", "1", "--concurrency", "8"):
        ningbo.under_way(10)
        strike(ningbo, SERVICES)
        look(ningbo.watch)
        resumed = resume(ningbo, SERVICES)
    ningbo.settle(DRAINED_SECONDS)
    print(f"all resumed in {resumed:.1f} s")
    resumed_in_time(resumed, SERVICES)


@pytest.mark.full
@pytest.mark.parametrize("struck", [(each,) for each in SERVICES] + [SERVICES], ids=lambda struck: "+".join(struck))
@pytest.mark.parametrize("seed", range(6))
def test_whoever_is_killed_at_a_drawn_moment_resumes_unaided(ningbo: Edged, struck: tuple[str, ...], seed: int) -> None:
    chance = random.Random(f"{struck} {seed}")
    with ningbo.submitting(48, "--batch", str(chance.choice([1, 2, 8])), "--concurrency", "8"):
        ningbo.under_way(1)
        time.sleep(chance.uniform(0, 1.0))
        strike(ningbo, struck)
        if len(struck) == len(SERVICES):
            look(ningbo.watch)
        resumed, began = resume(ningbo, struck), time.monotonic()
    ningbo.settle(DRAINED_SECONDS)
    print(f"{'+'.join(struck)}, seed {seed}: resumed {resumed:.1f} s, drained {time.monotonic() - began:.1f} s later")
    resumed_in_time(resumed, struck)


@pytest.mark.full
@pytest.mark.parametrize("still", [(each,) for each in SERVICES] + [SERVICES], ids=lambda still: "+".join(still))
@pytest.mark.parametrize("seed", range(3))
def test_whoever_stands_still_for_a_while_goes_on_and_doubles_nothing(
    ningbo: Edged, still: tuple[str, ...], seed: int
) -> None:
    chance = random.Random(f"{still} {seed}")
    with ningbo.submitting(32, "--batch", "2", "--concurrency", "8"):
        ningbo.under_way(1)
        time.sleep(chance.uniform(0, 0.5))
        with frozen(ningbo, still):
            seconds = chance.uniform(0.5, 12)
            time.sleep(seconds)
        thawed = time.monotonic()
    ningbo.settle(DRAINED_SECONDS)
    drained = time.monotonic() - thawed
    print(f"{'+'.join(still)} still for {seconds:.1f} s: drained in {drained:.1f} s")
    assert drained <= DRAINED_SECONDS
