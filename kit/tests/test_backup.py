"""A backup is whole although the service goes on; put back, it decides nothing until resumed, and forks no log."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from agencykit.decisions.completeness import Complete, record_complete, view_age
from agencykit.decisions.restoring import held, resume
from agencykit.evidence import check_log
from agencykit.identity import Identity
from agencykit.refusals import LogUnwritable, PositionAhead
from agencykit.runtime import Runtime, real_runtime
from agencykit.testing.authority import DISTRICT
from agencykit.testing.example_agency import DEFINITION
from agencykit.testing.inline_agency import InlineAgency
from agencykit.testing.originators import certificate
from agencykit.testing.postgres import DATABASES, migrated_database
from clearance.agency.v1 import agency_service_pb2 as pb
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import LogPosition

from .decisions.conftest import Harbour

LOG = "weighbridge/1"


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    made = real_runtime()
    yield made
    made.executor.close()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    yield from migrated_database(DEFINITION.migrations_package, request, tmp_path)


@pytest.fixture
async def harbour(database_url: str, runtime: Runtime) -> AsyncIterator[Harbour]:
    async with AsyncExitStack() as stack:
        yield Harbour(database_url, runtime, stack)


def backup(harbour: Harbour, deed: str, *given: str) -> str:
    """`python -m agencykit.backup`, as an operator runs it."""
    command = [sys.executable, "-m", "agencykit.backup", deed, "--database-url", harbour.url, *given]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


async def first_message(office: InlineAgency, position: int, log: str = LOG) -> list[str]:
    """Of the feed, from this position of a log on: the logs of the decisions in it."""
    async for message in office.gateway.follow([LogPosition(log=log, sequence=position)], seconds=5):
        return [Decision.FromString(signed.decision).log for signed in message.decisions]
    raise AssertionError("the feed ended at once")


async def put_back(harbour: Harbour, file: Path) -> InlineAgency:
    """An agency that decided two consignments, was saved, decided a third, and was put back."""
    office = await harbour.open()
    for _ in range(2):
        await harbour.decide(office, harbour.number())
    backup(harbour, "save", "--file", str(file))
    await harbour.decide(office, harbour.number())
    await office.app.stop()
    assert "decides nothing" in backup(harbour, "restore", "--file", str(file))
    return await harbour.open()


async def test_a_restored_agency_decides_nothing_until_it_is_resumed_and_then_in_another_log(
    harbour: Harbour, tmp_path: Path
) -> None:
    office = await put_back(harbour, tmp_path / "copy")
    with pytest.raises(LogUnwritable):
        await harbour.decide(office, harbour.number())
    with pytest.raises(PositionAhead):
        await first_message(office, 3)
    assert "generation 1" in backup(harbour, "resume", "--by", "operator/li-wei")
    with pytest.raises(LogUnwritable):  # whoever ran before is fenced out
        await harbour.decide(office, harbour.number())
    await office.app.stop()
    again = await harbour.open()
    decided = await harbour.decide(again, harbour.number())
    assert (decided.log, decided.sequence) == ("weighbridge/1.1", 1)
    # A follower who has read more of the old log than there is goes on with the new one.
    assert await first_message(again, 3) == ["weighbridge/1.1"]
    log = await again.gateway.whole_log()
    assert check_log(LOG, log[:2]) is None
    assert check_log("weighbridge/1.1", log[2:]) is None


async def test_an_old_copy_that_nobody_told_of_is_found_by_what_its_follower_has_read(harbour: Harbour) -> None:
    """The file was put back by hand, or the whole machine was."""
    office = await harbour.open()
    await harbour.decide(office, harbour.number())
    assert await first_message(office, 0) == [LOG]
    with pytest.raises(PositionAhead):
        await first_message(office, 2)
    with pytest.raises(LogUnwritable):
        await harbour.decide(office, harbour.number())


async def test_an_old_copy_that_is_told_what_was_recorded_of_it_does_not_even_begin(harbour: Harbour) -> None:
    """Whoever asks says what he has of its logs: mostly that comes before its feed is followed again."""
    office = await harbour.open()
    items = [harbour.item(harbour.number())]
    request = pb.AssessConsignmentsRequest(items=items, signing_certificates=[certificate()])
    request.recorded.add(log=LOG, first_sequence=8, last_sequence=9)
    method = "/clearance.agency.v1.AgencyService/AssessConsignments"
    with pytest.raises(LogUnwritable):
        await office.gateway.transport.unary(method, request, pb.AssessConsignmentsResponse, timeout_seconds=5)


async def test_a_held_agency_trusts_no_word_on_how_complete_its_orders_are(harbour: Harbour) -> None:
    """A stop order that it was told after the backup is lost: nothing may leave until it was told again."""
    office = await harbour.open()
    await harbour.decide(office, harbour.number())
    database, word = office.app.parts.database, Complete("spiffe://ningbo.clearance/gateway", 1_000)
    await database.write(record_complete, word, 1_000)
    assert await database.read(view_age, word.identity, 1_000) == 0
    with pytest.raises(PositionAhead):
        await first_message(office, 2)
    await database.write(record_complete, Complete(word.identity, 2_000), 2_000)
    assert await database.read(view_age, word.identity, 2_000) is None


async def test_a_word_on_a_receipted_one_that_is_not_here_shows_an_old_copy_until_somebody_has_looked(
    harbour: Harbour,
) -> None:
    """Its log may be whole: what it was told is gone. Once it goes on, it hears all again, and holds itself no more."""
    office = await harbour.open()
    database, request = office.app.parts.database, pb.RecordOutcomesRequest()
    request.complete_time.FromMicroseconds(2_000)
    request.receipted_complete_time.FromMicroseconds(1_000)

    async def told() -> pb.RecordOutcomesResponse:
        method = "/clearance.agency.v1.AgencyService/RecordOutcomes"
        return await office.gateway.transport.unary(method, request, pb.RecordOutcomesResponse, timeout_seconds=5)

    with pytest.raises(PositionAhead):
        await told()
    with pytest.raises(LogUnwritable):
        await harbour.decide(office, harbour.number())
    assert await database.write(resume, "operator/li-wei", 1) == 1
    with pytest.raises(PositionAhead):
        await told()
    assert not await database.read(held), "somebody has looked already"
    request.ClearField("receipted_complete_time")
    await told()
    assert await database.read(view_age, str(Identity.of_district(DISTRICT, "gateway")), 2_000) is not None


async def test_a_second_restoration_takes_no_name_that_anybody_has_seen(harbour: Harbour) -> None:
    office = await harbour.open()
    await harbour.decide(office, harbour.number())
    with pytest.raises(PositionAhead):
        await first_message(office, 7, "weighbridge/1.4")
    assert "generation 5" in backup(harbour, "resume", "--by", "operator/li-wei")


async def test_a_damaged_copy_is_not_put_back(harbour: Harbour, tmp_path: Path) -> None:
    (tmp_path / "torn").write_bytes(b"SQLite format 3\0" + bytes(5000))
    with pytest.raises(AssertionError, match=r"torn|pg_restore"):
        backup(harbour, "restore", "--file", str(tmp_path / "torn"))
    office = await harbour.open()
    await harbour.decide(office, harbour.number())
