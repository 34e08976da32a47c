"""What carriers, terminals and the port lodge is what the rules then know, on both databases."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection

from agencykit.decisions.tables import metadata as kit_metadata
from agencykit.storage.migrations import drift
from agencykit.testing.statements import statements_of
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.transport_pb2 import TransportMeans
from clearance.port.v1.manifest_service_pb2 import Arrival, Hold, Manifest, Place
from clearance.port.v1.manifest_service_pb2 import Tally as WireTally
from port.domain.consignment import ConsignmentView, DeclarationType, Mode
from port.domain.facts import Facts, Tally, Tolerances
from port.domain.facts import Hold as KnownHold
from port.domain.interests import interests
from port.operations import lodging
from port.rpc import facts as wire
from port.rpc.consignments import read_consignment
from port.storage.facts import FactsReader
from port.storage.places import in_use
from port.storage.tables import metadata

NOW = datetime(2004, 6, 18, 6, tzinfo=UTC)
READER = FactsReader(Tolerances(packages=2, gross_mass_percent=3.0))
DOCUMENT = {"transport_document_number": "cosu 4117"}


def consignment(document: str = "COSU4117", *containers: str) -> ConsignmentView:
    return read_consignment(declared(document, *containers))


def declared(document: str = "COSU4117", *containers: str) -> Consignment:
    made = Consignment(direction=Consignment.DIRECTION_IMPORT, transport_document_number=document)
    made.border_transport.CopyFrom(TransportMeans(mode=TransportMeans.MODE_SEA, identification="IMO 9319466"))
    for number in containers or ("CSQU3054383",):
        made.containers.add(number=number)
    return made


def known(connection: Connection, *views: ConsignmentView) -> list[Facts]:
    return READER(connection, views or (consignment(),), NOW)


def manifest(packages: int = 120, *containers: str) -> dict[str, Any]:
    numbers = containers or ("CSQU 305438-3", "MSKU1234565")
    ship = {"conveyance_identification": "IMO9319466", "voyage_number": "025w", "port_code": "CNNBG"}
    made = Manifest(**DOCUMENT, **ship, packages=packages, gross_mass_kg=10_000.5, container_numbers=numbers)
    return wire.manifest_entry(made)


def arrival() -> dict[str, Any]:
    made = Arrival(**DOCUMENT, terminal_code="BEILUN-2")
    made.arrive_time.FromDatetime(NOW)
    return wire.arrival_entry(made)


def place(code: str = "BEILUN-2/C07", container: str = "csqu 305438-3", yard: str = "BEILUN-2/YARD") -> dict[str, Any]:
    made = Place(**DOCUMENT, place_code=code, container_number=container)
    made.assign_time.FromDatetime(NOW)
    return wire.place_entry(made, yard)


def hold(subject: str, name: str = "H-3", lifted: bool = False) -> dict[str, Any]:
    return wire.hold_entry(Hold(id=name, subject=subject, reason="storage unpaid", lifted=lifted))


def test_the_migrated_database_is_the_one_the_code_declares(database_url: str) -> None:
    assert drift(database_url, metadata, kit_metadata) == []


def test_nothing_is_known_of_goods_that_nobody_reported(connection: Connection) -> None:
    assert known(connection) == [Facts(tolerances=READER.tolerances)]


def test_what_is_lodged_is_known_however_the_numbers_are_written(connection: Connection) -> None:
    lodging.lodge_manifests(connection, [manifest()])
    lodging.report_arrivals(connection, [arrival()])
    lodging.assign_places(connection, [place()])
    (facts,) = known(connection)
    assert facts.manifest is not None
    assert (facts.manifest.conveyance, facts.manifest.voyage) == ("9319466", "025W")
    assert (facts.manifest.packages, facts.manifest.gross_mass_kg) == (120, 10_000.5)
    assert facts.manifest.containers == {"CSQU3054383", "MSKU1234565"}
    assert (facts.arrive_time, facts.places) == (NOW, (("CSQU3054383", "BEILUN-2/C07"),))


def test_a_repeated_key_replaces_what_is_stored(connection: Connection) -> None:
    lodging.lodge_manifests(connection, [manifest(), manifest(121)])
    lodging.lodge_manifests(connection, [manifest(122, "CSQU3054383")])
    lodging.assign_places(connection, [place(), place("BEILUN-2/D01"), place("BEILUN-2/E09", "MSKU1234565")])
    (facts,) = known(connection)
    assert facts.manifest is not None
    assert (facts.manifest.packages, facts.manifest.containers) == (122, {"CSQU3054383"})
    assert facts.places == (("CSQU3054383", "BEILUN-2/D01"), ("MSKU1234565", "BEILUN-2/E09"))


@pytest.mark.parametrize(
    ("subject", "concerns"),
    [("COSU-4117", True), ("CSQU3054383", True), ("MSKU1234565", True), ("MSKU1234570", False)],
    ids=["document", "declared container", "manifested container", "another's container"],
)
def test_a_hold_concerns_the_document_and_every_container_of_it(
    connection: Connection, subject: str, concerns: bool
) -> None:
    lodging.lodge_manifests(connection, [manifest()])
    lodging.place_holds(connection, [hold(subject)])
    (facts,) = known(connection)
    assert [found.id for found in facts.holds] == (["H-3"] if concerns else [])
    lodging.place_holds(connection, [hold(subject, lifted=True)])
    assert known(connection)[0].holds == ()


def test_a_declared_box_is_known_to_hold_goods_of_other_documents_on_the_same_call(connection: Connection) -> None:
    """Until a manifest that is corrected says otherwise; on another voyage the box is another matter."""
    other, elsewhere = manifest() | {"document": "COSU4118"}, manifest() | {"document": "COSU4119", "voyage": "026W"}
    lodging.lodge_manifests(connection, [manifest(), other, elsewhere])
    assert known(connection)[0].beside == (("CSQU3054383", ("COSU4118",)),)
    lodging.lodge_manifests(connection, [other | {"containers": "MSKU1234565"}])
    assert known(connection)[0].beside == ()


def test_a_yard_counts_the_containers_that_stand_in_it_wherever_they_are_moved(connection: Connection) -> None:
    lodging.assign_places(connection, [place(), place(container="MSKU1234565"), place("WAREHOUSE-3", "")])
    assert in_use(connection, "BEILUN-2/YARD") == 2, "loose goods take up no container's room"
    lodging.assign_places(
        connection, [place("BEILUN-3/A01", yard="BEILUN-3/YARD"), place("BEILUN-2/D07", "MSKU1234565")]
    )
    assert (in_use(connection, "BEILUN-2/YARD"), in_use(connection, "BEILUN-3/YARD")) == (1, 1)


def test_holds_come_in_one_order_whatever_the_order_of_placing(connection: Connection) -> None:
    lodging.place_holds(connection, [hold("CSQU3054383", "H-9"), hold("COSU4117", "H-1")])
    assert known(connection)[0].holds == (KnownHold("H-1", "COSU4117"), KnownHold("H-9", "CSQU3054383"))


def test_every_fact_tells_those_whom_it_concerns(connection: Connection) -> None:
    assert ("manifest", "COSU4117") in lodging.lodge_manifests(connection, [manifest()])
    assert ("arrival", "COSU4117") in lodging.report_arrivals(connection, [arrival()])
    assert ("place", "COSU4117") in lodging.assign_places(connection, [place()])
    concern = set(interests(consignment(), known(connection)[0]))
    assert concern & lodging.lodge_manifests(connection, [manifest(121)])
    for subject in ("COSU4117", "CSQU3054383", "MSKU1234565"):
        assert concern & lodging.place_holds(connection, [hold(subject, f"H-{subject}")])
    assert ("hold_lifted", "H-3") in lodging.place_holds(connection, [hold("CSQU3054383", lifted=True)])


def test_what_is_tallied_is_known_and_told_to_whom_it_concerns(connection: Connection) -> None:
    tally = WireTally(**DOCUMENT, packages=118, gross_mass_kg=9_950.5)
    tally.tally_time.FromDatetime(NOW)
    told = lodging.report_tallies(connection, [wire.tally_entry(tally)])
    (facts,) = known(connection)
    assert facts.tally == Tally(118, 9_950.5)
    assert told & set(interests(consignment(), facts))


def test_a_hold_that_changes_its_subject_is_news_for_both(connection: Connection) -> None:
    lodging.place_holds(connection, [hold("CSQU3054383")])
    told = lodging.place_holds(connection, [hold("MSKU1234565")])
    assert told == {("goods", "CSQU3054383"), ("goods", "MSKU1234565")}


def test_what_was_released_before_hears_of_nothing_and_what_needs_no_terminal_of_its_document_alone() -> None:
    posted, supplementary = consignment(), consignment()
    posted.mode = Mode.POST
    assert set(interests(posted, Facts())) == {("goods", "COSU4117")}
    supplementary.declaration_type = DeclarationType.SUPPLEMENTARY
    assert list(interests(supplementary, Facts())) == []


def test_a_batch_costs_one_query_for_each_table(connection: Connection) -> None:
    with statements_of(connection) as statements:
        assert len(known(connection, *(consignment(f"COSU{number}") for number in range(256)))) == 256
    assert sum(statement.startswith("SELECT") for statement in statements) == 6


def test_totals_left_out_are_summed_where_every_item_states_its_part() -> None:
    made = declared()
    for number, mass in ((1, 40.5), (2, 59.5)):
        item = made.items.add(number=number, gross_mass_kg=mass)
        item.packages.add(count=number * 10)
    view = read_consignment(made)
    assert (view.packages, view.gross_mass_kg) == (30, 100.0)


def test_a_total_is_missing_and_not_zero_where_one_item_is_silent() -> None:
    made = declared()
    made.items.add(number=1, gross_mass_kg=40.5).packages.add(count=10)
    made.items.add(number=2).packages.add(type_code="CT")
    view = read_consignment(made)
    assert (view.packages, view.gross_mass_kg) == (None, None)


def test_a_declared_total_prevails_over_the_items() -> None:
    made = declared()
    made.items.add(number=1, gross_mass_kg=40.5)
    made.total_gross_mass_kg, made.total_packages = 41.0, 0
    view = read_consignment(made)
    assert (view.packages, view.gross_mass_kg) == (0, 41.0)


def test_a_container_named_twice_is_one() -> None:
    assert consignment("COSU4117", "CSQU3054383", "csqu 305438 3").containers == ("CSQU3054383",)
