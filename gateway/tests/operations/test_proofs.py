"""What proves a clearance is told whole, and verifies without a gateway, a service or a database."""

from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from agencykit.evidence.clearance import verify_clearance
from agencykit.refusals import Internal, NotFound, Unavailable
from agencykit.storage.engines import make_engine
from agencykit.storage.rows import run
from agencykit.testing.authority import DISTRICT, tls_files
from clearance.common.v1.evidence_pb2 import ClearanceEvidence
from clearance.gateway.v1 import clearance_service_pb2 as rpc

# From now on the audit takes no change of state.
FULL_SQLITE = [
    "CREATE TRIGGER no_room BEFORE INSERT ON audit WHEN NEW.act = 'state' "
    "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
]
FULL_POSTGRESQL = [
    "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$",
    "CREATE TRIGGER no_room BEFORE INSERT ON audit FOR EACH ROW WHEN (NEW.act = 'state') EXECUTE FUNCTION no_room()",
]


async def evidence_of(caller: Any, number: str) -> ClearanceEvidence:
    request = rpc.GetEvidenceRequest(number=number)
    return (await caller.call("GetEvidence", request, rpc.GetEvidenceResponse)).evidence  # type: ignore[no-any-return]


def authorities() -> dict[str, list[x509.Certificate]]:
    return {DISTRICT: x509.load_pem_x509_certificates(Path(tls_files("gateway").ca).read_bytes())}


async def test_the_evidence_of_a_released_clearance_verifies_offline_as_soon_as_it_is_released(
    broker: Any, make: Any, reference: str
) -> None:
    """Nobody waits for the next sheet: what stands in none is countersigned when it is asked for."""
    clearance = await broker.submit(make.air_import(reference))
    told = await evidence_of(broker, clearance.number)
    found = verify_clearance(told, authorities())
    assert found.faults == []
    assert len(found.sound) == len(make.agencies) + 1, "a decision of each, and the order"


async def test_another_brokers_evidence_is_not_found(gateway: Any, broker: Any, make: Any, reference: str) -> None:
    clearance = await broker.submit(make.air_import(reference))
    with pytest.raises(NotFound):
        await evidence_of(gateway.caller(make.other_broker), clearance.number)


async def test_sheets_hold_every_agencys_heads_and_follow_one_another(
    district: Any, gateway: Any, broker: Any, make: Any, reference: str
) -> None:
    for place in range(2):
        clearance = await broker.submit(make.air_import(f"{reference}-{place}"))
        await evidence_of(broker, clearance.number)
    heads = district.rows("SELECT log FROM log_heads WHERE kind = 1")
    assert {log for (log,) in heads} == {f"{name}/1" for name in make.agencies}
    numbers = [number for (number,) in district.rows("SELECT number FROM head_sheets ORDER BY number")]
    assert numbers == list(range(1, len(numbers) + 1))


def changed(district: Any, *statements: str) -> None:
    engine = make_engine(district.database_url, connections=0)
    with engine.begin() as connection:
        for statement in statements:
            run(connection, statement)
    engine.dispose()


async def test_without_an_audit_nothing_is_accepted(district: Any, broker: Any, make: Any, reference: str) -> None:
    changed(district, "ALTER TABLE audit RENAME TO lost")
    # SQLite's driver calls a table that is missing an outage; PostgreSQL's calls it a fault.
    with pytest.raises((Unavailable, Internal)):
        await broker.submit(make.air_import(reference))
    changed(district, "ALTER TABLE lost RENAME TO audit")
    assert district.rows("SELECT count(*) FROM cases") == [(0,)]


async def test_a_release_that_the_audit_does_not_take_is_not_ordered(
    district: Any, broker: Any, make: Any, reference: str
) -> None:
    """Everything else of the transaction is as it was; nobody is told of an order that is none."""
    changed(district, *(FULL_SQLITE if district.database_url.startswith("sqlite") else FULL_POSTGRESQL))
    clearance = await broker.submit(make.air_import(reference), seconds=2.0)
    assert not clearance.orders
    assert [each.agency for each in clearance.agencies if each.HasField("decision")] == []
    assert district.rows("SELECT count(*) FROM orders") == [(0,)]
    assert district.rows("SELECT count(*) FROM decisions") == [(0,)]
