"""up and down; stop, start, restart and kill of single services."""

import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer

from tongguan import endpoints
from tongguan.failures import Exit, Misused, Refused, Unavailable
from tongguan.options import local_command
from tongguan.session import Session
from tongguan.stack import locks, records
from tongguan.stack.addresses import parse_agency
from tongguan.stack.districts import CODES, parse_districts
from tongguan.stack.layout import DISTRICTS, Layout, layouts_inside
from tongguan.stack.plan import Plan, parse_replicas
from tongguan.stack.processes import process_of, spawn

DETACHED_SECONDS = 90.0
DOWN_SECONDS = 60.0
LOOK_SECONDS = 0.1

PortBase = Annotated[
    int,
    typer.Option(
        metavar="P",
        min=0,
        max=65_000,
        help="Gateway on P, then customs, inspection, border, port; 0 keeps last time's ports or takes free ones.",
    ),
]
AgencyAddresses = Annotated[
    list[str] | None,
    typer.Option(
        "--agency",
        metavar="NAME=HOST:PORT",
        help="The gateway asks this address for that agency. The stack's own is started all the same, so that a proxy "
        "can stand before it, unless --without NAME. A new name joins as a further agency.",
    ),
]
Without = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Do not start this agency here; needs --agency NAME=…")
]
Database = Annotated[
    str,
    typer.Option(
        metavar="sqlite|postgresql|URL",
        help="sqlite keeps files in the state folder, postgresql a server of its own in it; else a URL with {service} "
        "in it, for instance "
        "postgresql+psycopg://me@localhost/{service}; these databases must exist.",
    ),
]
Replicas = Annotated[
    str,
    typer.Option(
        metavar="N|NAME=N,…",
        help="So many gateways, and two of each agency; or of each service named so many. Needs PostgreSQL.",
    ),
]
Districts = Annotated[
    str,
    typer.Option(
        metavar="NAME,…",
        help=f"Start these together, each in a folder of its own inside the state folder: {', '.join(CODES)}.",
    ),
]


@local_command
def up(
    session: Session,
    port_base: PortBase = 0,
    agency: AgencyAddresses = None,
    without: Without = None,
    database: Database = "sqlite",
    replicas: Replicas = "1",
    districts: Districts = "",
    detach: Annotated[bool, typer.Option("--detach", help="Return when all are healthy; end with `down`.")] = False,
) -> Exit:
    """Start a full Ningbo district as processes, or several districts; Ctrl-C ends it.

    Certificates are made on first start. The environment (TONGGUAN_<SERVICE>__…, TONGGUAN_FAULTS, OTEL_*) reaches the
    services. When all are healthy, endpoints.json in the state folder says where they are. What dies is reported with
    its log and stays down. No data is removed.
    """
    plan = Plan(
        port_base, dict(map(parse_agency, agency or ())), frozenset(without or ()), database, parse_replicas(replicas)
    )
    root = Layout(session.state.absolute())  # not that of a run inside it
    names = parse_districts(districts) if districts else ()
    if names and (agency or without or port_base or database != "sqlite" or replicas != "1"):
        raise Misused("--districts stands alone", "start a district that needs other options by itself")
    return _detach(session, root) if detach else _stay(session, root, names, plan)


def _stay(session: Session, root: Layout, names: Sequence[str], plan: Plan) -> Exit:
    from tongguan.stack.control import publish_list
    from tongguan.stack.up import all_running

    output, ending = session.output, Exit.INTERRUPTED
    what = "the districts are" if names else "the district is"
    try:
        with _districts(root, names) as layouts, all_running([(each, plan) for each in layouts], output) as stacks:
            ending = Exit.OK
            for each in layouts:
                output.line(endpoints.read(each.endpoints).to_json())
            publish_list(root.folder)
            output.note(f"{what} up: {root.endpoints} — Ctrl-C ends it")
            while True:
                for stack in stacks:
                    stack.look()
                time.sleep(LOOK_SECONDS)
    except KeyboardInterrupt:
        output.note(f"{what} down; data stays")
    return ending


@contextmanager
def _districts(root: Layout, names: Sequence[str]) -> Iterator[list[Layout]]:
    """The state folders of these districts inside `root`, which is held meanwhile; without names `root` itself."""
    root.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not names:
        if not locks.held(root.lock):
            (root.folder / DISTRICTS).unlink(missing_ok=True)
        yield [root]
        return
    with locks.only_one(root.lock):
        root.endpoints.unlink(missing_ok=True)
        endpoints.write_atomically(root.folder / DISTRICTS, "\n".join(names) + "\n")
        try:
            yield layouts_inside(root.folder)
        finally:
            root.endpoints.unlink(missing_ok=True)


def _detach(session: Session, layout: Layout) -> Exit:
    """Starts the same command without --detach in a session of its own, and waits until it is up."""
    layout.make_folders()
    if locks.held(layout.lock):
        raise Refused(f"a stack already runs on {layout.folder}", "use it, or end it: tongguan down")
    layout.endpoints.unlink(missing_ok=True)
    log = layout.log("up")
    log.unlink(missing_ok=True)
    arguments = [argument for argument in sys.argv[1:] if argument not in ("--detach", "--json")]
    child = spawn([sys.executable, "-m", "tongguan", *arguments], log, records.environment())
    deadline = time.monotonic() + DETACHED_SECONDS
    while not layout.endpoints.exists():
        if child.poll() is not None or time.monotonic() > deadline:
            process_of(child.pid).signal(signal.SIGTERM)
            raise Unavailable("the district does not come up", f"read {log}", details=[log.read_text("utf-8").strip()])
        time.sleep(LOOK_SECONDS)
    for each in layouts_inside(layout.folder) or [layout]:
        session.output.line(endpoints.read(each.endpoints).to_json())
    session.output.note(f"up: {layout.endpoints} — `tongguan down` ends it")
    return Exit.OK


@local_command
def down(session: Session) -> None:
    """Stop what `up` started on the state folder; its data stays."""
    layout = session.layout
    holder = locks.holder(layout.lock)
    if holder is None:
        raise Unavailable(f"no stack runs on {session.state}", "nothing need be stopped")
    process = process_of(holder)
    process.signal(signal.SIGTERM)
    if not process.gone_within(DOWN_SECONDS):
        raise Refused(f"`up` (process {holder}) still runs after {DOWN_SECONDS:.0f} s", f"look at {layout.folder}")
    session.output.note("down; data stays")


Name = Annotated[
    str,
    typer.Argument(
        metavar="SERVICE", help="customs, inspection, border, port or gateway; a replica: gateway-2; postgres."
    ),
]


@local_command
def stop(session: Session, service: Name) -> None:
    """Stop one service of the running district (SIGTERM, then SIGKILL)."""
    _act(session, "stop", service)


@local_command
def start(session: Session, service: Name) -> None:
    """Start a stopped or dead service again, with the port and settings it had."""
    _act(session, "start", service)


@local_command
def restart(session: Session, service: Name) -> None:
    """Stop and start one service."""
    _act(session, "restart", service)


@local_command
def kill(session: Session, service: Name) -> None:
    """Kill one service (SIGKILL), as a crash would."""
    _act(session, "kill", service)


def _act(session: Session, act: str, service: str) -> None:
    from tongguan.stack.control import ACTS

    said = ACTS[act](session.layout, service)
    session.output.line({"service": service, "result": said})
    session.output.show(said)
