"""A migrated database of border's, of each kind."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from agencykit.storage.engines import make_engine
from agencykit.storage.migrations import upgrade
from agencykit.testing.postgres import database_url as database_url

pytest.register_assert_rewrite("agencykit.testing.agency_suite")


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    upgrade(database_url, "border.migrations")
    engine = make_engine(database_url, connections=1)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
