"""A second copy of a service that somebody starts by mistake: refused at once, and the first goes on undisturbed."""

import subprocess
from collections.abc import Iterator

import pytest
from small_district import RELEASED, SERVICES, SmallDistrict, small_district

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def ningbo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDistrict]:
    with small_district(tmp_path_factory.mktemp("copies")) as made:
        yield made


def test_a_second_copy_on_the_same_port_or_the_same_database_is_refused(ningbo: SmallDistrict) -> None:
    """gRPC would share a port silently, and SQLite a database: two would then take each other's cases and log."""
    copies: dict[tuple[str, str], subprocess.Popen[bytes]] = {}
    elsewhere = ningbo.folder / "elsewhere.db"
    for service in SERVICES:
        copies[service, "port"] = ningbo.launch(service, database_url=f"sqlite+pysqlite:///{elsewhere}")
        copies[service, "database"] = ningbo.launch(service, port=0)
    assert {name: process.wait(60) for name, process in copies.items()} == dict.fromkeys(copies, 2)
    for service in SERVICES:
        said = ningbo.errors(service)
        port = ningbo.ports[service]
        assert f"{service}: cannot start: port: 127.0.0.1:{port} is taken by another process" in said
        assert f"{ningbo.database(service)} is in use by another process of this service" in said
        assert ningbo.health(service) == "SERVING"
        assert len(ningbo.said(service, "listening")) == 1
    assert not elsewhere.exists()
    assert ningbo.rows("inspection", "SELECT epoch FROM logs") == [(1,)], "the log was taken from the first"


@pytest.mark.parametrize("service", SERVICES)
def test_one_that_was_killed_leaves_the_database_to_its_successor(ningbo: SmallDistrict, service: str) -> None:
    before = ningbo.submit(f"before-{service}")
    ningbo.services[service].kill()
    ningbo.services[service].wait(10)
    ningbo.start(service)
    assert ningbo.clearance(before.number).state == RELEASED
    assert ningbo.submit(f"after-{service}").reference == f"after-{service}"
