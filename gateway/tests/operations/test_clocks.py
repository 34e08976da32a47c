"""The commitment clock and the attribution ledger, as the gateway tells them."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection

from agencykit.storage.engines import make_engine
from clearance.gateway.v1 import clearance_pb2 as pb

OPERATOR = "operator/port-office"
HOUR = 3_600_000_000


@pytest.fixture
def connection(district: Any) -> Iterator[Connection]:
    engine = make_engine(district.database_url, connections=0)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def micros(part: Any) -> int:
    """A timestamp or duration in whole microseconds."""
    assert part.nanos % 1000 == 0
    return int(part.seconds) * 1_000_000 + part.nanos // 1000


def adds_up(clock: pb.CommitmentClock) -> bool:
    """Intervals and shares sum to the time between begin and end."""
    end = clock.end_time if clock.HasField("end_time") else clock.read_time
    gross = micros(end) - micros(clock.begin_time)
    intervals = sum(micros(each.end_time) - micros(each.begin_time) for each in clock.intervals)
    shares = sum(micros(share.duration) for share in clock.shares)
    return gross == micros(clock.gross_duration) == intervals == shares


async def test_whoever_is_waited_for_is_charged_and_released_goods_wait_for_the_trader(
    district: Any, broker: Any, reference: str, make: Any
) -> None:
    number = (await broker.submit(make.sea_import(reference))).number
    waiting = (await broker.get(number)).clock
    assert waiting.intervals[-1].charged == "carrier", "all four wait for the carrier's weight note"
    assert adds_up(waiting)
    await district.weigh(reference)

    async def released() -> Any:
        clearance = await broker.get(number)
        return clearance if clearance.state == pb.Clearance.STATE_RELEASED else None

    clearance = await make.eventually(released)
    clock = clearance.clock
    assert (clock.intervals[-1].charged, list(clock.intervals[-1].holders)) == ("trader", ["trader"])
    assert adds_up(clock)
    assert micros(clock.due_time) == micros(clearance.create_time) + 24 * HOUR
    trader = next(micros(share.duration) for share in clock.shares if share.holder == "trader")
    assert micros(clock.net_duration) == micros(clock.gross_duration) - trader


async def test_an_agency_whose_service_is_away_is_an_outage(
    district: Any, broker: Any, reference: str, make: Any
) -> None:
    district.offices["border"].down = True
    number = (await broker.submit(make.air_import(reference), seconds=2.0)).number
    clock = (await broker.get(number)).clock
    assert clock.intervals[-1].charged == "outage"
    district.offices["border"].down = False

    async def released() -> Any:
        return (await broker.get(number)).state == pb.Clearance.STATE_RELEASED

    await make.eventually(released)
    after = (await broker.get(number)).clock
    assert {"outage", "trader"} <= {share.holder for share in after.shares}
    assert adds_up(after)


async def test_an_amendment_keeps_the_clock_and_a_withdrawal_ends_it(broker: Any, reference: str, make: Any) -> None:
    first = await broker.submit(make.sea_import(reference))
    changed = make.sea_import(reference)
    changed.goods_location_code = "BEILUN-3"
    await broker.amend(first.number, 1, changed)
    amended = (await broker.get(first.number)).clock
    assert amended.begin_time == first.create_time
    assert adds_up(amended)
    await broker.withdraw(first.number, 2)
    over = (await broker.get(first.number)).clock
    assert over.HasField("end_time")
    assert not over.left
    assert adds_up(over)


async def test_lists_tell_clocks_where_they_are_asked_for(broker: Any, reference: str, make: Any) -> None:
    await broker.submit(make.air_import(reference))
    [plain] = (await broker.list()).clearances
    [timed] = (await broker.list(with_clock=True)).clearances
    assert not plain.HasField("clock")
    assert timed.clock.shares
    assert not timed.clock.intervals
    assert (timed.direction, timed.mode) == (1, 4)
    assert not (await broker.list(overdue=True)).clearances


async def test_pages_of_the_overdue_hold_each_once_and_nobody_who_is_in_time_or_over(
    connection: Connection, broker: Any, reference: str, make: Any
) -> None:
    from gateway.operations.listing import Key, overdue_page
    from gateway.storage.listing import Filter

    late = [await broker.submit(make.air_import(f"{reference}-{n}")) for n in range(3)]
    at_sea = await broker.submit(make.sea_import(f"{reference}-sea"))
    gone = await broker.submit(make.sea_import(f"{reference}-gone"))
    await broker.withdraw(gone.number)
    now = micros(late[-1].create_time) + 11 * HOUR

    def pages(moment: int) -> list[list[str]]:
        found: list[list[str]] = []
        after: Key | None = None
        while not found or after is not None:
            page = overdue_page(connection, Filter(), after, 2, moment)
            found.append([view.case.number for view in page.views])
            after = page.next_key
            connection.rollback()
        return found

    numbers = [each.number for each in late][::-1]
    assert pages(now) == [numbers[:2], numbers[2:]]
    assert pages(now - 2 * HOUR) == [[]]
    assert pages(now + 14 * HOUR) == [[at_sea.number, numbers[0]], numbers[1:]]


async def test_a_case_of_a_key_with_priority_goes_before_others_and_is_found_by_it(
    district: Any, reference: str, make: Any, tmp_path: Any
) -> None:
    told = tmp_path / "commitments.toml"
    told.write_text(
        'version = "test-1"\n[[key]]\nid = "PORT-NINGBO"\nkind = "port"\nzh = "宁波港"\nen = "Ningbo"\n'
        'ports = ["CNNBG"]\ntarget_minutes = 60\npriority = true\n',
        "utf-8",
    )
    caller = (await district.open_gateway(commitments_file=told)).caller()
    usual = await caller.submit(make.air_import(f"{reference}-1"))
    key = make.air_import(f"{reference}-2")
    key.port_code = "CNNBG"
    first = await caller.submit(key)
    assert (usual.urgent, list(usual.key_ids)) == (False, [])
    assert (first.urgent, list(first.key_ids)) == (True, ["PORT-NINGBO"])
    assert [each.number for each in (await caller.list(key_id="PORT-NINGBO")).clearances] == [first.number]
    assert not (await caller.list(key_id="PORT-BEILUN")).clearances
    published = await caller.commitments()
    assert [(each.id, each.target_minutes) for each in published.keys] == [("PORT-NINGBO", 60)]


async def test_what_is_promised_is_published(broker: Any) -> None:
    published = await broker.commitments()
    hours = {promise.rule_id: promise.hours for promise in published.promises}
    assert hours == {
        "COMMIT-SPECIAL-AREA": 8,
        "COMMIT-SPECIAL-INDUSTRY": 8,
        "COMMIT-AIR": 10,
        "COMMIT-SEA": 24,
    }
    assert [(each.agency, each.minutes, each.default_action) for each in published.deadlines] == [("*", 240, 1)]
    assert {"PERISHABLE", "OTHER"} <= {reason.code for reason in published.urgent_reasons}
