"""One process for one SQLite database, and none made anew where one was. On a server: `agencykit.storage.replica`.

FILE.lock beside the database is locked as long as a service runs on it; the system frees it however the process ends.
Its text says that the database was made: a service that then finds none does not begin with an empty one.
"""

import fcntl
import os
from pathlib import Path

from sqlalchemy import make_url

from agencykit.settings import SettingsError
from agencykit.storage.engines import dialect_of

_MADE = b"made\n"


class Hold:
    """The lock of one database, taken by `take`; a server's is shared by replicas and has none."""

    def __init__(self, file: Path, descriptor: int) -> None:
        self._file, self._descriptor = file, descriptor

    @classmethod
    def take(cls, url: str) -> "Hold | None":
        """Raises SettingsError where another process has it, or where the database that was made is not there."""
        if not _file_of(url):
            return None
        file = Path(_file_of(url))
        lock = file.with_name(f"{file.name}.lock")
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise SettingsError([f"database_url: {lock} cannot be written ({error.strerror})"]) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.pread(descriptor, len(_MADE), 0) and not file.exists():
                raise SettingsError(
                    [
                        f"database_url: {file} was deleted; put its last copy back (docs/backup.md), "
                        f"or remove {lock.name} to begin with an empty one"
                    ]
                )
        except BlockingIOError as error:
            os.close(descriptor)
            raise SettingsError([f"database_url: {file} is in use by another process of this service"]) from error
        except SettingsError:
            os.close(descriptor)
            raise
        return cls(file, descriptor)

    def made(self) -> None:
        """The database is there: from now on its loss is noticed."""
        if self._file.exists():
            os.pwrite(self._descriptor, _MADE, 0)

    def release(self) -> None:
        """Lets another process begin."""
        os.close(self._descriptor)


def _file_of(url: str) -> str:
    return (make_url(url).database or "") if url and dialect_of(url) == "sqlite" else ""
