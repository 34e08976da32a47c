"""What runs as each service, written down so that any terminal can act on it and `up` can watch it."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from tongguan.endpoints import write_atomically
from tongguan.stack.layout import SERVICES, Layout
from tongguan.stack.processes import Process

PASSED_ON = ("TONGGUAN_", "OTEL_")


@dataclass(frozen=True, slots=True)
class Record:
    """One service: the process that last ran as it, whether it should run, and the environment it was given."""

    service: str
    process: Process
    wanted: bool
    port: int
    environment: Mapping[str, str] = field(default_factory=dict)

    def running(self) -> bool:
        return self.process.alive()

    def given_up(self) -> "Record":
        """The same service, stopped on purpose."""
        return replace(self, wanted=False)


def read(layout: Layout, service: str) -> Record | None:
    """What is written of a service; None when it never ran here."""
    try:
        whole = json.loads(layout.record(service).read_text("utf-8"))
    except FileNotFoundError:
        return None
    return Record(**whole | {"process": Process(**whole["process"])})


def read_all(layout: Layout) -> list[Record]:
    """Every service written down, agencies first."""
    return [record for service in SERVICES if (record := read(layout, service))]


def write(layout: Layout, record: Record) -> None:
    """Writes one down, at once."""
    write_atomically(layout.record(record.service), json.dumps(asdict(record)))


def environment(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a process started here: this terminal's, with `given` over it."""
    return {**os.environ, **(given or {})}


def passed_on() -> dict[str, str]:
    """What of this terminal's environment services are told: fault switches, settings, telemetry."""
    return {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
