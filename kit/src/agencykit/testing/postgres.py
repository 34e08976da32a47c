"""A real PostgreSQL for tests: one server for each test process, one database for each test.

Which binaries, and as whom: `agencykit.postgres`. It listens on a Unix socket in its own folder and nowhere else;
nothing it holds outlives the process, so it need not sync.
"""

import atexit
import itertools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import psycopg
import pytest

from agencykit.postgres.binaries import PostgresMissing, group_of, run_as, unprivileged_user, usable_binaries
from agencykit.storage.migrations import upgrade

_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "max_prepared_transactions": "0",
    "log_min_messages": "warning",
}
_START_SECONDS = 30.0


class PostgresServer:
    """A running server. `database()` makes a database and returns its URL; `close()` ends the server by its own pid."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="tongguan-pg-", dir="/tmp"))
        self._user = unprivileged_user()
        if self._user:
            shutil.chown(self._folder, self._user)
        self._log = self._folder / "log"
        self._numbers = itertools.count(1)
        self._templates: dict[str, str] = {}
        binaries = usable_binaries(self._user, self._folder)
        data = self._folder / "data"
        locale = ["--encoding=UTF8", "--locale=C", "--auth=trust", "--username=tongguan", "--no-sync"]
        made = self._run([binaries / "initdb", f"--pgdata={data}", *locale])
        if made.returncode:
            raise PostgresMissing(f"initdb: {made.stdout[-2000:]}")
        settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [binaries / "postgres", "-D", data, "-k", self._folder, *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                user=self._user,
                group=group_of(self._user),
                extra_groups=() if self._user else None,
            )
        atexit.register(self.close)
        self._await_start()

    def database(self, package: str = "") -> str:
        """The URL of a new database; with `package`, migrated to its head by way of a template made once."""
        if not package:
            return self._create("template0")
        if package not in self._templates:
            template = self._create("template0")
            upgrade(template, package)
            self._templates[package] = _name_of(template)
        return self._create(self._templates[package])

    def drop(self, url: str) -> None:
        """Drops a database, whoever is still connected."""
        with self._connect() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {_name_of(url)} WITH (FORCE)")

    def close(self) -> None:
        """Stops the server and removes its folder. May be called twice."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _create(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        with self._connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return f"postgresql+psycopg://tongguan@/{name}?host={self._folder}"

    def _connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(host=str(self._folder), user="tongguan", dbname="postgres", autocommit=True)

    def _await_start(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self._connect().close()
                return
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise PostgresMissing(f"postgres did not start: {self._log.read_text()[-2000:]}") from error
                time.sleep(0.05)

    def _run(self, command: list[Path | str]) -> "subprocess.CompletedProcess[str]":
        return run_as(self._user, command, self._folder)


def _name_of(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


@cache
def postgres_server() -> PostgresServer:
    """This process's server, started at its first use and stopped at the process's end."""
    return PostgresServer()


# TONGGUAN_TEST_DATABASE=postgresql runs everything that has a database on PostgreSQL alone, `sqlite` on SQLite alone.
CHOSEN = os.environ.get("TONGGUAN_TEST_DATABASE", "")
DATABASES = (CHOSEN,) if CHOSEN else ("sqlite", "postgresql")


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind. Import this fixture into a conftest.py to use it."""
    if request.param == "sqlite":
        yield f"sqlite+pysqlite:///{tmp_path / 'test.db'}"
    else:
        yield from _lent()


def own_database(file: Path) -> str:
    """A database that a test makes for itself: the file, or where PostgreSQL is chosen one there, always the same."""
    return _standing_for(file) if CHOSEN == "postgresql" else f"sqlite+pysqlite:///{file}"


@cache
def _standing_for(file: Path) -> str:
    return postgres_server().database()


def migrated_database(package: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database at the head of a package's migrations, copied from a template; of the kind `request.param`.

    @pytest.fixture(params=DATABASES)
    def database_url(request, tmp_path):
        yield from migrated_database("border.migrations", request, tmp_path)
    """
    if request.param == "sqlite":
        file = tmp_path / "test.db"
        shutil.copy(_sqlite_template(package), file)
        yield f"sqlite+pysqlite:///{file}"
    else:
        yield from _lent(package)


def _lent(package: str = "") -> Iterator[str]:
    server = postgres_server()
    url = server.database(package)
    yield url
    server.drop(url)


@cache
def _sqlite_template(package: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="tongguan-sqlite-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    upgrade(f"sqlite+pysqlite:///{folder / 'template.db'}", package)
    return folder / "template.db"
