"""A room is shared fairly, whatever comes and goes; and what a request weighs is told without reading it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agencykit.rpc.shares import Shares
from agencykit.rpc.weighing import ITEM_BYTES, item_tags, items_of
from clearance.agency.v1 import agency_service_pb2 as agency
from clearance.agency.v1 import work_service_pb2 as work
from clearance.common.v1 import evidence_pb2 as evidence

WEIGHTS = {"gateway": 4, "li-wei": 1, "broker-1": 1, "broker-2": 1}
STEPS = st.lists(st.tuples(st.sampled_from(sorted(WEIGHTS)), st.booleans(), st.integers(1, 12)), max_size=120)


def shares(room: int, most_each: int | None = None) -> Shares[str]:
    return Shares(room, most_each, WEIGHTS.__getitem__)


def fill(room: Shares[str], caller: str) -> int:
    while room.fits(caller, 1):
        room.take(caller, 1)
    return room.held(caller)


@given(STEPS, st.integers(4, 64))
def test_never_is_more_in_than_the_room_and_what_leaves_leaves_nothing_behind(steps: Any, size: int) -> None:
    room, held = shares(size), [(caller, 0) for caller in ()]
    for caller, comes, amount in steps:
        if comes and room.fits(caller, amount):
            room.take(caller, amount)
            held.append((caller, amount))
        elif not comes and held:
            room.give(*held.pop())
        assert room.used == sum(amount for _, amount in held)
        assert room.used <= size or len(held) == 1, "only what is larger than the room, and alone"
        for each in WEIGHTS:
            assert room.held(each) == sum(amount for caller, amount in held if caller == each)
    for each in held:
        room.give(*each)
    assert (room.used, room.share("li-wei")) == (0, room.open)


@given(st.integers(4, 400), st.sampled_from(sorted(WEIGHTS)))
def test_one_alone_has_what_is_idle_and_a_second_is_let_in_at_once(size: int, first: str) -> None:
    room = shares(size)
    assert fill(room, first) == room.open
    second = next(each for each in WEIGHTS if each != first)
    assert fill(room, second) >= min(max(int(room.share(second)), 1), size // 4) > 0


@given(st.integers(16, 400), st.lists(st.sampled_from(sorted(WEIGHTS)), min_size=200, max_size=400))
def test_whoever_wants_more_than_his_share_comes_down_to_it_as_work_ends(size: int, arrivals: Any) -> None:
    """All four take whatever they get; each time the one who has most above his share loses one."""
    room = shares(size)
    fill(room, "broker-1")
    for caller in [*arrivals, *sorted(WEIGHTS) * size]:
        while room.fits(caller, 1):
            room.take(caller, 1)
        greedy = max(WEIGHTS, key=lambda each: room.held(each) / WEIGHTS[each])
        room.give(greedy, 1)
    for each in WEIGHTS:
        assert room.held(each) >= int(room.share(each)) - 1, "everybody has his share"


def test_a_caller_has_no_more_than_the_setting_says_however_idle_the_room() -> None:
    room = shares(100, most_each=10)
    assert fill(room, "gateway") == 10
    assert fill(room, "li-wei") == 10


def test_weights_say_how_the_room_is_shared() -> None:
    room = shares(100)
    room.take("gateway", 1)
    room.take("li-wei", 1)
    assert (room.share("gateway"), room.share("li-wei")) == (60, 15)


@given(st.integers(0, 300), st.integers(0, 40), st.booleans())
def test_items_are_counted_on_the_wire_as_they_are_when_read(items: int, other: int, unknown: bool) -> None:
    request = agency.AssessConsignmentsRequest(
        items=[agency.AssessmentItem(request_id=f"{number:032x}") for number in range(items)],
        recorded=[evidence.LogRange(log="customs-1", first_sequence=1) for _ in range(other)],
    )
    content = request.SerializeToString()
    if unknown:  # a later version's fields: varint, fixed64, fixed32, bytes
        content += b"\xf8\x3f\x96\x01" + b"\xf9\x3f" + bytes(8) + b"\xfd\x3f" + bytes(4) + b"\xfa\x3f\x02hi"
    tags = item_tags(agency.AssessConsignmentsRequest.DESCRIPTOR)
    assert items_of(content, tags) == max(items, other, 1, len(content) // ITEM_BYTES)


def test_what_is_large_weighs_by_its_bytes() -> None:
    assert items_of(bytes(10 * ITEM_BYTES), item_tags(work.ListWorkRequest.DESCRIPTOR)) == 10


@given(st.binary(max_size=200))
def test_bytes_that_are_no_message_weigh_something_and_do_no_harm(content: bytes) -> None:
    assert items_of(content, item_tags(agency.AssessConsignmentsRequest.DESCRIPTOR)) >= 1


def test_a_length_that_lies_does_not_hold_the_count_up() -> None:
    tags = item_tags(agency.AssessConsignmentsRequest.DESCRIPTOR)
    [tag, *_] = sorted(tags)
    assert items_of(bytes([tag]) + b"\xff" * 9 + b"\x01", tags) == 1
