"""report: figures over all clearances, from the same events as the clearances themselves."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from tongguan.output import Output

app = typer.Typer(name="report", help="Figures over all clearances.", no_args_is_help=True)

Limit = Annotated[int, typer.Option(min=0, help="Only the newest so many clearances; 0 takes all.")]


@app.callback()
def report() -> None:
    """Figures over all clearances."""


@app.command()
@command
def commitments(session: Session, limit: Limit = 0) -> None:
    """Share of the public commitments kept, by mode, gross and net of the trader's time; and whose the time was."""
    from clearance.gateway.v1.clearance_service_pb2 import ListClearancesRequest
    from tongguan.report.clocks import commitments_report
    from tongguan.report.commitments import held, kept

    clearances = list(session.clearances().list(ListClearancesRequest(with_clock=True), limit))
    promised, holders = kept(clearances), held(clearances)
    _lines(session.output, "commitment", promised)
    _lines(session.output, "holder", holders)
    session.output.show(commitments_report(promised, holders) if clearances else "no clearances")


@app.command()
@command
def keys(session: Session, limit: Limit = 0) -> None:
    """Key ports, industries, enterprises and steps, each beside its own target."""
    from clearance.gateway.v1.clearance_service_pb2 import ListClearancesRequest
    from tongguan.report.keys import keys_kept, keys_table

    client = session.clearances()
    clearances = list(client.list(ListClearancesRequest(with_clock=True), limit))
    found = keys_kept(client.commitments().keys, clearances)
    _lines(session.output, "key", found)
    session.output.show(keys_table(found) if found else "no keys")


def _lines(output: "Output", kind: str, rows: list[Any]) -> None:
    """Each row as a JSON line that says of what kind it is."""
    for row in rows:
        output.line({"kind": kind, **asdict(row)})
