"""A newer version's migrations run beside live traffic, and replicas of both versions go on beside each other."""

import asyncio
import shutil
from pathlib import Path

import pytest

from agencykit.agency import AgencyDefinition
from agencykit.storage.migrations import current_revision, upgrade, versions_folder
from agencykit.testing.example_agency import DEFINITION

from .conftest import Harbour

NEWER = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"


def upgrade():
    op.create_table("berths", sa.Column("number", sa.BigInteger, primary_key=True))
    op.add_column("cases", sa.Column("berth", sa.Text, server_default=""))
    op.add_column("decisions", sa.Column("tide", sa.BigInteger))
    op.create_index("cases_by_berth", "cases", ["berth"])
"""


@pytest.fixture
def grown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AgencyDefinition:
    """The weighbridge's next version."""
    from dataclasses import replace

    folder = tmp_path / "grown_weighbridge"
    shutil.copytree(versions_folder(DEFINITION.migrations_package), folder / "versions")
    (folder / "__init__.py").touch()
    (folder / "versions" / "0002_berths.py").write_text(NEWER)
    monkeypatch.syspath_prepend(tmp_path)
    return replace(DEFINITION, migrations="grown_weighbridge")


async def test_a_migration_beside_live_traffic_fails_no_call_and_both_versions_go_on(
    harbour: Harbour, grown: AgencyDefinition
) -> None:
    old = await harbour.open(replica="old")
    over = asyncio.Event()

    async def decide() -> int:
        count = 0
        while not over.is_set():
            await harbour.decide(old, harbour.number())
            count += 1
        return count

    clients = [asyncio.create_task(decide()) for _ in range(4)]
    await asyncio.sleep(0)
    await asyncio.to_thread(upgrade, harbour.url, grown.migrations_package)
    new = await harbour.open(grown, replica="new")
    await harbour.decide(new, harbour.number())
    over.set()
    assert all(await asyncio.gather(*clients))
    # One of the old version that starts once more leaves the database as it is.
    again = await harbour.open(replica="old")
    await harbour.decide(again, harbour.number())
    assert current_revision(new.app.parts.database.writer) == "0002"
