"""A migrated database of border's, of each kind."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from agencykit.storage.engines import make_engine
from agencykit.testing.postgres import DATABASES, migrated_database

pytest.register_assert_rewrite("agencykit.testing.agency_suite")


@pytest.fixture(scope="module", params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated database of each kind."""
    yield from migrated_database("border.migrations", request, tmp_path_factory.mktemp("border"))


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """A transaction that ends with the test, and leaves nothing behind."""
    engine = make_engine(database_url, connections=1)
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()
    engine.dispose()
