"""A box leaves as a whole, on both databases: what of others lies in it keeps it until that may leave too."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import Connection, delete

from agencykit.decisions.tables import cases, consignments, waits
from agencykit.decisions.tables import metadata as kit_metadata
from agencykit.refusals import GoodsHeld, NotReleased, OrderUnverified, OutOfScope, Refusal
from agencykit.storage.rows import insert
from agencykit.testing.racing import overtaking
from agencykit.testing.statements import statements_of
from clearance.agency.v1.agency_service_pb2 import Outcome
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.transport_pb2 import TransportMeans
from port.domain.facts import Facts
from port.domain.gate import GateFacts, Way
from port.domain.interests import interests
from port.operations import lodging
from port.operations.beside import numbers_beside, read_neighbours
from port.operations.gate import Gate, report_gate_outs
from port.operations.releases import read_releases
from port.rpc.consignments import read_consignment
from port.storage.places import in_use
from port.storage.tables import metadata

from .gating import CSQU, MSKU, NOW, NUMBER, assessed, consignment, out, report

OTHER = "310020041117BBBB"
OWN_DOCUMENT, OTHER_DOCUMENT = f"HLCU{NUMBER}", f"HLCU{OTHER}"
SHIP = {"conveyance": "9074729", "voyage": "047W", "packages": 40, "gross_mass_kg": 1000.0, "port_code": "CNBLG"}


def together_in(connection: Connection, *documents: str) -> None:
    """These documents' goods lie in CSQU3054383, on one call of one ship."""
    lodging.lodge_manifests(connection, [SHIP | {"document": each, "containers": CSQU} for each in documents])


def declared(connection: Connection, number: str, content: bytes | None = None) -> None:
    """A clearance that the port has assessed, as the kit stores it."""
    content = content or consignment(number)
    insert(connection, consignments, [assessed(number, content)], "ignore")
    case = (number, 1, 1, sha256(content).digest(), b"", "port/1", 1, "", None, 0, None, None, None)
    insert(connection, cases, [case])
    keys = interests(read_consignment(Consignment.FromString(content)), Facts())
    insert(connection, waits, [(number, *key) for key in keys])


def in_boxes(number: str, *containers: str) -> bytes:
    """The same consignment, its goods in these boxes."""
    made = Consignment.FromString(consignment(number))
    del made.containers[:]
    for each in containers:
        made.containers.add(number=each)
    return made.SerializeToString(deterministic=True)


def test_a_box_leaves_when_all_that_lies_in_it_is_released(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    together_in(connection, OWN_DOCUMENT, OTHER_DOCUMENT)
    declared(connection, NUMBER)
    port(order_gateway.release(NUMBER, 1, consignment()))
    assert out(connection, gate, report(CSQU), report(MSKU)) == [OutOfScope, MSKU], "nobody has declared the other"
    declared(connection, OTHER)
    [kept] = report_gate_outs(connection, gate, [report(CSQU)], NOW)
    assert isinstance(kept, Refusal)
    assert OTHER in kept.metadata["subject"]
    port(order_gateway.release(OTHER, 1, consignment(OTHER)), order_gateway.outcome(OTHER, 2, Outcome.KIND_STOPPED))
    assert out(connection, gate, report(CSQU)) == [OutOfScope]
    port(order_gateway.release(OTHER, 3, consignment(OTHER)))
    assert out(connection, gate, report(CSQU), report(CSQU, 3, OTHER)) == [CSQU, CSQU]


def test_a_box_that_leaves_frees_the_places_of_all_that_lies_in_it(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    together_in(connection, OWN_DOCUMENT, OTHER_DOCUMENT)
    declared(connection, OTHER)
    port(order_gateway.release(NUMBER, 1, consignment()), order_gateway.release(OTHER, 1, consignment(OTHER)))
    row = {"container": CSQU, "place_code": "BEILUN-2/C07", "assign_time": NOW, "yard": "BEILUN-2/YARD"}
    lodging.assign_places(connection, [row | {"document": each} for each in (OWN_DOCUMENT, OTHER_DOCUMENT)])
    assert in_use(connection, "BEILUN-2/YARD") == 1
    assert out(connection, gate, report(CSQU)) == [CSQU]
    assert in_use(connection, "BEILUN-2/YARD") == 0


def test_what_has_left_in_the_box_does_not_keep_what_is_reported_after_it(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    together_in(connection, OWN_DOCUMENT, OTHER_DOCUMENT)
    declared(connection, NUMBER)
    declared(connection, OTHER)
    port(order_gateway.release(NUMBER, 1, consignment()), order_gateway.release(OTHER, 1, consignment(OTHER)))
    assert out(connection, gate, report(CSQU, number=OTHER)) == [CSQU]
    port(order_gateway.outcome(OTHER, 2, Outcome.KIND_STOPPED))
    assert out(connection, gate, report(CSQU), report(MSKU, 2, OTHER)) == [CSQU, NotReleased]


def test_the_same_box_on_another_voyage_keeps_nothing(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    together_in(connection, OWN_DOCUMENT)
    earlier = SHIP | {"document": "HLCU-EARLIER", "voyage": "046W", "containers": CSQU}
    lodging.lodge_manifests(connection, [earlier])
    port(order_gateway.release(NUMBER, 1, consignment()))
    assert out(connection, gate, report(CSQU)) == [CSQU]


def test_a_corrected_manifest_frees_the_box_it_no_longer_lists(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    together_in(connection, OWN_DOCUMENT, OTHER_DOCUMENT)
    port(order_gateway.release(NUMBER, 1, consignment()))
    assert out(connection, gate, report(CSQU)) == [OutOfScope]
    lodging.lodge_manifests(connection, [SHIP | {"document": OTHER_DOCUMENT, "containers": MSKU}])
    assert out(connection, gate, report(CSQU), report(MSKU)) == [CSQU, OutOfScope]


def test_goods_that_their_own_declaration_leaves_out_of_the_box_keep_it(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    together_in(connection, OWN_DOCUMENT, OTHER_DOCUMENT)
    elsewhere = in_boxes(OTHER, MSKU)
    declared(connection, OTHER, elsewhere)
    port(order_gateway.release(NUMBER, 1, consignment()), order_gateway.release(OTHER, 1, elsewhere))
    [kept] = report_gate_outs(connection, gate, [report(CSQU)], NOW)
    assert isinstance(kept, OutOfScope)
    assert OTHER_DOCUMENT in kept.metadata["subject"]


def test_a_second_declaration_of_the_same_document_keeps_the_box_only_where_its_goods_may_lie_in_it(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    shared = Consignment.FromString(in_boxes(OTHER, MSKU))
    shared.transport_document_number = OWN_DOCUMENT
    together_in(connection, OWN_DOCUMENT)
    declared(connection, NUMBER)
    declared(connection, OTHER, shared.SerializeToString(deterministic=True))
    port(order_gateway.release(NUMBER, 1, consignment()))
    assert out(connection, gate, report(CSQU), report(MSKU)) == [CSQU, OutOfScope]


def test_goods_that_name_no_box_keep_every_box_of_their_document_until_they_are_released(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    together_in(connection, OWN_DOCUMENT, OTHER_DOCUMENT)
    loose = in_boxes(OTHER)
    declared(connection, OTHER, loose)
    port(order_gateway.release(NUMBER, 1, consignment()))
    assert out(connection, gate, report(CSQU)) == [OutOfScope]
    port(order_gateway.release(OTHER, 1, loose))
    assert out(connection, gate, report(CSQU)) == [CSQU]


def test_goods_declared_as_post_keep_the_box_that_a_manifest_lists_for_their_document(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    posted = Consignment.FromString(consignment(OTHER))
    posted.transport_document_number, posted.border_transport.mode = OWN_DOCUMENT, TransportMeans.MODE_POST
    together_in(connection, OWN_DOCUMENT)
    declared(connection, OTHER, posted.SerializeToString(deterministic=True))
    port(order_gateway.release(NUMBER, 1, consignment()))
    assert out(connection, gate, report(CSQU)) == [OutOfScope]


def test_what_was_withdrawn_declares_nothing(connection: Connection, gate: Gate, port: Any, order_gateway: Any) -> None:
    together_in(connection, OWN_DOCUMENT, OTHER_DOCUMENT)
    declared(connection, OTHER)
    withdrawn = order_gateway.outcome(OTHER, 1, Outcome.KIND_WITHDRAWN)
    port(order_gateway.release(NUMBER, 1, consignment()), withdrawn)
    [kept] = report_gate_outs(connection, gate, [report(CSQU)], NOW)
    assert isinstance(kept, OutOfScope)
    assert OTHER_DOCUMENT in kept.metadata["subject"]


def test_a_hold_on_the_document_of_others_keeps_the_box_in_which_their_goods_lie(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    together_in(connection, OWN_DOCUMENT, OTHER_DOCUMENT)
    declared(connection, OTHER)
    port(order_gateway.release(NUMBER, 1, consignment()), order_gateway.release(OTHER, 1, consignment(OTHER)))
    held = {"id": "H-9", "subject": OTHER_DOCUMENT, "reason": "storage unpaid", "lifted": False}
    lodging.place_holds(connection, [held])
    assert out(connection, gate, report(CSQU), report(MSKU)) == [GoodsHeld, MSKU]
    lodging.place_holds(connection, [held | {"lifted": True}])
    assert out(connection, gate, report(CSQU)) == [CSQU]


def test_a_box_is_loaded_only_when_the_orders_of_all_its_goods_rest_on_what_loading_needs(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    own, others = consignment(export=True), consignment(OTHER, export=True)
    together_in(connection, OWN_DOCUMENT, OTHER_DOCUMENT)
    declared(connection, NUMBER, own)
    declared(connection, OTHER, others)
    short = order_gateway.order(OTHER, 1, others)
    del short.decisions[:]
    released = order_gateway.outcome(OTHER, 1, Outcome.KIND_RELEASED, *order_gateway.sign(short))
    port(order_gateway.release(NUMBER, 1, own), released)
    loading = replace(gate, loading_rests_on=("customs",))
    asked = (report(CSQU, number=OTHER, way=Way.LOADING), report(CSQU, way=Way.LOADING))
    assert out(connection, loading, *asked) == [OrderUnverified, OutOfScope]
    port(order_gateway.release(OTHER, 2, others))
    assert out(connection, loading, report(CSQU, way=Way.LOADING)) == [CSQU]


def test_an_order_that_came_after_the_locks_were_taken_releases_nothing_yet(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    together_in(connection, OWN_DOCUMENT, OTHER_DOCUMENT)
    declared(connection, OTHER)
    port(order_gateway.release(NUMBER, 1, consignment()), order_gateway.release(OTHER, 1, consignment(OTHER)))
    box, facts = {(OWN_DOCUMENT, CSQU)}, GateFacts(60, 0)
    assert numbers_beside(connection, gate.readers, [NUMBER], {CSQU}) == {OTHER}
    asked = report(CSQU).report
    for locked, keeping in (([NUMBER], (OTHER,)), ([NUMBER, OTHER], ())):
        releases = read_releases(connection, gate.readers, locked)
        neighbours = read_neighbours(connection, gate.readers, box, releases, {})
        assert neighbours.keeping(asked, OWN_DOCUMENT, facts) == keeping


def test_of_many_that_keep_a_box_the_refusal_names_the_first(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    together_in(connection, OWN_DOCUMENT, *(f"HLCU-{place:03d}" for place in range(200)))
    port(order_gateway.release(NUMBER, 1, consignment()))
    [kept] = report_gate_outs(connection, gate, [report(CSQU)], NOW)
    assert isinstance(kept, Refusal)
    assert "HLCU-007 +192" in kept.metadata["subject"]


def test_a_batch_of_shared_boxes_costs_one_query_for_each_table(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    numbers = [f"310020041117{place:04d}" for place in range(20)]
    together_in(connection, *(f"HLCU{number}" for number in numbers))
    for number in numbers:
        declared(connection, number)
    port(*(order_gateway.release(number, 1, consignment(number)) for number in numbers))
    with statements_of(connection) as statements:
        assert out(connection, gate, *(report(CSQU, number=number) for number in numbers)) == [CSQU] * 20
    assert sum(statement.lstrip().startswith("SELECT") for statement in statements) <= 22


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_stop_of_others_that_is_told_while_the_box_is_reported_keeps_it(
    database_url: str, gate: Gate, port: Any, order_gateway: Any
) -> None:
    def released(connection: Connection) -> None:
        together_in(connection, OWN_DOCUMENT, OTHER_DOCUMENT)
        declared(connection, OTHER)
        port(*(order_gateway.release(each, 1, consignment(each)) for each in (NUMBER, OTHER)), on=connection)

    def emptied(connection: Connection) -> None:
        for table in (*kit_metadata.sorted_tables, *metadata.sorted_tables):
            connection.execute(delete(table))

    overtaking(database_url, released, lambda connection: None)
    stop = order_gateway.outcome(OTHER, 2, Outcome.KIND_STOPPED)
    answers = overtaking(
        database_url,
        lambda connection: port(stop, on=connection),
        lambda connection: out(connection, gate, report(CSQU)),
    )
    overtaking(database_url, emptied, lambda connection: None)
    assert answers == [OutOfScope]
