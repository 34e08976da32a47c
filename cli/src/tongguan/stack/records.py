"""What runs as each service, written down so that any terminal can act on it and `up` can watch it."""

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace

from tongguan.endpoints import write_atomically
from tongguan.stack.layout import POSTGRES, SERVICES, Layout, number_of, service_of
from tongguan.stack.processes import Process

PASSED_ON = ("TONGGUAN_", "OTEL_")


@dataclass(frozen=True, slots=True)
class Record:
    """One service or replica of it: the process that last ran as it, whether it should run, and its environment."""

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
    """Everything written down: agencies first, then the gateway, each with its replicas in their order."""
    order = (*SERVICES, POSTGRES)
    names = [file.stem for file in layout.record(POSTGRES).parent.glob("*.json") if service_of(file.stem) in order]
    names.sort(key=lambda name: (order.index(service_of(name)), int(number_of(name))))
    return [record for name in names if (record := read(layout, name))]


def forget(layout: Layout, kept: Collection[str]) -> None:
    """Removes what is written of others: replicas of an earlier `up` that had more."""
    for record in read_all(layout):
        if record.service not in kept:
            layout.record(record.service).unlink(missing_ok=True)


def pids(layout: Layout, service: str) -> list[int]:
    """Of those of its replicas that run."""
    known = [record for record in read_all(layout) if service_of(record.service) == service]
    return [record.process.pid for record in known if record.running()]


def write(layout: Layout, record: Record) -> None:
    """Writes one down, at once."""
    write_atomically(layout.record(record.service), json.dumps(asdict(record)))


def environment(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a process started here: this terminal's, with `given` over it."""
    return {**os.environ, **(given or {})}


def passed_on() -> dict[str, str]:
    """What of this terminal's environment services are told: fault switches, settings, telemetry."""
    return {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
