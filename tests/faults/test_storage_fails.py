"""A full or failing disk, on real processes: nobody is told what is not kept, and all goes on once it is mended."""

import os
import resource
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path

import grpc
import pytest
from district import count
from failing_disk import SWITCH
from small_district import RELEASED, SERVICES, SmallDistrict, small_district

pytestmark = pytest.mark.timeout(120)
LAUNCHER = str(Path(__file__).parents[1] / "support" / "failing_disk.py")
UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
Break = Callable[[SmallDistrict, str], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def ningbo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDistrict]:
    """Each of its services on a disk of its own that fails on demand."""
    folder = tmp_path_factory.mktemp("disk")
    ways = {name: {"command": [LAUNCHER], "environment": {SWITCH: str(folder / f"{name}.disk")}} for name in SERVICES}
    with small_district(folder, ways) as made:
        yield made


@contextmanager
def disk(ningbo: SmallDistrict, service: str, says: str) -> Iterator[None]:
    """The disk beneath its database fails so."""
    switch = ningbo.folder / f"{service}.disk"
    os.symlink(says, switch)
    try:
        yield
    finally:
        switch.unlink()


def full(ningbo: SmallDistrict, service: str) -> AbstractContextManager[None]:
    """Not a page more fits."""
    return disk(ningbo, service, "full")


def failing(ningbo: SmallDistrict, service: str) -> AbstractContextManager[None]:
    """It does not confirm what was written to it."""
    return disk(ningbo, service, "sync")


@contextmanager
def limited(ningbo: SmallDistrict, service: str) -> Iterator[None]:
    """The system lets no file of the process grow, its log neither: EFBIG at each write, in the kernel itself."""
    process = ningbo.services[service].pid
    resource.prlimit(process, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_FSIZE, UNLIMITED)


FAULTS = [
    pytest.param(full, "SQLITE_FULL", id="full"),
    pytest.param(failing, "SQLITE_IOERR_FSYNC", id="fsync fails"),
    pytest.param(limited, "SQLITE_IOERR_WRITE", id="no file may grow"),
]


def told_and_over(ningbo: SmallDistrict, service: str, cause: str, before: int) -> bool:
    """The log has named what was wrong, and said that it is over."""
    failed, restored = ningbo.said(service, "storage.failed"), ningbo.said(service, "storage.restored")
    return [line["fault"] for line in failed[before:]] == [cause] == [line["fault"] for line in restored[before:]]


def sound(ningbo: SmallDistrict, service: str) -> None:
    """The file is whole."""
    assert ningbo.rows(service, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize(("fails", "cause"), FAULTS[: count(1, 3)])
def test_a_gateway_that_cannot_write_takes_nothing_says_why_and_goes_on_by_itself(
    ningbo: SmallDistrict, fails: Break, cause: str
) -> None:
    before = len(ningbo.said("gateway", "storage.failed"))
    kept, again = ningbo.submit(f"{fails.__name__}-before"), str(uuid.uuid4())
    with fails(ningbo, "gateway"):
        for _ in range(3):
            assert ningbo.refusal(f"{fails.__name__}-amid", again) == ("UNAVAILABLE", "UNAVAILABLE")
        ningbo.eventually(lambda: ningbo.health("gateway") == "NOT_SERVING")
        assert ningbo.clearance(kept.number).state == RELEASED, "what is kept can be read all the while"
        stored = "SELECT count(*) FROM cases WHERE reference = '{}'"
        assert ningbo.rows("gateway", stored.format(f"{fails.__name__}-amid")) == [(0,)]
    ningbo.eventually(lambda: ningbo.health("gateway") == "SERVING")
    ningbo.eventually(lambda: told_and_over(ningbo, "gateway", cause, before))
    assert ningbo.submit(f"{fails.__name__}-amid", again).state == RELEASED
    sound(ningbo, "gateway")


@pytest.mark.parametrize(("fails", "cause"), FAULTS[: count(1, 3)])
def test_an_agency_that_cannot_write_decides_nothing_and_what_waited_for_it_is_released_after(
    ningbo: SmallDistrict, fails: Break, cause: str
) -> None:
    before = len(ningbo.said("inspection", "storage.failed"))
    decisions = "SELECT clearance_number FROM decisions"
    with fails(ningbo, "inspection"):
        decided = ningbo.rows("inspection", decisions)
        taken = [ningbo.submit(f"{fails.__name__}-{number}") for number in range(4)]
        assert RELEASED not in [clearance.state for clearance in taken]
        [standing] = taken[0].agencies
        assert (standing.park_reason, standing.HasField("decision")) == ("UNAVAILABLE", False)
        ningbo.eventually(lambda: ningbo.health("inspection") == "NOT_SERVING")
        assert ningbo.rows("inspection", decisions) == decided
    ningbo.eventually(lambda: all(ningbo.clearance(one.number).state == RELEASED for one in taken))
    ningbo.eventually(lambda: ningbo.health("inspection") == "SERVING")
    ningbo.eventually(lambda: told_and_over(ningbo, "inspection", cause, before))
    written = "SELECT count(*), count(DISTINCT clearance_number) FROM decisions"
    for one in taken:
        assert ningbo.rows("inspection", f"{written} WHERE clearance_number = '{one.number}'") == [(1, 1)]
    sound(ningbo, "inspection")


@contextmanager
def no_audit(ningbo: SmallDistrict) -> Iterator[None]:
    """The rows of the gateway's audit alone cannot be written."""
    with closing(sqlite3.connect(ningbo.database("gateway"), isolation_level=None, timeout=20)) as another:
        another.execute("CREATE TRIGGER no_audit BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'torn page'); END")
        try:
            yield
        finally:
            another.execute("DROP TRIGGER no_audit")


def test_what_the_audit_cannot_take_does_not_happen(ningbo: SmallDistrict) -> None:
    again, stored = str(uuid.uuid4()), "SELECT count(*) FROM cases WHERE reference = 'unaudited'"
    with no_audit(ningbo):
        assert ningbo.refusal("unaudited", again) == ("INTERNAL", "INTERNAL")
        assert ningbo.rows("gateway", stored) == [(0,)]
    assert ningbo.submit("unaudited", again).state == RELEASED


@pytest.mark.full
def test_a_database_that_is_deleted_under_a_gateway_is_saved_and_never_made_anew(ningbo: SmallDistrict) -> None:
    """What was answered before and amid is there again, once the copy that it saved is put in place."""
    file, process = ningbo.database("gateway"), ningbo.services["gateway"]
    answered, begun = [ningbo.submit("deleted-before")], time.monotonic()
    file.unlink()
    with suppress(grpc.RpcError):
        for number in range(200):
            answered.append(ningbo.submit(f"deleted-{number}", seconds=5))
    assert process.wait(30) == 1
    noticed = time.monotonic() - begun
    assert f"gateway: ended: {file} was deleted or replaced while it was in use" in ningbo.errors("gateway")
    [gone] = ningbo.said("gateway", "storage.gone")
    assert gone["source"] == file.name

    code, said = ningbo.refused_start("gateway")
    assert (code, file.exists()) == (2, False)
    assert f"{file} was deleted; put its last copy back" in said

    (ningbo.folder / gone["target"]).rename(file)
    ningbo.start("gateway")
    for clearance in answered:
        assert ningbo.clearance(clearance.number).reference == clearance.reference, noticed
    assert ningbo.submit("deleted-after").state == RELEASED
    sound(ningbo, "gateway")


@pytest.mark.full
@pytest.mark.parametrize("service", SERVICES)
def test_while_another_process_has_locked_the_database_callers_are_refused_and_not_kept_waiting(
    ningbo: SmallDistrict, service: str
) -> None:
    kept = ningbo.submit(f"locked-{service}")
    with closing(sqlite3.connect(ningbo.database(service), isolation_level=None)) as another:
        another.execute("BEGIN EXCLUSIVE")
        ningbo.eventually(lambda: ningbo.health(service) == "NOT_SERVING", within_s=40)
        ningbo.eventually(
            lambda: [line["fault"] for line in ningbo.said(service, "storage.failed")][-1:] == ["SQLITE_BUSY"]
        )
        begun, waiting = time.monotonic(), []
        for number in range(20):
            if service == "gateway":
                assert ningbo.refusal(f"locked-{number}")[0] in {"UNAVAILABLE", "DEADLINE_EXCEEDED"}
            else:
                waiting.append(ningbo.submit(f"locked-agency-{number}"))
        # One of them may have been the one that tries.
        assert time.monotonic() - begun < 30
        assert RELEASED not in [clearance.state for clearance in waiting]
        assert ningbo.clearance(kept.number).state == RELEASED
        another.execute("ROLLBACK")
    ningbo.eventually(lambda: ningbo.health(service) == "SERVING")
    ningbo.eventually(lambda: all(ningbo.clearance(one.number).state == RELEASED for one in waiting))
    assert ningbo.submit(f"after-{service}").state == RELEASED
