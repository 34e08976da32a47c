"""What a gateway knows of its district's logs outlives it, and its own trouble keeps nobody else's heads back."""

from collections.abc import AsyncIterator

import pytest

from agencykit.audit.sealer import Sealer
from agencykit.evidence import load_signer
from agencykit.evidence.sheets import parse_sheet
from agencykit.runtime import Runtime
from agencykit.storage import Database
from agencykit.storage.rows import change, run
from agencykit.telemetry.metrics import NoMetrics
from agencykit.testing.running import tls_files
from gateway.domain.head import LogHead, LogKind
from gateway.operations.duties import Duties
from gateway.operations.herald import DUTY
from gateway.operations.witness import Countersigner, Witness
from gateway.rpc.proofs import SignedSheets

from .test_witness import GATEWAY, Now, Told, head


@pytest.fixture
async def database(runtime: Runtime, database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, runtime)
    yield made
    await made.close()


def replica(name: str, database: Database, runtime: Runtime, **held: int) -> Countersigner:
    """One of the district's gateways as far as it countersigns."""
    folder = tls_files("gateway", signs=True).cert.parent
    signer = load_signer(folder / "gateway-signing.pem", folder / "gateway-signing.key")
    log, now = Told(), Now(chain=name)
    duties = Duties(database, lambda: now, log, held=dict(held))  # type: ignore[arg-type, return-value]
    sealer = Sealer(runtime.clock, log, NoMetrics())  # type: ignore[arg-type]
    sheets = SignedSheets(signer, GATEWAY)
    return Countersigner(Witness(log), sheets, database, lambda: now, duties, 15.0, log, sealer)  # type: ignore[arg-type, return-value]


async def countersigned(gateway: Countersigner, *heads: LogHead) -> None:
    for each in heads:
        gateway.witness.saw(each)
    await gateway.countersign()


async def test_a_gateway_that_starts_anew_knows_where_every_log_ended_and_says_so_on_its_next_sheet(
    database: Database, runtime: Runtime
) -> None:
    await countersigned(replica("1", database, runtime), head("customs/1", 9), head("port/1", 3))
    anew = replica("1", database, runtime)
    await countersigned(anew, head("customs/1", 10))
    [(newest,)] = await database.read(run, "SELECT sheet FROM head_sheets ORDER BY number DESC LIMIT 1")
    assert {each.log for each in parse_sheet(bytes(newest), b"").heads} == {"customs/1", "port/1"}
    anew.witness.heard("port", [head("port/1", 2)], dict(anew.witness.newest))
    assert [event for event, _ in anew.log.events] == ["log.went_back"]  # type: ignore[attr-defined]


async def test_a_sheet_that_somebody_changed_is_told_of_and_keeps_nothing_back(
    database: Database, runtime: Runtime
) -> None:
    await countersigned(replica("1", database, runtime), head("port/1", 3))
    await database.write(change, "UPDATE head_sheets SET sheet = signature")
    anew = replica("1", database, runtime)
    await countersigned(anew, head("port/1", 4))
    assert await database.read(run, "SELECT number FROM log_heads ORDER BY sequence") == [(1,), (2,)]
    assert [event for event, _ in anew.log.events] == ["sheet.unread"]  # type: ignore[attr-defined]


async def test_who_takes_over_the_duty_knows_what_the_other_replica_saw(database: Database, runtime: Runtime) -> None:
    first, second = replica("1", database, runtime), replica("2", database, runtime)
    await countersigned(second, head("port/1", 3))
    await countersigned(first, head("port/1", 7))
    second.duties.held = {DUTY: 2}
    await second.countersign()
    assert second.witness.newest["port/1"].sequence == 7


async def test_heads_are_countersigned_though_the_own_audit_cannot_be_sealed(
    database: Database, runtime: Runtime
) -> None:
    gateway = replica("1", database, runtime, **{DUTY: 1})
    await database.write(run, "ALTER TABLE audit_pages RENAME TO lost")
    gateway.witness.saw(LogHead(LogKind.AUDIT, "customs", 7, b"\x11" * 32))
    await gateway._step()
    assert await database.read(run, "SELECT log FROM log_heads") == [("customs",)]
    assert [event for event, _ in gateway.log.events] == ["audit.not_sealed"]  # type: ignore[attr-defined]
