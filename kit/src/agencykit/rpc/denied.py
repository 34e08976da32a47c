"""Who is shut out at once although his certificate is in force: gRPC reads no revocation list."""

from pathlib import Path

from agencykit.certifying.denied import read_denied, read_since
from agencykit.runtime import Clock
from agencykit.settings import SettingsError
from agencykit.storage.times import to_micros
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
        self._since: dict[str, int] = {}
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

    def denies_since(self, uri: str, serial: str) -> int | None:
        """From which moment on a certificate is shut out, in microseconds since 1970; None where it is not."""
        if not self.denies(uri, serial):
            return None
        return min([self._since[each] for each in (uri, serial) if each in self._since], default=0)

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
        since = {each: to_micros(moment) for each, moment in read_since(file).items()}
        self._identities, self._serials, self._changed = identities, serials, changed
        self._since = since
