"""A PostgreSQL without a free connection, or that takes no writes, and a second copy: on real processes.

That it is killed every few seconds under load is in `tests/replicas/test_replicas_roll.py`.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
import pytest
from small_district import RELEASED, SERVICES, SmallDistrict, small_district
from sqlalchemy import make_url

from agencykit.testing.postgres import postgres_server

pytestmark = [pytest.mark.full, pytest.mark.timeout(240)]

Break = Callable[[SmallDistrict, str], AbstractContextManager[None]]


@contextmanager
def server() -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """As whoever administers it."""
    folder = str(make_url(postgres_server().database()).query["host"])
    with psycopg.connect(host=folder, user="tongguan", dbname="postgres", autocommit=True) as connection:
        yield connection


def own_url(service: str) -> str:
    """A database of its own, and a user of its own."""
    url = make_url(postgres_server().database())
    with server() as connection:
        connection.execute(f"CREATE ROLE {service} LOGIN")
        connection.execute(f"ALTER DATABASE {url.database} OWNER TO {service}")
    return url.set(username=service).render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def ningbo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDistrict]:
    ways = {service: {"database_url": own_url(service)} for service in SERVICES}
    with small_district(tmp_path_factory.mktemp("served"), ways) as made:
        yield made


def hang_up(connection: "psycopg.Connection[tuple[object, ...]]", service: str) -> None:
    """Ends the connections that the service has."""
    connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (service,))


@contextmanager
def exhausted(ningbo: SmallDistrict, service: str) -> Iterator[None]:
    """No connection is left for it."""
    with server() as connection:
        connection.execute(f"ALTER ROLE {service} CONNECTION LIMIT 0")
        hang_up(connection, service)
        yield
        connection.execute(f"ALTER ROLE {service} CONNECTION LIMIT -1")


@contextmanager
def read_only(ningbo: SmallDistrict, service: str) -> Iterator[None]:
    """It answers, and takes no writes, as a standby."""
    with server() as connection:
        connection.execute(f"ALTER ROLE {service} SET default_transaction_read_only = on")
        hang_up(connection, service)
        yield
        connection.execute(f"ALTER ROLE {service} RESET default_transaction_read_only")


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(("fails", "cause"), [(exhausted, "too_many_connections"), (read_only, "25006")])
def test_what_cannot_be_written_is_refused_or_waits_and_goes_on_by_itself(
    ningbo: SmallDistrict, fails: Break, cause: str, service: str
) -> None:
    name = f"{fails.__name__[:4]}-{service[:4]}"
    kept, again, waiting = ningbo.submit(f"{name}-before"), str(uuid.uuid4()), []
    with fails(ningbo, service):
        if service == "gateway":
            ningbo.eventually(lambda: ningbo.health(service) == "NOT_SERVING")
            assert ningbo.refusal(f"{name}-amid", again) == ("UNAVAILABLE", "UNAVAILABLE")
        else:
            waiting = [ningbo.submit(f"{name}-{number}") for number in range(4)]
            assert RELEASED not in [clearance.state for clearance in waiting]
            ningbo.eventually(lambda: ningbo.health(service) == "NOT_SERVING")
        ningbo.eventually(lambda: cause in [line["fault"] for line in ningbo.said(service, "storage.failed")])
    ningbo.eventually(lambda: ningbo.health(service) == "SERVING")
    ningbo.eventually(lambda: all(ningbo.clearance(one.number).state == RELEASED for one in waiting))
    ningbo.eventually(lambda: ningbo.submit(f"{name}-amid", again).state == RELEASED)
    assert ningbo.clearance(kept.number).state == RELEASED


@pytest.mark.parametrize("service", SERVICES)
def test_a_second_copy_under_the_same_replicas_name_is_refused(ningbo: SmallDistrict, service: str) -> None:
    code, said = ningbo.refused_start(service, port=0)
    assert (code, len(ningbo.said(service, "listening"))) == (2, 1)
    assert said == f"{service}: cannot start: replica: another process goes by 1 on this database; take another\n"
    assert ningbo.submit(f"copy-{service}").state == RELEASED
