"""Who is shut out at once although his certificate is in force: gRPC reads no revocation list."""

from pathlib import Path

from agencykit.certifying.denied import read_denied
from agencykit.runtime import Clock
from agencykit.settings import SettingsError
from agencykit.telemetry.log import Log

_REREAD_SECONDS = 2.0


class DenyList:
    """Identities and serial numbers shut out. Re-read when the file changes; a faulty one leaves the last good one.

    TOML: `identities = ["spiffe://ningbo.clearance/broker/3104980001"]`, `serials = ["5f0a…"]` (hexadecimal);
    `tongguan pki revoke` writes it. Raises SettingsError where the first reading fails: nobody shall be let in because
    a list is not where it was said to be.
    """

    def __init__(self, file: Path | None, clock: Clock, log: Log) -> None:
        self._file, self._clock, self._log = file, clock, log
        self._changed, self._next_look = -1, 0.0
        self._identities: frozenset[str] = frozenset()
        self._serials: frozenset[str] = frozenset()
        if file is not None:
            try:
                self._read(file)
            except (OSError, ValueError, TypeError) as error:
                raise SettingsError([f"denied_file: {file} cannot be read: {error}"]) from None

    def denies(self, uri: str, serial: str) -> bool:
        """Whether a certificate is shut out."""
        if self._file and self._clock.monotonic() >= self._next_look:
            self._look(self._file)
        return uri in self._identities or (bool(serial) and serial in self._serials)

    def _look(self, file: Path) -> None:
        try:
            self._read(file)
        except (OSError, ValueError, TypeError) as error:
            self._log.error("denied_file.faulty", error=error)

    def _read(self, file: Path) -> None:
        self._next_look = self._clock.monotonic() + _REREAD_SECONDS
        changed = file.stat().st_mtime_ns
        if changed == self._changed:
            return
        identities, serials = read_denied(file)
        self._identities, self._serials, self._changed = identities, serials, changed
