"""What officers enter in customs' registers is what the rules then know, on both databases."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from agencykit.decisions.tables import metadata as kit_metadata
from agencykit.storage.migrations import drift
from agencykit.testing.statements import statements_of
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.customs.v1.register_service_pb2 import Broker, Enterprise, Licence
from customs.domain import facts as known
from customs.domain.consignment import ConsignmentView
from customs.domain.facts import EnterpriseClass, Facts
from customs.domain.interests import interests
from customs.domain.records import record_facts
from customs.domain.reference import Reference
from customs.operations import registering
from customs.rpc import entries
from customs.rpc.consignments import read_consignment
from customs.storage import register_reads
from customs.storage.facts import FactsReader
from customs.storage.tables import metadata

NOW = datetime(2004, 11, 22, tzinfo=UTC)
UNTIL = datetime(2005, 12, 31, 23, 59, 59, 123_456, tzinfo=UTC)


def scrap(licence: str = "P-0404711", trader: str = "3302961234", broker: str = "3104980001") -> ConsignmentView:
    declared = Consignment(direction=Consignment.DIRECTION_IMPORT, broker_licence=broker)
    declared.trader.identifier = trader
    declared.items.add(number=1, commodity_code="7204490090").documents.add(type_code="P", number=licence)
    return read_consignment(declared)


def of(connection: Connection, reference: Reference, *views: ConsignmentView) -> Sequence[Facts]:
    return FactsReader(reference)(connection, views or (scrap(),), NOW)


def enter_enterprise(connection: Connection, **changes: object) -> set[tuple[str, str]]:
    entry = Enterprise(identifier=" 3302961234", name="宁波海天钢铁", enterprise_class=Enterprise.ENTERPRISE_CLASS_B)
    entry.MergeFrom(Enterprise(**changes))  # type: ignore[arg-type]
    return registering.register_enterprises(connection, [entries.enterprise_entry(entry)], 0)


def enter_broker(connection: Connection, *mandates: str) -> set[tuple[str, str]]:
    broker = Broker(licence="3104980001", name="甬兴报关行", mandate_identifiers=mandates)
    given = {"3104980001": entries.mandates_given(broker)}
    return registering.register_brokers(connection, [entries.broker_entry(broker)], given)


def test_the_migrated_database_is_the_one_the_code_declares(connection: Connection, database_url: str) -> None:
    assert drift(database_url, metadata, kit_metadata) == []


def test_nothing_is_known_where_nothing_was_entered(connection: Connection, reference: Reference) -> None:
    (facts,) = of(connection, reference)
    assert (facts.enterprise, facts.broker, facts.mandated, facts.licences) == (None, None, False, {})


def test_an_enterprise_is_known_with_class_and_validity(connection: Connection, reference: Reference) -> None:
    entry = Enterprise(identifier="3302961234", enterprise_class=Enterprise.ENTERPRISE_CLASS_D, suspended=True)
    entry.valid_until_time.FromDatetime(UNTIL)
    entry.high_tech_until_time.FromDatetime(UNTIL)
    entry.networked_until_time.FromDatetime(UNTIL)
    entry.premises = "宁波保税区扬帆路17号"
    keys = registering.register_enterprises(connection, [entries.enterprise_entry(entry)], 0)
    assert keys == {("enterprise", "3302961234")}
    (facts,) = of(connection, reference)
    premises = "宁波保税区扬帆路17号"
    assert facts.enterprise == known.Enterprise(
        "3302961234", EnterpriseClass.D, None, UNTIL, True, UNTIL, UNTIL, premises
    )
    assert set(interests(scrap(), facts)) == {("enterprise", "3302961234")}


def test_a_repeated_key_replaces_what_is_stored(connection: Connection, reference: Reference) -> None:
    enter_enterprise(connection, suspended=True)
    enter_enterprise(connection, enterprise_class=Enterprise.ENTERPRISE_CLASS_A)
    (facts,) = of(connection, reference)
    assert facts.enterprise == known.Enterprise("3302961234", EnterpriseClass.A)


def test_each_class_an_enterprise_has_had_is_kept_and_the_same_one_again_is_none(connection: Connection) -> None:
    absent = dict.fromkeys(["valid_from_time", "valid_until_time", "high_tech_until_time", "networked_until_time"])
    entry = {"identifier": "3302961234", "name": "", "suspended": False, "premises": "", **absent}
    for now, enterprise_class in ((1, 2), (2, 2), (3, 1), (4, 4)):
        rows = [entry | {"enterprise_class": enterprise_class}]
        registering.register_enterprises(connection, rows, now)
    found = register_reads.enterprise(connection, "3302961234")
    assert found is not None
    assert found[1] == [(4, 4), (1, 3), (2, 1)], "class and since when, the newest first"
    assert register_reads.enterprise(connection, "3302969999") is None


def test_mandates_are_asked_for_only_of_brokers_that_list_any(connection: Connection, reference: Reference) -> None:
    enter_broker(connection)
    (facts,) = of(connection, reference)
    assert (facts.broker, facts.mandated) == (known.Broker("3104980001"), False)
    enter_broker(connection, "3302961234", "3302961234", "3302969999")
    mine, other = of(connection, reference, scrap(), scrap(trader="3302960000"))
    assert mine.broker == known.Broker("3104980001", needs_mandate=True)
    assert (mine.mandated, other.mandated) == (True, False)
    assert enter_broker(connection, "3302969999") == {("broker", "3104980001")}
    assert not of(connection, reference)[0].mandated


def test_a_licence_is_known_to_goods_under_licence_control_that_name_it(
    connection: Connection, reference: Reference
) -> None:
    licence = Licence(
        number="P-0404711",
        type_code="P",
        holder_identifier="3302961234",
        commodity_prefixes=["7204", "7602.00"],
        limit_net_mass_kg=20_000.5,
    )
    assert registering.register_licences(connection, [entries.licence_entry(licence)]) == {("licence", "P-0404711")}
    mine, other = of(connection, reference, scrap(), scrap(licence="P-9"))
    assert mine.licences == {"P-0404711": known.Licence("P-0404711", "P", "3302961234", ("7204", "760200"), 20_000.5)}
    assert other.licences == {}
    assert set(interests(scrap(), mine)) == {("licence", "P-0404711")}


def test_a_licence_without_limit_has_none(connection: Connection, reference: Reference) -> None:
    licence = Licence(number="P-0404711", type_code="P", holder_identifier="3302961234", revoked=True)
    registering.register_licences(connection, [entries.licence_entry(licence)])
    (facts,) = of(connection, reference)
    assert facts.licences["P-0404711"].limit_net_mass_kg is None
    assert facts.licences["P-0404711"].revoked


def test_a_batch_costs_one_query_for_each_table(connection: Connection, reference: Reference) -> None:
    enter_enterprise(connection)
    enter_broker(connection, "3302961234")
    scraps = [scrap(licence=f"P-{number}", trader=f"33029{number:05}") for number in range(200)]
    with statements_of(connection) as statements:
        of(connection, reference, *scraps)
    assert len(statements) == len({"enterprises", "brokers", "mandates", "licences"})


def test_the_record_of_facts_says_all_that_was_known(connection: Connection, reference: Reference) -> None:
    enter_enterprise(connection)
    enter_broker(connection)
    (facts,) = of(connection, reference)
    record = record_facts(facts)
    assert record["edition"] == reference.edition
    assert record["enterprise"]["enterprise_class"] == "B"
    assert record["broker"]["licence"] == "3104980001"
    assert record["licences"] == []
