"""certificate: how much of inspection's certificates is used."""

from typing import TYPE_CHECKING, Annotated

import typer

from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from tongguan.registry import Registry

app = typer.Typer(name="certificate", help="Inspection's certificates.", no_args_is_help=True)

Inspection = Annotated[
    str, typer.Option("--agency", metavar="AGENCY[=HOST:PORT]", help="The inspection service that keeps it.")
]


@app.command()
@command
def show(
    session: Session,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="Its number.")],
    agency: Inspection = "inspection",
) -> None:
    """Show what is left of a certificate, and which clearances wrote how much off it."""
    from tongguan.report.certificates import use_line, use_table

    use = _registry(session, agency).certificate(number)
    session.output.item(use)
    session.output.show(use_line(use))
    if use.write_offs:
        session.output.show(use_table(use))


def _registry(session: Session, agency: str) -> "Registry":
    from tongguan.registry import Registry

    name = session.learn(agency)
    return Registry(session.peer(name, f"officer-{name}"))
