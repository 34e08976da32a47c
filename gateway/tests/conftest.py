"""Fixtures: a district in one process, on SQLite or PostgreSQL, and what tests make and call."""

import asyncio
import itertools
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from agencykit.runtime import Runtime, real_runtime
from agencykit.storage.migrations import upgrade
from agencykit.testing.consignments import sea_import
from agencykit.testing.counts import FULL
from agencykit.testing.example_agency import DEFINITION
from agencykit.testing.postgres import DATABASES, postgres_server
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.transport_pb2 import TransportMeans

from .district import District
from .parties import Caller, Replica

# pytest names this module by its path, `gateway.tests.conftest`, and so puts an empty `gateway` before the package.
if not getattr(sys.modules.get("gateway"), "__file__", None):
    sys.modules.pop("gateway", None)

AGENCIES = ("customs", "inspection", "border", "port")
OTHER_BROKER = "broker/3104980002"


def air_import(reference: str) -> Consignment:
    """Nothing for a weighbridge to do: all agencies answer NOT_SUBJECT."""
    consignment = sea_import(reference)
    consignment.border_transport.mode = TransportMeans.MODE_AIR
    return consignment


_references = itertools.count(1)


@pytest.fixture
def reference() -> str:
    """A reference nobody has used."""
    return f"NB-2004-{next(_references):06d}"


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    made = real_runtime()
    yield made
    made.executor.close()


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An agency's and a gateway's database, migrated once."""
    folder = tmp_path_factory.mktemp("templates")
    upgrade(f"sqlite+pysqlite:///{folder / 'agency.db'}", DEFINITION.migrations)
    upgrade(f"sqlite+pysqlite:///{folder / 'gateway.db'}", "gateway.migrations")
    return folder


# At reduced counts these stand for all on PostgreSQL: whatever depends on locks, isolation or SQL of its own.
ON_BOTH = (
    "test_tables",
    "test_movements",
    "test_proposals",
    "test_replicas",
    "test_withdraw",
    "test_parking",
    "test_manual",
    "test_manual_refused",
    "test_purging",
    "test_emergency",
    "test_quarantine",
    "test_bulletins",
    "test_complaints",
    "test_old_gateway",
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" in metafunc.fixturenames:
        both = FULL or metafunc.module.__name__.rpartition(".")[2] in ON_BOTH
        metafunc.parametrize("database_url", DATABASES if both else DATABASES[:1], indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path, templates: Path) -> Iterator[str]:
    """A gateway's database, migrated."""
    if request.param == "sqlite":
        shutil.copy(templates / "gateway.db", tmp_path / "gateway.db")
        yield f"sqlite+pysqlite:///{tmp_path / 'gateway.db'}"
        return
    server = postgres_server()
    url = server.database("gateway.migrations")
    yield url
    server.drop(url)


@pytest.fixture
async def district(tmp_path: Path, runtime: Runtime, database_url: str, templates: Path) -> AsyncIterator[District]:
    """Four agencies; gateways are opened by the test."""
    async with AsyncExitStack() as stack:
        made = District(tmp_path, runtime, stack, database_url, templates)
        for name in AGENCIES:
            await made.open_agency(name)
        yield made


@pytest.fixture
def district_class() -> type[District]:
    """For tests that make a district of their own, in a time of their own."""
    return District


@pytest.fixture
async def gateway(district: District) -> Replica:
    return await district.open_gateway()


@pytest.fixture
def broker(gateway: Replica) -> Caller:
    return gateway.caller()


async def eventually(holds: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Asks again and again until the answer is true; returns it."""
    until = asyncio.get_running_loop().time() + seconds
    while not (found := await holds()):
        assert asyncio.get_running_loop().time() < until, "it never came true"
        await asyncio.sleep(0.02)
    return found


class Make:
    """What tests make and call, under one name: modules of tests cannot import one another."""

    air_import = staticmethod(air_import)
    sea_import = staticmethod(sea_import)
    eventually = staticmethod(eventually)
    agencies = AGENCIES
    other_broker = OTHER_BROKER


@pytest.fixture
def make() -> Make:
    return Make()
