"""Each service brings its database to its newest form, in one transaction, and does nothing where it is there."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect

from agencykit.decisions.tables import metadata as kit_tables
from agencykit.storage.engines import make_engine
from agencykit.storage.migrations import MigrationFault, current_revision, drift, head_of, upgrade
from agencykit.testing.example_agency import metadata as own_tables

PACKAGE = "agencykit.testing.example_migrations"


def test_an_empty_database_reaches_the_head_and_agrees_with_the_tables(database_url: str) -> None:
    assert upgrade(database_url, PACKAGE) == head_of(PACKAGE) == "0001"
    assert drift(database_url, kit_tables, own_tables) == []
    assert upgrade(database_url, PACKAGE) == "0001"


def test_a_table_that_no_migration_makes_is_noticed(database_url: str) -> None:
    upgrade(database_url, PACKAGE)
    [difference] = drift(database_url, kit_tables)
    assert "weight_notes" in str(difference)


def test_two_that_start_together_migrate_once(database_url: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(upgrade, [database_url] * 2, [PACKAGE] * 2)) == ["0001", "0001"]
    assert drift(database_url, kit_tables, own_tables) == []


def test_a_migration_that_fails_leaves_nothing(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = tmp_path / "doomed" / "versions"
    versions.mkdir(parents=True)
    (versions.parent / "__init__.py").touch()
    (versions / "0001_doomed.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\n"
        "revision, down_revision = '0001', None\n"
        "def upgrade():\n    op.create_table('half', sa.Column('a', sa.Integer))\n    raise RuntimeError('doomed')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RuntimeError, match="doomed"):
        upgrade(database_url, "doomed")
    engine = make_engine(database_url, connections=0)
    assert current_revision(engine) is None
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    engine.dispose()


def test_a_start_at_head_does_not_import_alembic(database_url: str) -> None:
    upgrade(database_url, PACKAGE)
    program = (
        "import sys; from agencykit.storage.migrations import upgrade; "
        f"upgrade({database_url!r}, {PACKAGE!r}); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("package", ["agencykit.evidence", "agencykit.rules", "no_such_package_anywhere"])
def test_a_package_without_migrations_is_refused(package: str) -> None:
    with pytest.raises(MigrationFault):
        head_of(package)
