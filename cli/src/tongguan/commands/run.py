"""run: the whole way on one machine, from nothing to a table."""

from pathlib import Path
from typing import Annotated

import typer

from tongguan.commands.district import PortBase
from tongguan.failures import Exit, Misused
from tongguan.options import local_command
from tongguan.session import Session
from tongguan.stack.districts import parse_districts
from tongguan.stack.layout import DISTRICT


@local_command
def run(
    session: Session,
    count: Annotated[int, typer.Option(metavar="N", min=1, help="Submissions of the sample.")] = 500,
    seed: Annotated[
        int | None,
        typer.Option(help="Seed of the sample. Without one: 2004 in a new state folder, a fresh one in a used folder."),
    ] = None,
    input_: Annotated[
        Path | None,
        typer.Option("--input", metavar="DIR", help="Instead of a sample: its *.xml, converted, and its *.jsonl."),
    ] = None,
    profile: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Profile for the conversion (see `tongguan convert`).")
    ] = None,
    once: Annotated[
        bool,
        typer.Option(
            "--once",
            help="End when every clearance is released, refused or waits for a named person: 0; or at --timeout: 1.",
        ),
    ] = False,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", min=1, help="For all of it, starting included.")] = 300.0,
    port_base: PortBase = 0,
    partners: Annotated[
        str, typer.Option(metavar="NAME,…", help="Districts that start in the background, and get movements.")
    ] = "",
    movements: Annotated[int, typer.Option(min=1, max=1000, help="Movements in transit to the partners.")] = 10,
) -> Exit:
    """Start a district, clear a sample of 500, show the result; Ctrl-C ends it.

    With --partners hangzhou,shanghai,nanjing goods are then moved there under customs control, to their discharge.
    Each partner has a state folder inside the run's.

    Without --state each run gets a new folder inside .tongguan, which the other commands find by themselves.
    """
    from tongguan.running.course import Order, follow
    from tongguan.running.source import choose
    from tongguan.stack.newest import new_run

    names = parse_districts(partners) if partners else ()
    if DISTRICT in names:
        raise Misused(f"--partners {partners} names the district itself", "name others")
    layout = session.layout if session.where.state else new_run(session.state)
    source = choose(layout, count, seed, input_, profile)
    return follow(session.output, layout, Order(source, once, timeout, port_base, names, movements))
