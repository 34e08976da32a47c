"""The agency as a process: killed in the midst of its work it goes on where it was; told to stop it drains."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agencykit.evidence import Verifier, check_log
from agencykit.identity import Identity
from agencykit.rpc.channel import GrpcTransport
from agencykit.rpc.transport import Unreachable
from agencykit.runtime import Runtime
from agencykit.settings import ServiceSettings
from agencykit.telemetry import Telemetry
from agencykit.testing.authority import DISTRICT, tls_files
from agencykit.testing.consignments import assessment_item, sea_import
from agencykit.testing.running import Caller, agency_settings
from clearance.agency.v1 import agency_service_pb2 as pb
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import SignedDecision

PROGRAM = """
import sys
from agencykit.host import run_service
from agencykit.testing.example_agency import build
sys.exit(run_service(build, "weighbridge"))
"""
WEIGHBRIDGE = Identity.of_district(DISTRICT, "weighbridge")


def environment(settings: ServiceSettings, port: int) -> dict[str, str]:
    """The settings as a process reads them."""
    chosen = {name: getattr(settings, name) for name in settings.model_fields_set} | {"port": port}
    return {**os.environ, **{f"TONGGUAN_WEIGHBRIDGE__{name.upper()}": str(value) for name, value in chosen.items()}}


@contextmanager
def process(settings: ServiceSettings, port: int, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("ab") as output:
        started = subprocess.Popen(
            [sys.executable, "-c", PROGRAM], env=environment(settings, port), stdout=output, stderr=output
        )
    try:
        yield started
    finally:
        if started.poll() is None:
            started.kill()
        started.wait()


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def settings(database_url: str) -> ServiceSettings:
    return agency_settings(ServiceSettings, "weighbridge", database_url)


async def serving(gateway: Caller) -> pb.AgencyDescription:
    """Waits until the agency answers."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return await gateway.describe()
        except Unreachable:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)


async def test_after_kill_9_in_the_midst_of_batches_the_log_goes_on_without_a_gap(
    settings: ServiceSettings, runtime: Runtime, tmp_path: Path
) -> None:
    port = free_port()
    telemetry = Telemetry(settings, "gateway", runtime)
    gateway = Caller(
        GrpcTransport(f"127.0.0.1:{port}", tls_files("gateway"), WEIGHBRIDGE, telemetry, runtime.clock), runtime
    )
    batches = [
        [
            assessment_item(number, sea_import(number), request_id=runtime.ids.uuid())
            for number in (f"NGB2004{batch:04d}{place:04d}" for place in range(20))
        ]
        for batch in range(30)
    ]
    answered: dict[str, SignedDecision] = {}

    async def send(batch: list[pb.AssessmentItem]) -> None:
        for answer in await gateway.assess(*batch):
            # What was acknowledged once is the answer for ever.
            assert answered.setdefault(answer.request_id, answer.decision) == answer.decision

    with process(settings, port, tmp_path / "log") as first:
        await serving(gateway)
        for batch in batches[:10]:
            await send(batch)
        under_way = [asyncio.get_running_loop().create_task(send(batch)) for batch in batches[10:]]
        await asyncio.sleep(0.02)
        first.send_signal(signal.SIGKILL)
        outcomes = await asyncio.gather(*under_way, return_exceptions=True)
        assert any(isinstance(outcome, Unreachable) for outcome in outcomes)
    with process(settings, port, tmp_path / "log") as second:
        description = await serving(gateway)
        for batch in batches:
            await send(batch)
        log = await gateway.whole_log()
        assert len(log) == len(answered) == 600
        assert check_log("weighbridge/1", log) is None
        verifier = Verifier.trusting(WEIGHBRIDGE, settings.ca_file.read_bytes())
        verifier.admit(description.signing_certificates[0].certificate)
        assert {verifier.verify(signed).revision for signed in log} == {1}
        assert {Decision.FromString(signed.decision).sequence for signed in log} == set(range(1, 601))
        second.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(second.wait, 20) == 0, (tmp_path / "log").read_text()[-2000:]
    await gateway.transport.close()
    telemetry.close()


async def test_a_stop_does_not_wait_for_followers(settings: ServiceSettings, runtime: Runtime, tmp_path: Path) -> None:
    port = free_port()
    telemetry = Telemetry(settings, "gateway", runtime)
    transport = GrpcTransport(f"127.0.0.1:{port}", tls_files("gateway"), WEIGHBRIDGE, telemetry, runtime.clock)
    gateway = Caller(transport, runtime)
    with process(settings, port, tmp_path / "log") as agency:
        await serving(gateway)
        begun = time.monotonic()

        async def follow() -> None:
            async for _ in gateway.follow(seconds=25):
                agency.send_signal(signal.SIGTERM)

        await follow()
        assert await asyncio.to_thread(agency.wait, 20) == 0, (tmp_path / "log").read_text()[-2000:]
        assert time.monotonic() - begun < 8
    await transport.close()
    telemetry.close()
