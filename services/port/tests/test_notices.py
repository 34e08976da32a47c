"""Notices of orders: everybody from his own place, and nobody sees what is not his."""

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import Connection, delete

from agencykit.decisions import tables as kit
from agencykit.decisions.messages import told
from agencykit.decisions.outcomes import record_outcomes
from agencykit.storage.bulk import insert_rows
from agencykit.testing.consignments import sea_import
from agencykit.testing.racing import overtaking
from agencykit.testing.statements import statements_of
from clearance.agency.v1.agency_service_pb2 import Outcome
from port.operations import lodging
from port.operations.notices import HAULIER, PAGE, TERMINAL, Notices, Reader
from port.operations.releases import Proved, Readers
from port.rpc.readers import read_goods, read_scope
from port.storage.tables import arrivals

NOW = 1_100_660_000_000_000
ONE, TWO = "310020041117AAAA", "310020041117BBBB"
EVERYBODY, BEILUN, YONGGANG = Reader(), Reader(TERMINAL, "BEILUN-2"), Reader(HAULIER, "YONGGANG")


def document(number: str) -> str:
    return f"HLCU{number}"


@pytest.fixture
def notices() -> Notices:
    return Notices(Readers(lambda stored, known: Proved(""), read_goods, read_scope))


@pytest.fixture
def tell(connection: Connection, order_gateway: Any) -> Callable[..., None]:
    """Tells orders about consignments that the port has assessed."""

    def tell(*outcomes: Outcome, on: Connection = connection) -> None:
        columns = ("clearance_number", "version", "digest", "consignment", "originator", "accept_time",
                   "traceparent", "tracestate", "given", "create_time")  # fmt: skip
        for place, each in enumerate(outcomes):
            number, content = each.clearance_number, sea_import(each.clearance_number).SerializeToString()
            row = (number, 1, sha256(content).digest(), content, "broker", NOW, "", "", b"", NOW)
            insert_rows(on, kit.consignments, [row], columns=columns, on_conflict="ignore")
            wait = (number, "goods", document(number))
            insert_rows(on, kit.waits, [wait], on_conflict="ignore")
            each.request_id = f"{number}-{each.order_number}-{place}"
        record_outcomes(on, [told(each, order_gateway.identity) for each in outcomes], None, NOW)

    return tell


def arrive(connection: Connection, number: str, terminal: str) -> None:
    entry = {"document": document(number), "arrive_time": NOW, "terminal_code": terminal}
    lodging.report_arrivals(connection, [entry])


def order(connection: Connection, number: str, haulier: str, withdrawn: bool = False) -> None:
    entry = {"document": document(number), "haulier": haulier, "withdrawn": withdrawn}
    lodging.lodge_delivery_orders(connection, [entry])


def seen(connection: Connection, notices: Notices, reader: Reader, after: int = 0) -> list[tuple[str, int]]:
    found, _, _ = notices.after(connection, reader, after)
    return [(each.stored.clearance_number, each.stored.order_number) for each in found]


def test_a_reader_resumes_where_he_stopped_and_misses_none(
    connection: Connection, notices: Notices, tell: Any, order_gateway: Any
) -> None:
    tell(order_gateway.release(ONE, 1, b""))
    _, place, more = notices.after(connection, EVERYBODY, 0)
    assert not more
    tell(order_gateway.release(TWO, 1, b""), order_gateway.outcome(ONE, 2, Outcome.KIND_STOPPED))
    assert seen(connection, notices, EVERYBODY, place) == [(TWO, 1), (ONE, 2)]
    assert seen(connection, notices, EVERYBODY) == [(ONE, 1), (TWO, 1), (ONE, 2)]


def test_an_order_that_cannot_be_read_ends_nobodys_list_and_gives_no_haulier_anything(
    connection: Connection, notices: Notices, tell: Any, order_gateway: Any
) -> None:
    garbled = order_gateway.release(ONE, 1, b"")
    garbled.order = b"\xff\xff"
    tell(garbled, order_gateway.release(TWO, 1, b""))
    for number in (ONE, TWO):
        arrive(connection, number, "BEILUN-2")
        order(connection, number, "YONGGANG")
    assert seen(connection, notices, BEILUN) == [(TWO, 1)]
    assert (ONE, 1) in seen(connection, notices, EVERYBODY)
    assert (ONE, 1) not in seen(connection, notices, YONGGANG)


def test_what_became_of_goods_that_have_left_is_no_notice(
    connection: Connection, notices: Notices, tell: Any, order_gateway: Any
) -> None:
    tell(
        order_gateway.release(ONE, 1, b""),
        order_gateway.outcome(ONE, 2, Outcome.KIND_CLOSED),
        order_gateway.outcome(ONE, 3, Outcome.KIND_REOPENED),
    )
    assert seen(connection, notices, EVERYBODY) == [(ONE, 1)]


def test_a_terminal_sees_what_arrived_there_and_a_haulier_what_he_may_fetch(
    connection: Connection, notices: Notices, tell: Any, order_gateway: Any
) -> None:
    arrive(connection, ONE, "BEILUN-2")
    arrive(connection, TWO, "CHUANSHAN")
    order(connection, TWO, "YONGGANG")
    tell(order_gateway.release(ONE, 1, b""), order_gateway.release(TWO, 1, b""))
    assert seen(connection, notices, BEILUN) == [(ONE, 1)]
    assert seen(connection, notices, YONGGANG) == [(TWO, 1)]
    assert seen(connection, notices, Reader(HAULIER, "SIMING")) == []


def test_a_haulier_hears_when_goods_are_no_longer_his_to_fetch(
    connection: Connection, notices: Notices, tell: Any, order_gateway: Any
) -> None:
    order(connection, ONE, "YONGGANG")
    tell(order_gateway.release(ONE, 1, b""))
    for haulier, withdrawn, over in (("YONGGANG", True, True), ("YONGGANG", False, False), ("SIMING", False, True)):
        _, place, _ = notices.after(connection, YONGGANG, 0)
        order(connection, ONE, haulier, withdrawn)
        [notice], _, _ = notices.after(connection, YONGGANG, place)
        assert (notice.release.order, notice.over) == (1, over)
    siming, yonggang = (notices.after(connection, Reader(HAULIER, name), 0)[0] for name in ("SIMING", "YONGGANG"))
    assert ([each.over for each in siming], [each.over for each in yonggang]) == ([False], [True])
    assert notices.after(connection, Reader(HAULIER, "BEILUN-EXPRESS"), 0)[0] == []


def test_what_is_passed_over_is_passed_for_good_and_the_place_moves_on(
    connection: Connection, notices: Notices, tell: Any, order_gateway: Any
) -> None:
    tell(*(order_gateway.release(f"310020041117{place:04d}", 1, b"") for place in range(PAGE)))
    found, place, more = notices.after(connection, BEILUN, 0)
    assert (found, more) == ([], True)
    assert notices.after(connection, BEILUN, place) == ([], place, False)


def test_an_order_comes_again_when_the_goods_become_the_readers_to_see(
    connection: Connection, notices: Notices, tell: Any, order_gateway: Any
) -> None:
    tell(order_gateway.release(ONE, 1, b""), order_gateway.outcome(ONE, 2, Outcome.KIND_STOPPED))
    tell(order_gateway.release(TWO, 1, b""))
    _, place, _ = notices.after(connection, EVERYBODY, 0)
    arrive(connection, ONE, "BEILUN-2")
    assert seen(connection, notices, BEILUN, place) == [(ONE, 2)], "the newest only"
    _, place, _ = notices.after(connection, EVERYBODY, place)
    order(connection, ONE, "YONGGANG")
    assert seen(connection, notices, YONGGANG, place) == [(ONE, 2)]
    _, place, _ = notices.after(connection, EVERYBODY, place)
    arrive(connection, ONE, "BEILUN-2")
    assert seen(connection, notices, EVERYBODY, place) == [], "the same report again is no news"


def test_a_notice_names_the_boxes_that_the_order_covers(
    connection: Connection, notices: Notices, tell: Any, order_gateway: Any
) -> None:
    tell(order_gateway.release(ONE, 1, b"", "MSKU1234565"), order_gateway.release(TWO, 1, b""))
    (none, whole), _, _ = notices.after(connection, EVERYBODY, 0)
    assert (none.release.covered.containers, whole.release.covered.containers) == ((), ("CSQU3054383",))


def test_an_order_told_before_its_goods_were_assessed_names_them_once_they_are(
    connection: Connection, notices: Notices, tell: Any, order_gateway: Any
) -> None:
    early = order_gateway.release(ONE, 1, b"")
    early.request_id = "early"
    record_outcomes(connection, [told(early, order_gateway.identity)], None, NOW)
    arrive(connection, ONE, "BEILUN-2")
    assert seen(connection, notices, BEILUN) == []
    assert seen(connection, notices, EVERYBODY) == [(ONE, 1)]
    tell(order_gateway.release(ONE, 1, b""))
    assert seen(connection, notices, BEILUN) == [(ONE, 1)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_stop_that_is_told_while_goods_arrive_is_the_last_that_their_terminal_hears(
    database_url: str, notices: Notices, tell: Any, order_gateway: Any, connection: Connection
) -> None:
    stop = order_gateway.outcome(ONE, 2, Outcome.KIND_STOPPED)
    alone = partial(overtaking, database_url, lambda connection: None)
    alone(lambda connection: tell(order_gateway.release(ONE, 1, b""), on=connection))
    overtaking(
        database_url,
        lambda connection: tell(stop, on=connection),
        lambda connection: arrive(connection, ONE, "BEILUN-2"),
    )
    heard = seen(connection, notices, BEILUN)
    for table in (kit.outcomes, kit.waits, kit.consignments, kit.requests, arrivals):
        alone(lambda connection, table=table: connection.execute(delete(table)))
    assert heard == [(ONE, 1), (ONE, 2)]


def test_a_page_costs_one_query_for_each_table(
    connection: Connection, notices: Notices, tell: Any, order_gateway: Any
) -> None:
    tell(*(order_gateway.release(f"310020041117{place:04d}", 1, b"") for place in range(40)))
    with statements_of(connection) as statements:
        notices.after(connection, YONGGANG, 0)
    assert len([each for each in statements if each.lstrip().startswith("SELECT")]) == 4
