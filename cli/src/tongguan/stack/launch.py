"""Starting services and seeing that they answer. Used by `up` and by `start` alike."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from threading import Event

from tongguan.failures import Unavailable
from tongguan.stack import certificates, records
from tongguan.stack.health import wait_until_healthy
from tongguan.stack.layout import POSTGRES, SERVICES, Layout, service_of
from tongguan.stack.ports import HOST
from tongguan.stack.processes import process_of, spawn
from tongguan.stack.records import Record

READY_SECONDS = 60.0
TAIL_LINES = 15
_POSTGRES = (sys.executable, "-m", "agencykit.postgres")
Child = subprocess.Popen[bytes]


def launch(layout: Layout, service: str, port: int, environment: Mapping[str, str]) -> Child:
    """Starts the process of a replica and writes it down; does not wait for it."""
    child = spawn(_command(layout, service), layout.log(service), records.environment(environment))
    records.write(layout, Record(service, process_of(child.pid), True, port, environment))
    return child


def _command(layout: Layout, replica: str) -> list[str]:
    if replica == POSTGRES:
        databases = [part for service in SERVICES for part in ("--database", service)]
        return [*_POSTGRES, "serve", "--folder", str(layout.postgres), *databases]
    return [sys.executable, "-m", service_of(replica), "--config", str(layout.configuration(replica))]


def wait_for_all(layout: Layout, services: Sequence[str], ready: Callable[[str, float], None]) -> None:
    """Waits until each is healthy and tells `ready` its seconds; raises Unavailable for the first that will not be."""
    begin, given_up = time.monotonic(), Event()
    with ThreadPoolExecutor(len(services)) as pool:
        waits = {pool.submit(_wait, layout, service, given_up): service for service in services}
        try:
            for wait in as_completed(waits):
                if not wait.result():
                    raise _not_ready(layout, waits[wait])
                ready(waits[wait], time.monotonic() - begin)
        finally:
            given_up.set()  # the others need not be waited for


def _wait(layout: Layout, service: str, given_up: Event) -> bool:
    if service == POSTGRES:
        ready = [*_POSTGRES, "ready", "--folder", str(layout.postgres), "--seconds", str(READY_SECONDS)]
        return subprocess.run(ready, capture_output=True, check=False).returncode == 0
    record = records.read(layout, service)
    operator = certificates.credentials(layout, certificates.IDENTITIES["operator"])
    return record is not None and wait_until_healthy(
        f"{HOST}:{record.port}", operator, READY_SECONDS, lambda: record.running() and not given_up.is_set()
    )


def _not_ready(layout: Layout, service: str) -> Unavailable:
    record = records.read(layout, service)
    fate = "does not become healthy" if record and record.running() else "ended while starting"
    log = layout.log(service)
    return Unavailable(f"{service} {fate}", f"read its log: {log}", details=tail(layout, service))


def tail(layout: Layout, service: str, lines: int = TAIL_LINES) -> list[str]:
    """The last lines of a service's log, indented."""
    try:
        text = layout.log(service).read_text("utf-8", "replace")
    except FileNotFoundError:
        text = ""
    return [f"    {line}" for line in text.splitlines()[-lines:]] or ["    (its log is empty)"]
