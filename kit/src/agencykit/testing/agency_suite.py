"""One suite for every agency: what AgencyService and WorkService promise, over real sockets, on both databases.

from agencykit.testing.agency_suite import AgencySuite

class TestBorder(AgencySuite):
    role, settings_class, definition = "border", BorderSettings, definition(BorderSettings())
    build = staticmethod(build)

    def awaiting(self, reference): …          # a consignment that waits for a fact of this agency
    async def supply(self, operator, consignment): …   # lodges that fact through the agency's own service
"""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from agencykit.testing.postgres import DATABASES, migrated_database
from agencykit.testing.running import RunningAgency, agency_settings, running_agency

# Before the parts are imported, so that a failed assertion shows its values.
pytest.register_assert_rewrite("agencykit.testing.suite")

from agencykit.testing.suite.assessing import Assessing  # noqa: E402
from agencykit.testing.suite.following import Following  # noqa: E402
from agencykit.testing.suite.officers import Officers  # noqa: E402
from agencykit.testing.suite.stories import Stories  # noqa: E402
from agencykit.testing.suite.supplied import answered, new_number, refused, refuses  # noqa: E402
from agencykit.testing.suite.telling import Telling  # noqa: E402

__all__ = ["AgencySuite", "answered", "new_number", "refused", "refuses"]


@pytest.mark.asyncio(loop_scope="class")
class AgencySuite(Assessing, Following, Officers, Telling, Stories):
    """The promises. Subclass it, supply what `Supplied` asks for, and pytest runs them all."""

    @pytest.fixture(scope="class", params=DATABASES)
    @classmethod
    def database(cls, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
        yield from migrated_database(cls.definition.migrations_package, request, tmp_path_factory.mktemp(cls.role))

    @pytest_asyncio.fixture(scope="class", loop_scope="class")
    @classmethod
    async def agency(cls, database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningAgency]:
        spans = tmp_path_factory.mktemp("spans") / "spans.db"
        settings = agency_settings(cls.settings_class, cls.role, database, span_store=spans, **cls.settings)
        async with running_agency(cls.build, settings, cls.role) as running:
            await cls().prepare(running.operator)
            yield running
