"""`tongguan sample`: a made-up day of the port as lines for `tongguan submit`."""

from pathlib import Path
from typing import Annotated

import typer

from clearance.common.v1.consignment_pb2 import Consignment
from tongguan.as_of import AsOf, this_hour
from tongguan.facts import dump_line
from tongguan.failures import Exit, Misused
from tongguan.form import fault
from tongguan.lines import printer
from tongguan.options import Json, guarded, prevailing
from tongguan.output import Output
from tongguan.sample.generation import DEFAULT_BROKER, MOST, generate


def sample(
    count: Annotated[int, typer.Argument(metavar="N", min=1, max=MOST, help="How many submissions.")],
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Another seed, another sample.")] = 1,
    as_of: AsOf = None,
    broker: Annotated[str, typer.Option("--broker", metavar="LICENCE", help="Who submits.")] = DEFAULT_BROKER,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write lines there.")] = None,
    json_lines: Json = False,
) -> None:
    """Print N submissions such as the port sees, and before them the facts that most of them need.

    Sea, air and special areas, imports and exports, with real places and numbers whose check digits are right. About
    one in ten lacks something, so that somebody must act. The same seed and time give the same bytes.

    \b
    Examples:
      tongguan sample 500 --seed 7 | tongguan submit -
      tongguan sample 100000 --seed 7 --as-of 2026-03-02T08:00:00Z --output day.jsonl
    """
    out = Output(prevailing("json_lines", json_lines))

    def act() -> Exit:
        if not broker or fault(Consignment.DESCRIPTOR.fields_by_name["broker_licence"], broker):
            raise Misused(f"{broker!r} is no broker licence", "give the licence in the broker's certificate")
        with printer(output) as print_line:
            for line in generate(count, seed, as_of or this_hour(), broker):
                print_line(dump_line(line))
        return Exit.OK

    raise typer.Exit(guarded(out, act))
