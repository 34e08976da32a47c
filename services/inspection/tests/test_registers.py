"""What is lodged with inspection is what the rules then know, on both databases."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from agencykit.decisions.tables import metadata as kit_metadata
from agencykit.storage.migrations import drift
from agencykit.testing.statements import statements_of
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.inspection.v1.certificate_service_pb2 import Certificate, Exemption, Producer
from inspection.domain import facts as known
from inspection.domain.consignment import ConsignmentView
from inspection.domain.facts import Facts
from inspection.domain.interests import interests
from inspection.domain.records import record_facts
from inspection.domain.reference import CertificateKind, Reference
from inspection.operations import lodging
from inspection.rpc import entries
from inspection.rpc.consignments import read_consignment
from inspection.storage.facts import FactsReader
from inspection.storage.tables import metadata

NOW = datetime(2004, 11, 22, tzinfo=UTC)
UNTIL = datetime(2005, 12, 31, 23, 59, 59, tzinfo=UTC)
TRADER, MAKER = "3302961234", "3302T00017"


def goods(
    code: str = "03031310", document: str = "N853-0098", maker: str = MAKER, package: str = ""
) -> ConsignmentView:
    declared = Consignment(direction=Consignment.DIRECTION_IMPORT)
    declared.trader.identifier = TRADER
    item = declared.items.add(number=1, commodity_code=code, producer_identifier=maker)
    item.documents.add(type_code="N853", number=document)
    item.documents.add(type_code="N935", number="INVOICE-1")
    if package:
        item.packages.add(type_code=package)
    return read_consignment(declared)


def of(connection: Connection, reference: Reference, *views: ConsignmentView) -> Sequence[Facts]:
    return FactsReader(reference)(connection, views or (goods(),), NOW)


def certificate(**changes: object) -> Certificate:
    made = Certificate(
        number="N853-0098",
        kind=Certificate.KIND_HEALTH,
        issue_country_code="NO",
        commodity_prefixes=["03 03"],
        limit_net_mass_kg=1000.5,
        transport_document_number="HLCUOSL041102207",
    )
    made.valid_until_time.FromDatetime(UNTIL)
    made.MergeFrom(Certificate(**changes))  # type: ignore[arg-type]
    return made


def test_the_migrated_database_is_the_one_the_code_declares(connection: Connection, database_url: str) -> None:
    assert drift(database_url, metadata, kit_metadata) == []


def test_nothing_is_known_where_nothing_was_lodged(connection: Connection, reference: Reference) -> None:
    (facts,) = of(connection, reference)
    assert (facts.certificates, facts.exemptions, facts.producer_classes) == ({}, (), {})


def test_a_certificate_is_known_to_the_goods_that_name_it(connection: Connection, reference: Reference) -> None:
    keys = lodging.lodge_certificates(connection, [entries.certificate_entry(certificate())])
    assert keys == {("certificate", "N853-0098")}
    mine, other = of(connection, reference, goods(), goods(document="N853-0099"))
    assert mine.certificates == {
        "N853-0098": known.Certificate(
            "N853-0098", CertificateKind.HEALTH, "NO", ("0303",), 1000.5, UNTIL, False, "HLCUOSL041102207"
        )
    }
    assert other.certificates == {}
    assert ("certificate", "N853-0098") in set(interests(goods(), mine))


def test_every_kind_of_the_contract_is_known(connection: Connection, reference: Reference) -> None:
    kinds = [kind for kind in Certificate.Kind.values() if kind]
    for kind in kinds:
        lodging.lodge_certificates(connection, [entries.certificate_entry(certificate(kind=kind))])
        (facts,) = of(connection, reference)
        assert facts.certificates["N853-0098"].kind.name == Certificate.Kind.Name(kind).removeprefix("KIND_")


def test_a_repeated_key_replaces_what_is_stored(connection: Connection, reference: Reference) -> None:
    for revoked in (False, True):
        lodging.lodge_certificates(connection, [entries.certificate_entry(certificate(revoked=revoked))])
    assert of(connection, reference)[0].certificates["N853-0098"].revoked


def test_exemptions_of_trader_and_producer_are_known_in_order(connection: Connection, reference: Reference) -> None:
    held = [
        Exemption(number="MJ-2", holder_identifier=TRADER, commodity_prefixes=["9503"]),
        Exemption(number="MJ-1", holder_identifier="3302t00017", commodity_prefixes=["9503"], revoked=True),
        Exemption(number="MJ-3", holder_identifier="3302T00018"),
    ]
    keys = lodging.register_exemptions(connection, [entries.exemption_entry(each) for each in held])
    assert keys == {("exemption", TRADER), ("exemption", MAKER), ("exemption", "3302T00018")}
    (facts,) = of(connection, reference)
    assert facts.exemptions == (
        known.Exemption("MJ-1", MAKER, ("9503",), None, True),
        known.Exemption("MJ-2", TRADER, ("9503",)),
    )
    (supervised,) = of(connection, reference, goods("95030041"))
    heard = {("exemption", TRADER), ("exemption", MAKER), ("producer", MAKER)}
    assert set(interests(goods("95030041"), supervised)) == heard
    assert set(interests(goods(), facts)) == {("producer", MAKER)}, "a recall of quarantined goods must reach them"


def test_producers_are_known_by_class(connection: Connection, reference: Reference) -> None:
    entry = entries.producer_entry(Producer(identifier=MAKER, name="慈溪玩具厂", inspection_class=2))
    assert lodging.register_producers(connection, [entry]) == {("producer", MAKER)}
    mine, other = of(connection, reference, goods(), goods(maker="3302T00018"))
    assert (mine.producer_classes, other.producer_classes) == ({MAKER: 2}, {})


def test_registers_are_not_asked_about_goods_outside_the_catalogue(
    connection: Connection, reference: Reference
) -> None:
    with statements_of(connection) as statements:
        (facts,) = of(connection, reference, goods("73181631"))
        assert statements == []
        assert set(interests(goods("73181631"), facts)) == set()
        of(connection, reference, goods("73181631", package="8B"))
        assert len(statements) == 3


def test_a_batch_costs_one_query_for_each_table(connection: Connection, reference: Reference) -> None:
    declared = [goods(document=f"N853-{n}", maker=f"3302T{n:05}") for n in range(200)]
    with statements_of(connection) as statements:
        of(connection, reference, *declared)
    assert len(statements) == 3


def test_the_record_of_facts_says_all_that_was_known(connection: Connection, reference: Reference) -> None:
    lodging.lodge_certificates(connection, [entries.certificate_entry(certificate())])
    (facts,) = of(connection, reference)
    record = record_facts(facts)
    assert record["edition"] == reference.edition
    assert record["certificates"][0]["valid_until_time"] == "2005-12-31T23:59:59+00:00"
    assert (record["exemptions"], record["producer_classes"]) == ([], {})
