"""Brings a database to the newest form of one package, by alembic, in one transaction.

A package keeps `migrations/versions/0001_….py`, `0002_….py` …; a file's leading digits are its alembic revision, and
revisions follow one another without branches. So whether anything must be done is known from file names alone, and a
start at head never imports alembic.
"""

import importlib.util
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, inspect, text

from agencykit.storage.engines import make_engine

# Any number that nobody else uses in this database: two replicas that start together migrate one after the other.
_LOCK = 7_401_118_001


class MigrationFault(Exception):
    """A package's migrations break the house's form; the text names the file."""


def upgrade(url: str, package: str) -> str:
    """Upgrades the database at `url` to the head of `package` (`customs.migrations`); returns the head's revision.

    A database that is newer stays so: while replicas are replaced one by one, an older one may start once more beside
    newer ones. Migrations only add what the version before can do without (CONTRIBUTING.md).
    """
    head = head_of(package)
    engine = make_engine(url, connections=0)
    try:
        if int(current_revision(engine) or 0) < int(head):
            with engine.begin() as connection:
                _upgrade(connection, package)
    finally:
        engine.dispose()
    return head


def head_of(package: str) -> str:
    """The newest revision of a package, from its file names."""
    files = sorted(path.name for path in versions_folder(package).glob("[0-9]*_*.py"))
    if not files:
        raise MigrationFault(f"{package} has no versions")
    return files[-1].partition("_")[0]


def versions_folder(package: str) -> Path:
    """Where a package's migrations lie."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MigrationFault(f"{package} is not a package")
    return Path(next(iter(spec.submodule_search_locations))) / "versions"


def current_revision(engine: Engine) -> str | None:
    """The database's revision; None where it has never been migrated."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return str(found) if found is not None else None


def _upgrade(connection: Connection, package: str) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        connection.exec_driver_sql("SET LOCAL lock_timeout = '60s'")
    folder = versions_folder(package)
    script = ScriptDirectory(str(folder.parent), version_locations=[str(folder)])
    context = EnvironmentContext(Config(), script, fn=lambda revision, _: script._upgrade_revs("head", revision))
    context.configure(connection=connection, render_as_batch=connection.dialect.name == "sqlite")
    context.run_migrations()


def drift(url: str, *expected: MetaData) -> list[object]:
    """What differs between a migrated database and the tables the code declares; empty when nothing does."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    declared = MetaData()
    for table in (table for metadata in expected for table in metadata.sorted_tables):
        table.to_metadata(declared)
    engine = make_engine(url, connections=0)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            return list(compare_metadata(context, declared))
    finally:
        engine.dispose()
