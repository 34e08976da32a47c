"""Bringing a district up, or several together, watching over it, and taking it down.

(1) certificates, (2) ports and settings, (3) processes, (4) all healthy, (5) endpoints.json. From then on other
terminals may stop and start services (control.py); one found dead is reported and stays dead.
"""

import contextlib
import signal
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from types import FrameType

from tongguan import endpoints
from tongguan.hints import again
from tongguan.output import Output
from tongguan.stack import bundles, certificates, configuration, control, locks, ports, records
from tongguan.stack.launch import Child, launch, wait_for_all
from tongguan.stack.layout import GATEWAY, POSTGRES, Layout
from tongguan.stack.plan import Plan, configure, endpoints_of
from tongguan.stack.processes import Process

LOOK_SECONDS = 0.2
BUNDLE_DAYS = 180
# How long the last threads of a killed process may take to go.
CODE_SECONDS = 2.0
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def running(
    layout: Layout, plan: Plan, output: Output, partners: Sequence[Layout] = ()
) -> "Iterator[tuple[Stack, Sequence[Stack]]]":
    """A district that runs as long as the block; a stop signal ends the block with KeyboardInterrupt.

    Its partners are made ready with it, for it must know them, and end with it; whoever wants them launches them.
    Refused while another `up` holds the state folder.
    """
    with _held([(layout, plan), *((each, Plan()) for each in partners)], output) as stacks:
        _prepare(stacks)
        stacks[0].launch()
        stacks[0].wait()
        yield stacks[0], stacks[1:]


@contextmanager
def all_running(districts: Sequence[tuple[Layout, Plan]], output: Output) -> "Iterator[list[Stack]]":
    """The same for several districts, each on a state folder of its own; started and stopped together."""
    with _held(districts, output) as stacks:
        _prepare(stacks)
        for stack in stacks:
            stack.launch()
        for stack in stacks:
            stack.wait()
        yield stacks


@contextmanager
def _held(districts: Sequence[tuple[Layout, Plan]], output: Output) -> "Iterator[list[Stack]]":
    """Their state folders are held as long as the block, and whatever runs on them then is stopped."""
    with ExitStack() as held:
        for layout, _plan in districts:
            layout.make_folders()
            held.enter_context(locks.only_one(layout.lock))
        held.enter_context(_signals_interrupt())
        stacks = [Stack(layout, plan, output) for layout, plan in districts]
        try:
            yield stacks
        finally:
            for number in _STOPPING:
                signal.signal(number, signal.SIG_IGN)  # stopping takes as long as it takes, and does not take longer
            with ThreadPoolExecutor(len(stacks)) as pool:
                list(pool.map(Stack.stop, stacks))


def _prepare(stacks: "Sequence[Stack]") -> None:
    """Steps (1) and (2), each for all districts."""
    with ThreadPoolExecutor(len(stacks)) as pool:
        list(pool.map(Stack.prepare, stacks))
        if len(stacks) > 1:
            list(pool.map(Stack.issue_bundle, stacks))
    taken: set[int] = set()
    for stack in stacks:
        taken.update(stack.choose_ports(taken))
    for stack in stacks:
        stack.configure({each.layout: each.gateway_address for each in stacks if each is not stack})


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
        self._ports: dict[str, int] = {}
        self._children: list[Child] = []
        self._told: set[Process] = set()

    def prepare(self) -> None:
        """Step (1)."""
        self.output.note(f"starting the district {self.layout.district} on {self.layout.folder}")
        self.layout.endpoints.unlink(missing_ok=True)
        self._stop_leftovers()
        certificates.make(self.layout, self.plan.further)

    def issue_bundle(self) -> None:
        """Step (1) among partners: the bundle for them, kept while it says the same and has half its time."""
        bundles.issue_bundle(self.layout, None, None, BUNDLE_DAYS, if_needed=True)

    def choose_ports(self, taken: Collection[int]) -> Collection[int]:
        """Step (2), first half: the ports it takes, none of those `taken` already."""
        before = {record.service: record.port for record in records.read_all(self.layout)}
        self._ports = ports.choose(self.plan.port_order, self.plan.port_base, before, taken)
        return self._ports.values()

    @property
    def gateway_address(self) -> str:
        """Where partners call it."""
        return configuration.addresses(self._ports, GATEWAY)

    def configure(self, partners: Mapping[Layout, str]) -> None:
        """Step (2), second half: settings. `partners`: the districts that start with it, and their gateways."""
        configure(self.layout, self.plan, self._ports, partners)

    def launch(self) -> None:
        """Step (3)."""
        environment = records.passed_on()
        records.forget(self.layout, (*self.plan.started, *([POSTGRES] if self.plan.own_postgres else [])))
        if self.plan.own_postgres:
            self._children.append(launch(self.layout, POSTGRES, 0, environment))
            wait_for_all(self.layout, [POSTGRES], self._ready)
        for service in self.plan.started:
            self._children.append(launch(self.layout, service, self._ports[service], environment))

    def wait(self, quietly: bool = False) -> None:
        """Steps (4) and (5); raises Unavailable with the end of its log when a service does not come up."""
        wait_for_all(self.layout, self.plan.started, (lambda _service, _seconds: None) if quietly else self._ready)
        endpoints.write(self.layout.endpoints, endpoints_of(self.layout, self.plan, self._ports))

    def _stop_leftovers(self) -> None:
        """An `up` that was killed leaves its services behind; they would hold ports and databases."""
        left = [record for record in records.read_all(self.layout) if record.running()]
        if left:
            self.output.note(f"stopping what an earlier `up` left: {', '.join(record.service for record in left)}")
            control.stop_all(left)

    def _ready(self, service: str, seconds: float) -> None:
        record = records.read(self.layout, service)
        address = f"{ports.HOST}:{record.port}" if record and record.port else str(self.layout.postgres)
        self.output.note(f"  {service:<11} {address:<16} ready after {seconds:.1f} s")

    def look(self) -> None:
        """Tells of every service that died since the last look; none is restarted."""
        recorded = records.read_all(self.layout)
        dead = [one for one in recorded if one.wanted and not one.running() and one.process not in self._told]
        # Asked after, so that whoever is found dead has left his code; asking also clears a dead child away.
        codes = {child.pid: _code(child, dead) for child in self._children}
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
        """Stops the gateways, the agencies, the database. endpoints.json goes first, to mislead nobody; data stays."""
        with locks.one_at_a_time(self.layout.control):
            self.layout.endpoints.unlink(missing_ok=True)
            recorded = records.read_all(self.layout)
            for record in recorded:
                records.write(self.layout, record.given_up())
            control.stop_all(recorded)
        for child in self._children:
            child.wait()


def _code(child: Child, dead: Sequence[records.Record]) -> int | None:
    """Its exit code, if it has ended. A killed process of many threads looks dead a moment before its code is there."""
    if any(record.process.pid == child.pid for record in dead):
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(CODE_SECONDS)
    return child.poll()


def _manner(code: int | None) -> str:
    """` (SIGKILL)` or ` (exit code 3)`; empty where somebody else is its parent and knows."""
    if code is None:
        return ""
    return f" ({signal.Signals(-code).name})" if code < 0 else f" (exit code {code})"
