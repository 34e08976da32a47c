"""The gateway as a process over mutual TLS, with real sockets to four agencies."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from agencykit.agency import build_agency
from agencykit.identity import Identity
from agencykit.refusals import CallerNotListed, FormInvalid
from agencykit.rpc.channel import GrpcTransport
from agencykit.rpc.transport import Unreachable
from agencykit.runtime import real_runtime
from agencykit.settings import ServiceSettings
from agencykit.telemetry import Telemetry
from agencykit.testing.authority import DISTRICT, tls_files
from agencykit.testing.example_agency import DEFINITION
from agencykit.testing.postgres import own_database
from agencykit.testing.running import agency_settings, running_agency
from clearance.gateway.v1 import clearance_pb2 as pb
from clearance.gateway.v1 import clearance_service_pb2 as rpc

pytestmark = pytest.mark.timeout(180)


@dataclass
class Process:
    """`python -m gateway` on one port and one database, to be started, killed and started again."""

    folder: Path
    addresses: dict[str, str]
    port: int
    running: "asyncio.subprocess.Process | None" = None
    starts: int = field(default=0)

    def environment(self) -> dict[str, str]:
        files = tls_files("gateway", signs=True)
        told = {
            "PORT": str(self.port),
            "DATABASE_URL": f"sqlite+pysqlite:///{self.folder / 'gateway.db'}",
            "CA_FILE": str(files.ca),
            "CERT_FILE": str(files.cert),
            "KEY_FILE": str(files.key),
            "SIGNING_CERT_FILE": str(files.cert.with_name("gateway-signing.pem")),
            "SIGNING_KEY_FILE": str(files.cert.with_name("gateway-signing.key")),
            "AGENCIES": json.dumps(self.addresses),
            "LOG_FILE": str(self.folder / "gateway.log"),
        }
        return {**os.environ, **{f"TONGGUAN_GATEWAY__{name}": value for name, value in told.items()}}

    async def start(self) -> None:
        """Returns once it listens."""
        self.starts += 1
        self.running = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", env=self.environment(), cwd=self.folder
        )
        log = self.folder / "gateway.log"
        for _ in range(1200):
            if log.exists() and log.read_text().count('"listening"') == self.starts:
                return
            assert self.running.returncode is None, log.read_text() if log.exists() else "no log"
            await asyncio.sleep(0.05)
        raise AssertionError(log.read_text())

    async def end(self, number: signal.Signals) -> int:
        """Sends the signal and returns the exit code."""
        assert self.running is not None
        if self.running.returncode is None:
            self.running.send_signal(number)
        return await self.running.wait()


@pytest.fixture
async def process(tmp_path: Path, templates: Path) -> AsyncIterator[Process]:
    async with AsyncExitStack() as stack:
        addresses = {}
        for name in ("customs", "inspection", "border", "port"):
            url = own_database(tmp_path / f"{name}.db")
            settings = agency_settings(ServiceSettings, name, url)
            definition = replace(DEFINITION, name=name)
            opened = running_agency(lambda *parts, which=definition: build_agency(which, *parts), settings, name)
            agency = await stack.enter_async_context(opened)
            addresses[name] = f"127.0.0.1:{agency.server.port}"
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        made = Process(tmp_path, addresses, port)
        await made.start()
        yield made
        assert await made.end(signal.SIGTERM) == 0


@dataclass
class Client:
    """A party's connection to the process."""

    transport: GrpcTransport
    uuid: Any

    async def call(self, method: str, request: Any, response_type: Any, seconds: float = 20.0) -> Any:
        path = f"/clearance.gateway.v1.ClearanceService/{method}"
        return await self.transport.unary(path, request, response_type, timeout_seconds=seconds)

    async def batch(self, requests: list[Any]) -> list[Any]:
        request = rpc.BatchSubmitClearancesRequest(requests=requests)
        return list((await self.call("BatchSubmitClearances", request, rpc.BatchSubmitClearancesResponse)).answers)

    async def states(self) -> list[int]:
        request = rpc.ListClearancesRequest(page_size=1000)
        answer = await self.call("ListClearances", request, rpc.ListClearancesResponse)
        return [each.state for each in answer.clearances]


@pytest.fixture
async def connect(process: Process, tmp_path: Path) -> AsyncIterator[Any]:
    runtime = real_runtime()
    telemetry = Telemetry(ServiceSettings(), "test", runtime)
    async with AsyncExitStack() as stack:
        stack.callback(runtime.executor.close)
        stack.callback(telemetry.close)

        def made(path: str) -> Client:
            expected = Identity.of_district(DISTRICT, "gateway")
            address = f"127.0.0.1:{process.port}"
            transport = GrpcTransport(address, tls_files(path), expected, telemetry, runtime.clock)
            stack.push_async_callback(transport.close)
            return Client(transport, runtime.ids.uuid)

        yield made


def requests(client: Client, make: Any, count: int, reference: str) -> list[rpc.SubmitClearanceRequest]:
    return [
        rpc.SubmitClearanceRequest(request_id=client.uuid(), consignment=make.air_import(f"{reference}-{number}"))
        for number in range(count)
    ]


async def test_a_batch_over_mutual_tls_is_released(connect: Any, make: Any, reference: str) -> None:
    broker = connect("broker/3104980001")
    answers = await broker.batch(requests(broker, make, 20, reference))
    assert {answer.clearance.state for answer in answers} == {pb.Clearance.STATE_RELEASED}


async def test_refusals_arrive_as_what_they_are(connect: Any, make: Any, reference: str) -> None:
    stranger, broker = connect("customs"), connect("broker/3104980001")
    listing = rpc.ListClearancesRequest()
    with pytest.raises(CallerNotListed):
        await stranger.call("ListClearances", listing, rpc.ListClearancesResponse)
    [bad] = requests(broker, make, 1, reference)
    bad.request_id = "seventeen"
    bad.consignment.trader.name = "宁波\u202e进出口"
    with pytest.raises(FormInvalid) as refused:
        await broker.call("SubmitClearance", bad, rpc.SubmitClearanceResponse)
    assert {broken.path for broken in refused.value.violations} >= {"request_id", "consignment.trader.name"}


async def test_killed_in_the_midst_of_batches_it_resumes_and_ends_as_an_undisturbed_one(
    process: Process, connect: Any, make: Any, reference: str
) -> None:
    """Clients that got no answer send the same requests again; what was accepted goes on by itself."""
    broker = connect("broker/3104980001")
    batches = [requests(broker, make, 30, f"{reference}-{number}") for number in range(4)]
    sending = [asyncio.create_task(broker.batch(batch)) for batch in batches]
    await asyncio.sleep(0.15)
    assert await process.end(signal.SIGKILL) == -signal.SIGKILL
    lost = [sent for sent in await asyncio.gather(*sending, return_exceptions=True) if isinstance(sent, Exception)]
    assert all(isinstance(each, Unreachable) for each in lost)
    began = asyncio.get_running_loop().time()
    await process.start()
    answers = [answer for batch in batches for answer in await broker.batch(batch)]
    assert {answer.WhichOneof("answer") for answer in answers} == {"clearance"}

    async def settled() -> bool:
        states = await broker.states()
        return len(states) == 120 and set(states) == {pb.Clearance.STATE_RELEASED}

    await make.eventually(settled, seconds=20)
    assert asyncio.get_running_loop().time() - began < 25
    numbers = {answer.clearance.number for answer in answers}
    assert len(numbers) == 120, "none twice, none lost"
