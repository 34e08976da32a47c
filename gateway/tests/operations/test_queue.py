"""Submissions that wait for a convoy: bounded, shared fairly, urgent ones first, callers in turn."""

import asyncio
from collections.abc import Iterator

import pytest

from agencykit.refusals import Overloaded
from gateway.domain.commitment import Journey
from gateway.operations.accept import Submission
from gateway.operations.limits import Limits
from gateway.operations.questions import Root
from gateway.operations.queue import LATEST, SOONEST, Entry, Queue

FLOOD, MODEST = "spiffe://ningbo.clearance/broker/3104980001", "spiffe://ningbo.clearance/broker/3104980002"


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


class Door:
    """Entries with a number, a caller and a size."""

    def __init__(self, loop: asyncio.AbstractEventLoop, **limits: int) -> None:
        self.loop, self.queue = loop, Queue(Limits(**limits))

    def entry(self, reference: str, broker: str, size: int = 100, *, urgent: bool = False, gateway: str = "") -> Entry:
        journey = Journey("import", "sea", "", None)
        submission = Submission(reference, reference, broker, reference, journey, bytes(size), b"", "", urgent=urgent)
        submission.relayed_from = gateway
        return Entry(submission, Root(), self.loop.create_future())

    def add(self, count: int, broker: str, size: int = 100, *, urgent: bool = False) -> None:
        for number in range(count):
            self.queue.add([self.entry(f"{broker[-1]}-{number}", broker, size, urgent=urgent)])

    def load(self, most: int) -> list[str]:
        return [entry.submission.reference for entry in self.queue.load(most)]


def test_a_broker_who_floods_does_not_hold_up_another(loop: asyncio.AbstractEventLoop) -> None:
    door = Door(loop)
    door.add(1000, FLOOD)
    door.add(2, MODEST)
    assert door.load(5) == ["1-0", "2-0", "1-1", "2-1", "1-2"]


def test_what_is_urgent_goes_first_and_among_it_callers_in_turn(loop: asyncio.AbstractEventLoop) -> None:
    door = Door(loop)
    door.add(3, FLOOD)
    door.add(2, MODEST, urgent=True)
    door.add(1, FLOOD, urgent=True)
    assert door.load(4) == ["2-0", "1-0", "2-1", "1-0"]


def test_a_flood_takes_three_quarters_and_is_told_when_to_come_again(loop: asyncio.AbstractEventLoop) -> None:
    door = Door(loop, queue_items=40, convoy_items=10)
    door.add(30, FLOOD)
    with pytest.raises(Overloaded) as refused:
        door.queue.add([door.entry("1-30", FLOOD)], convoy_seconds=0.5)
    assert refused.value.retry_seconds == 2.0, "three convoys of its own, and the one after"
    door.add(10, MODEST)
    with pytest.raises(Overloaded) as refused:
        door.queue.add([door.entry("2-10", MODEST)])
    assert SOONEST == refused.value.retry_seconds < LATEST
    door.queue.load(10)
    door.add(5, MODEST)


def test_bytes_are_shared_as_items_are_and_given_back(loop: asyncio.AbstractEventLoop) -> None:
    door = Door(loop, queue_bytes=4000, convoy_bytes=1500)
    door.add(3, FLOOD, size=1000)
    with pytest.raises(Overloaded):
        door.add(1, FLOOD, size=1000)
    door.add(1, MODEST, size=1000)
    assert [door.load(10) for _ in range(4)] == [["1-0"], ["2-0"], ["1-1"], ["1-2"]], "a convoy closes at its bytes"
    door.add(3, FLOOD, size=1000)


def test_who_has_gone_away_gives_his_room_back_and_does_not_travel(loop: asyncio.AbstractEventLoop) -> None:
    door = Door(loop, queue_items=4)
    gone = [door.entry(f"1-{number}", FLOOD) for number in range(3)]
    door.queue.add(gone)
    for entry in gone:
        entry.answer.cancel()
    assert door.load(10) == []
    door.add(3, FLOOD)


def test_what_a_partner_sends_counts_as_its_own_whoever_declared_it(loop: asyncio.AbstractEventLoop) -> None:
    door = Door(loop, queue_items=8)
    partner = "spiffe://hangzhou.clearance/gateway"
    door.queue.add([door.entry(f"h-{number}", f"broker/{number}", gateway=partner) for number in range(6)])
    with pytest.raises(Overloaded):
        door.queue.add([door.entry("h-6", "broker/6", gateway=partner)])
    door.add(2, MODEST)
