"""PostgreSQL: pg_dump and pg_restore, which see and make one moment. The server's own backups (pg_basebackup with WAL)
lose less, and are whoever runs it to keep.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy import make_url

from agencykit.backup.faults import BackupFault
from agencykit.postgres.binaries import PostgresMissing, unprivileged_user, usable_binaries


def save(url: str, file: Path) -> None:
    """A whole copy at `file`, or nothing."""
    beside = file.with_name(f".{file.name}.part")
    _run("pg_dump", "--format=custom", f"--file={beside}", f"--dbname={_dsn(url)}")
    beside.chmod(0o600)
    beside.replace(file)


def restore(url: str, file: Path) -> None:
    """Puts the copy in place of what there is, in one transaction. Nobody may use it."""
    given = ["--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error"]
    _run("pg_restore", *given, f"--dbname={_dsn(url)}", str(file))


def _dsn(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run([_found(program), *arguments], capture_output=True, text=True, env=os.environ, check=False)
    if done.returncode:
        raise BackupFault(f"{program}: {(done.stderr or done.stdout).strip().splitlines()[-1]}")


def _found(program: str) -> str:
    if on_path := shutil.which(program):
        return on_path
    try:
        with tempfile.TemporaryDirectory() as folder:
            return str(usable_binaries(unprivileged_user(), Path(folder)) / program)
    except PostgresMissing as error:
        raise BackupFault(str(error)) from None
