"""One server in one folder: `data` beside its Unix socket, on which alone it listens.

<folder>/data        the cluster; fsync is on, as it is by default
<folder>/databases   which of the services' databases have been made
"""

import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from agencykit.postgres.binaries import PostgresMissing, run_as, unprivileged_user, usable_binaries

USER = "tongguan"
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    # Three gateways and two of each agency keep eight connections each, and some more while they migrate.
    "max_connections": "200",
    "max_prepared_transactions": "0",
    "log_min_messages": "warning",
}
# A Unix socket's path has room for 107 bytes; the server's own name for it takes these.
LONGEST_FOLDER = 107 - len("/.s.PGSQL.5432")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A folder, the binaries that serve it, and as whom."""

    folder: Path
    binaries: Path
    user: str | None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def run(self, program: str, *arguments: str, words: str | None = None) -> str:
        """Runs a program of the installation to its end; what it said. PostgresMissing where it fails."""
        done = run_as(self.user, [self.binaries / program, *arguments], self.folder, words)
        if done.returncode:
            raise PostgresMissing(f"{program}: {done.stdout.strip()[-2000:]}")
        return done.stdout

    def command(self, settings: Mapping[str, str] = SETTINGS) -> list[str]:
        """What runs the server."""
        given = [f"--{name}={value}" for name, value in settings.items()]
        return [str(self.binaries / "postgres"), "-D", str(self.data), "-k", str(self.folder), *given]


def url(folder: Path, database: str) -> str:
    """By which services reach a database of the server in that folder."""
    return f"postgresql+psycopg://{USER}@/{database}?host={folder}"


def cluster_in(folder: Path) -> Cluster:
    """Makes the folder ready for the server; raises PostgresMissing where none can run in it."""
    if len(os.fsencode(folder)) > LONGEST_FOLDER:
        raise PostgresMissing(f"a Unix socket's path is too short for {folder}: give a shorter --state")
    user = unprivileged_user()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if user:
        shutil.chown(folder, user)
        # The state folder stays closed to looks; but the lent user must pass through it.
        folder.parent.chmod(folder.parent.stat().st_mode | 0o011)
        if run_as(user, ["/usr/bin/test", "-d", folder], Path("/")).returncode:
            raise PostgresMissing(f"root lends PostgreSQL to the user {user}, who cannot reach {folder}: give --state")
    return Cluster(folder, usable_binaries(user, folder), user)


def prepare(cluster: Cluster, databases: Collection[str]) -> None:
    """Makes the cluster and those of the databases that are not there yet. No server may run on it."""
    if not (cluster.data / "PG_VERSION").exists():
        shutil.rmtree(cluster.data, ignore_errors=True)  # one that was not finished
        locale = ["--encoding=UTF8", "--locale=C", "--auth=trust", f"--username={USER}"]
        cluster.run("initdb", f"--pgdata={cluster.data}", *locale)
    note = cluster.folder / "databases"
    made = note.read_text("utf-8").split() if note.exists() else []
    for name in databases:
        if name not in made:
            # Without a server; what is there already is told of, and stays.
            single = ["--single", "-D", str(cluster.data), "postgres"]
            cluster.run("postgres", *single, words=f'CREATE DATABASE "{name}"\n')
            made.append(name)
    note.write_text("\n".join(made) + "\n", "utf-8")


def become(user: str | None) -> None:
    """Gives this process to the user whom root lends the server to, for good."""
    if user:
        import pwd

        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
