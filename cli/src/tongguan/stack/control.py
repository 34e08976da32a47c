"""Acting on single services of a running district, from any terminal: stop, start, restart, kill."""

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tongguan import endpoints
from tongguan.failures import Misused, Refused, Unavailable
from tongguan.hints import again
from tongguan.stack import locks, records
from tongguan.stack.launch import launch, wait_for_all
from tongguan.stack.layout import GATEWAY, POSTGRES, Layout, layouts_inside, service_of
from tongguan.stack.records import Record

GRACE_SECONDS = 15.0  # a service lets calls go on for up to 10
KILL_SECONDS = 5.0


def stop(layout: Layout, service: str) -> str:
    """Stops a service and says how it went; one that does not run stays as it is."""
    with _record(layout, service) as record:
        records.write(layout, record.given_up())
        if not record.running():
            return f"{service} does not run"
        gracefully = _stop(record)
        publish(layout)
        return f"{service} stopped" if gracefully else f"{service} did not stop in {GRACE_SECONDS:.0f} s and was killed"


def start(layout: Layout, service: str) -> str:
    """Starts a service with the port and settings it had, and waits until it is healthy; raises Unavailable."""
    with _record(layout, service) as record:
        if record.running():
            return f"{service} runs already"
        return _start(layout, record)


def restart(layout: Layout, service: str) -> str:
    """Stops and starts a service."""
    with _record(layout, service) as record:
        records.write(layout, record.given_up())
        _stop(record)
        return _start(layout, record)


def kill(layout: Layout, service: str) -> str:
    """Kills a service (SIGKILL), as a crash would; `up` will report it."""
    with _record(layout, service) as record:
        if not record.running():
            raise Refused(f"{service} does not run", f"start it: {again(layout.folder, 'start', service)}")
        record.process.signal(signal.SIGKILL)
        if not record.process.gone_within(KILL_SECONDS):
            raise Refused(f"{service} (process {record.process.pid}) is still there after SIGKILL")
        publish(layout)
        return f"{service} killed"


ACTS: dict[str, Callable[[Layout, str], str]] = {"stop": stop, "start": start, "restart": restart, "kill": kill}


def stop_together(recorded: Sequence[Record]) -> None:
    """Stops several services at the same time."""
    if recorded:
        with ThreadPoolExecutor(len(recorded)) as pool:
            list(pool.map(_stop, recorded))


def stop_all(recorded: Sequence[Record]) -> None:
    """Stops all: gateways, who ask the agencies; then those; then the database beneath them."""
    last = {GATEWAY: 0, POSTGRES: 2}
    for turn in range(3):
        stop_together([record for record in recorded if last.get(service_of(record.service), 1) == turn])


def _stop(record: Record) -> bool:
    # PostgreSQL takes SIGTERM as "once the last client has gone", SIGINT as "now".
    how = signal.SIGINT if record.service == POSTGRES else signal.SIGTERM
    return record.process.stop(GRACE_SECONDS, how)


def publish(layout: Layout) -> None:
    """Brings the process ids in endpoints.json up to date."""
    try:
        known = endpoints.read(layout.endpoints)
    except FileNotFoundError:  # `up` is still starting, and will write it itself
        return
    services = {name: replace(service, pids=records.pids(layout, name)) for name, service in known.services.items()}
    endpoints.write(layout.endpoints, replace(known, services=services))
    publish_list(layout.folder.parent)


def publish_list(state: Path) -> None:
    """Brings the list of several districts' endpoints.json up to date, where they were started together."""
    running = [layout.endpoints for layout in layouts_inside(state) if layout.endpoints.exists()]
    if running:
        endpoints.write_together(state / "endpoints.json", [endpoints.read(file) for file in running])


def _start(layout: Layout, record: Record) -> str:
    environment = {**record.environment, **records.passed_on()}
    launch(layout, record.service, record.port, environment)
    wait_for_all(layout, [record.service], lambda _service, _seconds: None)
    publish(layout)
    return f"{record.service} runs on port {record.port}" if record.port else f"{record.service} runs"


@contextmanager
def _record(layout: Layout, service: str) -> Iterator[Record]:
    """What runs as the service, held against others meanwhile; refused where no `up` watches over it."""
    if not locks.held(layout.lock):
        raise Unavailable(f"no stack runs on {layout.folder}", f"start it: {again(layout.folder, 'up')}")
    with locks.one_at_a_time(layout.control):
        record = records.read(layout, service)
        if record is None:
            names = ", ".join(known.service for known in records.read_all(layout))
            raise Misused(f"{service} is not a service of this stack", f"take one of: {names}")
        if not layout.endpoints.exists():
            raise Unavailable(f"the stack on {layout.folder} is starting or stopping", "try again in a moment")
        yield record
