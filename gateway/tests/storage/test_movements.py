"""Movements in transit as they are stored, on both databases."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection

from agencykit.refusals import Unavailable
from agencykit.storage.engines import make_engine
from gateway.domain.transit.content import (
    AnticipatedArrival,
    ArrivalAdvice,
    Content,
    ControlResults,
    DepartureRecord,
    Discharge,
    Discrepancy,
    DiscrepancyKind,
    MovementRecord,
    SealState,
    UnloadingRemarks,
)
from gateway.domain.transit.movement import Movement
from gateway.domain.transit.states import Event, Side, State
from gateway.storage.movement_mail import (
    Direction,
    Stream,
    due_letters,
    positions,
    post,
    put_off,
    receipted,
    refused_before,
    requeue,
    store_positions,
    store_refusals,
    waiting_letters,
)
from gateway.storage.movements import (
    Filter,
    Happened,
    Key,
    append_events,
    due_movements,
    history,
    insert_movements,
    keys_by_reference,
    list_movements,
    load_movements,
    update_movements,
)

NOW = 1_100_649_600_000_000
MRN, OTHER = "04CN31007K3M9QZAJ1", "04CN31007K3M9QZBJ2"
RECORD = DepartureRecord(NOW, NOW + 5, ("CN-1", "CN-2"), "A1")
REMARKS = UnloadingRemarks(False, SealState.BROKEN, NOW, (Discrepancy(1, DiscrepancyKind.MISSING, "三台短少"),))
# Bytes that are no text.
DECLARATION = bytes(range(256))
HERE = Key(Side.DEPARTURE, MRN)
TO_HANGZHOU = Stream("hangzhou", Side.DESTINATION, MRN)


def movement(mrn: str = MRN) -> Movement:
    begun = Movement(
        *(Side.DEPARTURE, mrn, State.RELEASED, "hangzhou", "2921", f"LRN-{mrn}", "broker"),
        *(DECLARATION, b"\x01" * 32, "00-trace", NOW, NOW),
    )
    whole = replace(begun, departure=RECORD, remarks=REMARKS, arrival=ArrivalAdvice("2921", NOW, SealState.INTACT))
    return replace(whole, former=("shanghai",), conflict=True, due_time=NOW, etag=1)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = make_engine(database_url, connections=1)
    with engine.begin() as opened:
        yield opened
    engine.dispose()


def test_movements_are_read_as_they_were_written(connection: Connection) -> None:
    there = replace(movement(), side=Side.DESTINATION, declarant="", lrn="", departure=None, arrival=None, remarks=None)
    insert_movements(connection, [movement(), there])
    assert load_movements(connection, [HERE], lock=True) == {HERE: movement()}
    assert load_movements(connection, [Key(Side.DESTINATION, MRN)])[Key(Side.DESTINATION, MRN)] == there
    assert keys_by_reference(connection, [("broker", f"LRN-{MRN}")]) == {("broker", f"LRN-{MRN}"): HERE}


def test_whoever_was_slower_writes_nothing(connection: Connection) -> None:
    insert_movements(connection, [movement()])
    first = movement().changed(state=State.ARRIVED, etag=2)
    update_movements(connection, [(movement(), first)])
    with pytest.raises(Unavailable):
        update_movements(connection, [(movement(), movement().changed(state=State.CANCELLING, etag=2))])
    assert load_movements(connection, [HERE])[HERE] == first


def test_a_declaration_that_is_brought_is_kept_with_all_else(connection: Connection) -> None:
    insert_movements(connection, [movement()])
    brought = movement().changed(declaration=b"another", digest=b"\x02" * 32, state=State.ARRIVED, etag=2)
    update_movements(connection, [(movement(), brought)])
    assert load_movements(connection, [HERE])[HERE] == brought


def test_those_that_are_due_come_the_longest_due_first(connection: Connection) -> None:
    insert_movements(connection, [movement(), movement(OTHER).changed(due_time=NOW - 1)])
    assert [each.mrn for each in due_movements(connection, NOW, 9)] == [OTHER, MRN]
    assert [each.mrn for each in due_movements(connection, NOW - 1, 9)] == [OTHER]


def test_what_happened_is_kept_in_its_order(connection: Connection) -> None:
    happened = [
        Happened(place, NOW, Event.INCIDENT, State.RELEASED, State.INCIDENT, "hangzhou", place == 2) for place in (2, 1)
    ]
    append_events(connection, [(HERE, each) for each in happened])
    assert history(connection, HERE) == list(reversed(happened))


def test_lists_are_filtered_and_paged_newest_first(connection: Connection) -> None:
    insert_movements(connection, [movement(), movement(OTHER).changed(create_time=NOW + 1, state=State.OVERDUE)])
    everything = Filter("", (), 0, "", False, None)
    listed = list_movements(connection, everything, 9)
    assert [(each.mrn, each.declaration) for each in listed] == [(OTHER, b""), (MRN, b"")]
    older = everything._replace(before=(NOW + 1, OTHER, 1))
    assert [each.mrn for each in list_movements(connection, older, 9)] == [MRN]
    for wanted in ({"overdue": True}, {"states": (int(State.OVERDUE),)}):
        assert [each.mrn for each in list_movements(connection, everything._replace(**wanted), 9)] == [OTHER]
    for nobody in ({"declarant": "other"}, {"other": "nanjing"}, {"side": 2}):
        assert list_movements(connection, everything._replace(**nobody), 9) == []


def test_of_a_stream_the_first_letter_is_due_and_the_next_once_it_is_gone(connection: Connection) -> None:
    said: list[Content] = [
        AnticipatedArrival(MovementRecord(DECLARATION, b"\x01" * 32, RECORD, "2921")),
        Discharge(NOW),
    ]
    for content in said:
        post(connection, [(TO_HANGZHOU, content, "00-trace")], NOW)
    post(connection, [(TO_HANGZHOU._replace(mrn=OTHER), ControlResults(REMARKS), "00-trace")], NOW)
    first = due_letters(connection, "hangzhou", NOW, 9, 10**6)
    assert [(each.stream.mrn, each.sequence) for each in first] == [(MRN, 1), (OTHER, 1)]
    assert [each.content for each in waiting_letters(connection, MRN)] == said
    receipted(connection, first, NOW)
    assert [(each.stream.mrn, each.sequence) for each in due_letters(connection, "hangzhou", NOW, 9, 10**6)] == [
        (MRN, 2)
    ]
    assert positions(connection, Direction.SAID, [TO_HANGZHOU]) == {TO_HANGZHOU: 2}


def test_what_was_set_aside_is_due_again_once_somebody_asks(connection: Connection) -> None:
    post(connection, [(TO_HANGZHOU, Discharge(NOW), "00-trace")], NOW)
    [letter] = due_letters(connection, "hangzhou", NOW, 9, 10**6)
    put_off(connection, [(letter, "FORM_INVALID", None)])
    assert due_letters(connection, "hangzhou", NOW + 10**12, 9, 10**6) == []
    [aside] = waiting_letters(connection, MRN)
    assert (aside.set_aside, aside.attempts, aside.reason) == (True, 1, "FORM_INVALID")
    requeue(connection, MRN, NOW)
    assert len(due_letters(connection, "hangzhou", NOW, 9, 10**6)) == 1


def test_positions_and_refusals_stay(connection: Connection) -> None:
    heard = Stream("hangzhou", Side.DEPARTURE, MRN)
    assert positions(connection, Direction.HEARD, [heard, heard]) == {heard: 0}
    store_positions(connection, Direction.HEARD, {heard: 1})
    store_positions(connection, Direction.HEARD, {heard: 2})
    assert positions(connection, Direction.HEARD, [heard]) == {heard: 2}
    for _ in range(2):
        store_refusals(connection, [(heard, 2, "ARRIVED")])
    assert refused_before(connection, [(heard, 1), (heard, 2)]) == {(heard, 2): "ARRIVED"}
