"""Bringing a district up, watching over it, and taking it down.

(1) certificates, (2) ports and settings, (3) processes, (4) all healthy, (5) endpoints.json. From then on other
terminals may stop and start services (control.py); one found dead is reported and stays dead.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from tongguan import endpoints
from tongguan.hints import again
from tongguan.output import Output
from tongguan.stack import certificates, control, locks, ports, records
from tongguan.stack.launch import Child, launch, wait_for_all
from tongguan.stack.layout import AGENCIES, GATEWAY, Layout
from tongguan.stack.plan import Plan, configure, endpoints_of
from tongguan.stack.processes import Process

PORT_ORDER = (GATEWAY, *AGENCIES)  # from --port-base upwards
LOOK_SECONDS = 0.2
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def running(layout: Layout, plan: Plan, output: Output) -> "Iterator[Stack]":
    """A district that runs as long as the block; a stop signal ends the block with KeyboardInterrupt.

    Refused while another `up` holds the state folder.
    """
    layout.make_folders()
    with locks.only_one(layout.lock), _signals_interrupt():
        stack = Stack(layout, plan, output)
        try:
            stack.start()
            yield stack
        finally:
            for number in _STOPPING:
                signal.signal(number, signal.SIG_IGN)  # stopping takes as long as it takes, and does not take longer
            stack.stop()


@contextmanager
def _signals_interrupt() -> Iterator[None]:
    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in _STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Stack:
    """The processes of one state folder. Made by `running`."""

    def __init__(self, layout: Layout, plan: Plan, output: Output) -> None:
        self.layout, self.plan, self.output = layout, plan, output
        self._children: list[Child] = []
        self._told: set[Process] = set()

    def start(self) -> None:
        """Steps (1) to (5); raises Unavailable with the end of its log when a service does not come up."""
        layout, plan = self.layout, self.plan
        self.output.note(f"starting the district on {layout.folder}")
        layout.endpoints.unlink(missing_ok=True)
        self._stop_leftovers()
        certificates.make(layout, plan.further)  # (1)
        before = {record.service: record.port for record in records.read_all(layout)}
        chosen = ports.choose(PORT_ORDER, plan.port_base, before)  # (2)
        configure(layout, plan, chosen)
        environment = records.passed_on()
        for service in plan.started:  # (3)
            self._children.append(launch(layout, service, chosen[service], environment))
        wait_for_all(layout, plan.started, self._ready)  # (4)
        endpoints.write(layout.endpoints, endpoints_of(layout, plan, chosen))  # (5)

    def _stop_leftovers(self) -> None:
        """An `up` that was killed leaves its services behind; they would hold ports and databases."""
        left = [record for record in records.read_all(self.layout) if record.running()]
        if left:
            self.output.note(f"stopping what an earlier `up` left: {', '.join(record.service for record in left)}")
            control.stop_together(left)

    def _ready(self, service: str, seconds: float) -> None:
        record = records.read(self.layout, service)
        address = f"{ports.HOST}:{record.port if record else 0}"
        self.output.note(f"  {service:<11} {address:<16} ready after {seconds:.1f} s")

    def watch(self, end: threading.Event) -> None:
        """Looks again and again until `end`."""
        while not end.wait(LOOK_SECONDS):
            self.look()

    def look(self) -> None:
        """Tells of every service that died since the last look; none is restarted."""
        recorded = records.read_all(self.layout)
        dead = [one for one in recorded if one.wanted and not one.running() and one.process not in self._told]
        # Asked after, so that whoever is found dead has left his code; asking also clears a dead child away.
        codes = {child.pid: child.poll() for child in self._children}
        for record in dead:
            self._told.add(record.process)
            self._tell(record.service, _manner(codes.get(record.process.pid)))

    def _tell(self, service: str, manner: str) -> None:
        with locks.one_at_a_time(self.layout.control):
            control.publish(self.layout)
        start = again(self.layout.folder, "start", service)
        log = self.layout.log(service)
        self.output.note(f"{service} has died{manner} and stays down — its log: {log}; start it: {start}", style="red")

    def stop(self) -> None:
        """Stops the gateway, then the agencies together. endpoints.json goes first, to mislead nobody; data stays."""
        with locks.one_at_a_time(self.layout.control):
            self.layout.endpoints.unlink(missing_ok=True)
            recorded = records.read_all(self.layout)
            for record in recorded:
                records.write(self.layout, record.given_up())
            control.stop_together([record for record in recorded if record.service == GATEWAY])
            control.stop_together([record for record in recorded if record.service != GATEWAY])
        for child in self._children:
            child.wait()


def _manner(code: int | None) -> str:
    """` (SIGKILL)` or ` (exit code 3)`; empty where somebody else is its parent and knows."""
    if code is None:
        return ""
    return f" ({signal.Signals(-code).name})" if code < 0 else f" (exit code {code})"
