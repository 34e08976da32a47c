"""A silent collector, streams that nobody reads, too few descriptors: work goes on, and none of it is lost.

One gateway and one agency bear it all: their spans go to a collector that never answers, the gateway's log into a pipe
that is full, and the agency was begun without standard streams and may open few files.
"""

import os
import resource
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import grpc
import psutil
import pytest
from collector import collector, silent
from processes import free_port
from small_district import RELEASED, SmallDistrict, small_district, submit

from agencykit.descriptors import within

pytestmark = [pytest.mark.full, pytest.mark.timeout(180)]

# Files that the agency may have open; half of them are for connections.
FILES = 200
BARE = f"""
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, ({FILES}, {FILES}))
os.closerange(0, 3)
os.execv(sys.executable, [sys.executable, "-m", sys.argv[1]])
"""
CROWD = 140


@contextmanager
def full_pipe() -> Iterator[int]:
    """The end of a pipe into which not a byte goes any more."""
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    try:
        while True:
            os.write(writes, b"." * 4096)
    except BlockingIOError:
        os.set_blocking(writes, True)
    try:
        yield writes
    finally:
        os.close(reads)
        os.close(writes)


@pytest.fixture(scope="module")
def port() -> int:
    """Where the collector is, if it is."""
    return free_port()


@pytest.fixture(scope="module")
def silence(port: int) -> Iterator[ExitStack]:
    """Ends when it is closed."""
    with ExitStack() as made:
        made.enter_context(silent(port))
        yield made


@pytest.fixture(scope="module")
def ningbo(tmp_path_factory: pytest.TempPathFactory, port: int, silence: ExitStack) -> Iterator[SmallDistrict]:
    """It runs; at the end both services must drain and end well within seconds, whatever became of their streams."""
    exported = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "3",
    }
    with full_pipe() as pipe:
        ways = {
            "gateway": {"environment": exported, "log_file": "", "streams": {"stdout": pipe, "stderr": pipe}},
            "inspection": {"environment": exported, "command": ["-c", BARE]},
        }
        with small_district(tmp_path_factory.mktemp("short"), ways) as made:
            yield made
            for process in made.services.values():
                process.send_signal(signal.SIGTERM)
            assert [process.wait(30) for process in made.services.values()] == [0, 0]


def test_with_a_silent_collector_and_streams_that_nobody_reads_all_goes_its_way(ningbo: SmallDistrict) -> None:
    taken = [ningbo.submit(f"quiet-{number}") for number in range(500)]
    assert {clearance.state for clearance in taken} == {RELEASED}
    ningbo.eventually(lambda: ningbo.said("inspection", "spans.lost") != [])
    [lost] = ningbo.said("inspection", "spans.lost")
    assert (lost["store"], lost["fault"], lost["dropped"] > 0) == ("SpanExport", "CollectorSilent", True)


def test_nothing_that_was_opened_later_is_taken_for_a_standard_stream(ningbo: SmallDistrict) -> None:
    """Whatever writes to standard error, and C libraries do, would else write into the database."""
    process = psutil.Process(ningbo.services["inspection"].pid)
    streams = {os.readlink(f"/proc/{process.pid}/fd/{descriptor}") for descriptor in range(3)}
    assert streams == {os.devnull}


@contextmanager
def crowd(ningbo: SmallDistrict, service: str) -> Iterator[list[socket.socket]]:
    """Many who connect, say nothing and stay."""
    address = ("127.0.0.1", ningbo.ports[service])
    with ExitStack() as there:
        yield [there.enter_context(socket.create_connection(address, timeout=5)) for _ in range(CROWD)]


def closed(connection: socket.socket) -> bool:
    """Whether the other side wants nothing of it; at once, or not at all."""
    connection.settimeout(0)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def test_connections_for_which_there_are_no_files_are_refused_at_once_and_the_others_served(
    ningbo: SmallDistrict,
) -> None:
    """Who finds no descriptor would else be neither served nor refused."""
    assert (within(20_000, 4096), within(1024, 4096), within(FILES, 4096)) == (4096, 768, FILES // 2)
    [few] = ningbo.said("inspection", "connections.few")
    assert (few["count"], few["limit"]) == (FILES // 2, 4096)
    assert ningbo.submit("before-the-crowd").state == RELEASED
    with crowd(ningbo, "inspection") as people:
        ningbo.eventually(lambda: sum(map(closed, people)) >= CROWD - FILES // 2, within_s=4)
        assert ningbo.submit("amid-the-crowd").state == RELEASED
    ningbo.eventually(lambda: serves(ningbo, "inspection"))


@pytest.mark.parametrize("service", ["gateway", "inspection"])
def test_a_service_without_a_descriptor_left_serves_whom_it_has_and_others_again_afterwards(
    ningbo: SmallDistrict, service: str
) -> None:
    process = psutil.Process(ningbo.services[service].pid)
    limits = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
    with ningbo.broker() as stub:
        assert submit(stub, f"{service}-before").state == RELEASED
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (process.num_fds() + 4, limits[1]))
        with crowd(ningbo, service):
            ningbo.eventually(lambda: process.num_fds() >= process.rlimit(psutil.RLIMIT_NOFILE)[0])
            taken = [submit(stub, f"{service}-amid-{number}") for number in range(3)]
    # The limit stays: once the crowd has gone there is room enough.
    ningbo.eventually(lambda: serves(ningbo, service), within_s=40)
    ningbo.eventually(lambda: all(ningbo.clearance(one.number).state == RELEASED for one in taken))
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, limits)


def serves(ningbo: SmallDistrict, service: str) -> bool:
    """Whether who comes anew is answered."""
    try:
        return ningbo.health(service) == "SERVING"
    except grpc.RpcError:
        return False


def test_a_slow_collector_slows_nobody_and_gets_what_waited(
    ningbo: SmallDistrict, port: int, silence: ExitStack
) -> None:
    silence.close()
    for seconds in (2.0, 0.0):
        with collector(port, seconds) as made:
            begun = time.monotonic()
            for number in range(50):
                assert ningbo.submit(f"{seconds}-{number}").state == RELEASED
            took = time.monotonic() - begun
            ningbo.eventually(lambda: made.spans.keys() >= {"gateway", "inspection"}, within_s=60)
            assert took < 30, f"{took} s for 50 with a collector that takes {seconds} s"
    ningbo.eventually(lambda: ningbo.said("inspection", "spans.kept") != [])
