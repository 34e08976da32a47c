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
from tongguan.sample.generation import DEFAULT_BROKER, MOST, generate, hidden_truth
from tongguan.sample.movements import MOST_MOVEMENTS, generate_movements


def sample(
    count: Annotated[int, typer.Argument(metavar="N", min=1, max=MOST, help="How many submissions.")],
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Another seed, another sample.")] = 1,
    as_of: AsOf = None,
    broker: Annotated[str, typer.Option("--broker", metavar="LICENCE", help="Who submits.")] = DEFAULT_BROKER,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write lines there.")] = None,
    truth: Annotated[
        Path | None,
        typer.Option("--truth", metavar="FILE", help="Write there what is really inside; only officers may read it."),
    ] = None,
    in_transit: Annotated[
        bool,
        typer.Option(
            "--movements", help="Movements in transit from Ningbo instead, with deposits, for `transit declare`."
        ),
    ] = False,
    json_lines: Json = False,
) -> None:
    """Print N submissions such as the port sees, and before them the facts that most of them need.

    Sea, air and special areas, imports and exports, with real places and numbers whose check digits are right. About
    one in ten lacks something, so that somebody must act. The same seed and time give the same bytes; at another time
    the same goods come with other numbers and times.

    \b
    Examples:
      tongguan sample 500 --seed 7 | tongguan submit -
      tongguan sample 100000 --seed 7 --as-of 2026-03-02T08:00:00Z --output day.jsonl
      tongguan sample 10 --movements | tongguan transit declare -
      tongguan sample 20000 --output day.jsonl --truth truth.jsonl   # then submit, and `tongguan work simulate`
    """
    out = Output(prevailing("json_lines", json_lines))

    def act() -> Exit:
        if not broker or fault(Consignment.DESCRIPTOR.fields_by_name["broker_licence"], broker):
            raise Misused(f"{broker!r} is no broker licence", "give the licence in the broker's certificate")
        moment = as_of or this_hour()
        if in_transit and (truth is not None or count > MOST_MOVEMENTS):
            raise Misused("--movements has no --truth and at most 32768", "leave out --truth, or give a smaller N")
        with printer(output) as print_line:
            make = generate_movements if in_transit else generate
            for line in make(count, seed, moment, broker):
                print_line(dump_line(line))
        if truth is not None:
            with printer(truth) as print_line:
                for line in hidden_truth(count, seed, moment, broker):
                    print_line(dump_line(line))
        return Exit.OK

    raise typer.Exit(guarded(out, act))
