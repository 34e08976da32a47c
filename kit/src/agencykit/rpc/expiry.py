"""Tells in time that an own certificate ends. Expired, it looks like an outage to everybody else."""

from collections.abc import Mapping
from pathlib import Path

from agencykit.certifying.terms import WARNING_DAYS, days_left
from agencykit.runtime import Clock
from agencykit.settings import ServiceSettings
from agencykit.telemetry.log import Log


class ExpiryWatch:
    """Once a day for each certificate from 30 days before its end, until another is there; a log line each time."""

    def __init__(self, settings: ServiceSettings, clock: Clock, log: Log) -> None:
        self._files: Mapping[str, Path] = {"tls": settings.cert_file} | (
            {"signing": settings.signing_cert_file} if settings.signing_cert_file else {}
        )
        self._clock, self._log = clock, log
        self._told_on: dict[str, int] = {}

    def look(self) -> None:
        """Tells what is due. A file that cannot be read just now (it is being replaced) is looked at again."""
        now = self._clock.now()
        for kind, file in self._files.items():
            try:
                left = days_left(file, now)
            except (OSError, ValueError):
                continue
            if left < WARNING_DAYS and self._told_on.get(kind) != now.toordinal():
                self._told_on[kind] = now.toordinal()
                tell = self._log.warning if left > 0 else self._log.error
                tell("certificate.ends", kind=kind, days_left=round(left, 2))
