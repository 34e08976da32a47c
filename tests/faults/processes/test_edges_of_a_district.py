"""Whatever befalls the edges between brokers, gateway and agencies: goods of others move on, and all ends well."""

import random
import time
from collections.abc import Iterator

import pytest
from district import AGENCIES, FULL, parked_on
from edge_faults import Kinds
from edged import BROKERS, Edged, edge_to

pytestmark = pytest.mark.timeout(280)
KINDS = tuple(Kinds(random.Random()).made)
# Of these nothing comes through, so that what the agency has to decide waits for it.
SHUT = ("reset", "black hole", "one way, no replies", "one way, no requests")
DRAINED_SECONDS = 30
LASTS_SECONDS = 3.0 if FULL else 2.0
MOST_CALLS_FOR_A_DECISION = 1.1


@pytest.fixture(autouse=True)
def whole(ningbo: Edged) -> Iterator[None]:
    """The district is whole and at rest before and after, and nothing has happened that must never happen."""
    ningbo.rest()
    yield
    ningbo.road.heal()
    ningbo.rest()


def tell(what: str, **figures: object) -> None:
    """What this run drew and measured; pytest shows it where a test fails, and with -rP."""
    print(what, ", ".join(f"{name} {value}" for name, value in figures.items()))


def drained_by(ningbo: Edged, healed: float, what: str) -> None:
    """Everything that was held up comes to its end within the time that is promised."""
    ningbo.settle(DRAINED_SECONDS)
    seconds = time.monotonic() - healed
    tell(what, drained_seconds=round(seconds, 1))
    assert seconds <= DRAINED_SECONDS


def test_without_faults_nothing_is_asked_twice(ningbo: Edged) -> None:
    before, size = ningbo.asked(), 16
    with ningbo.submitting(size):
        pass
    calls = ningbo.calls_for_a_decision(before, size)
    tell("calm", calls_for_a_decision=calls)
    assert calls <= MOST_CALLS_FOR_A_DECISION


@pytest.mark.parametrize("seed", range(8) if FULL else [6])
def test_faults_on_all_edges_at_once_lose_and_double_nothing(ningbo: Edged, seed: int) -> None:
    kinds = Kinds(random.Random(seed))
    drawn = {name: kinds.chance.choice(KINDS) for name in ningbo.road.by_name}
    tell(f"seed {seed}", **drawn)
    with ningbo.submitting(24):
        for name, kind in drawn.items():
            ningbo.road.suffer(name, kinds.make(kind))
        time.sleep(LASTS_SECONDS)
        ningbo.road.heal()
        healed = time.monotonic()
    drained_by(ningbo, healed, f"seed {seed}")


@pytest.mark.full
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("agency", AGENCIES)
def test_an_edge_to_an_agency_that_suffers_parks_its_part_alone(ningbo: Edged, agency: str, kind: str) -> None:
    kinds = Kinds(random.Random(f"{agency} {kind}"))
    before, size = ningbo.asked(), 24
    decided = {other: ningbo.decided_by(other) for other in AGENCIES}
    ningbo.road.suffer(edge_to(agency), kinds.make(kind))
    with ningbo.submitting(size):
        pass  # the client gets an answer to each while the fault lasts
    for other in set(AGENCIES) - {agency}:
        assert ningbo.decided_by(other) - decided[other] == size, f"{other} was held up"
    for one in ningbo.unsettled():
        assert parked_on(one) == {agency}
        [part] = [part for part in one["agencies"] if part["agency"] == agency]
        assert part["parkTime"]
        assert part["parkReason"]
    if kind in SHUT:
        assert ningbo.decided_by(agency) == decided[agency], "nothing was heard of it"
        assert len(ningbo.unsettled()) == size
    ningbo.road.heal()
    drained_by(ningbo, time.monotonic(), f"{agency}, {kind}")
    tell(f"{agency}, {kind}", calls_for_a_decision=ningbo.calls_for_a_decision(before, size))


@pytest.mark.full
@pytest.mark.parametrize("kind", KINDS)
def test_an_edge_of_brokers_that_suffers_delays_them_and_doubles_nothing(ningbo: Edged, kind: str) -> None:
    kinds = Kinds(random.Random(f"brokers {kind}"))
    with ningbo.submitting(24):
        ningbo.road.suffer(BROKERS, kinds.make(kind))
        time.sleep(LASTS_SECONDS)
        ningbo.road.heal()
        began = time.monotonic()
    answered = time.monotonic() - began
    tell(f"brokers, {kind}", answered_seconds=round(answered, 1), drained_seconds=ningbo.settle(DRAINED_SECONDS))
