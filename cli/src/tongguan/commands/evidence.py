"""evidence: what proves who decided what on a clearance, for anybody who knows the district's authority."""

from pathlib import Path
from typing import Annotated

import typer

from tongguan.options import command, local_command
from tongguan.session import Session

Authorities = Annotated[
    list[str] | None,
    typer.Option("--ca", metavar="[DISTRICT=]FILE", help="Authorities, of each district; those of the state if none."),
]
app = typer.Typer(name="evidence", help="What proves who decided what, to be verified anywhere.", no_args_is_help=True)


@app.command()
@command
def export(
    session: Session,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The clearance.")],
    file: Annotated[
        Path | None, typer.Option("--file", help="Where it goes; NUMBER.evidence.json here if none.")
    ] = None,
) -> None:
    """Export every decision and order of a clearance as signed, with proofs, certificates and countersigned heads."""
    from google.protobuf.json_format import MessageToJson

    told = session.clearances().evidence(number)
    target = file or Path(f"{told.clearance_number}.evidence.json")
    target.write_text(MessageToJson(told), "utf-8")
    session.output.item(told)
    session.output.show(f"{len(told.decisions)} decisions, {len(told.orders)} orders: {target}")


@app.command()
@local_command
def verify(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="As `export` wrote it.")],
    authorities: Authorities = None,
    revoked: Annotated[
        list[Path] | None, typer.Option("--revoked", metavar="FILE", help="Who is shut out: a service's denied_file.")
    ] = None,
) -> None:
    """Verify exported evidence without any service: exit code 1 and what does not hold, if something does not.

    A process of its own does it, which is all that an auditor needs: python -m agencykit.evidence FILE --ca FILE
    """
    from tongguan.stack.proving import verify_evidence

    session.output.show(verify_evidence(file, trusted(session, authorities), revoked or []))


def trusted(session: Session, given: list[str] | None) -> list[str]:
    """Files of authorities: those given, or the state folder's."""
    return given or [str(session.layout.certificates / "ca.pem")]
