"""certificate: how much of inspection's certificates is used, and their transfer from origin to port (电子转单)."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tongguan.failures import Misused
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from clearance.inspection.v1.certificate_service_pb2 import Certificate
    from clearance.inspection.v1.transfer_service_pb2 import Transfer
    from tongguan.registry import Registry

app = typer.Typer(name="certificate", help="Inspection's certificates.", no_args_is_help=True)

Inspection = Annotated[
    str, typer.Option("--agency", metavar="AGENCY[=HOST:PORT]", help="The inspection service that keeps it.")
]
Number = Annotated[str, typer.Argument(metavar="TRANSFER", help="Transfer number.")]
Password = Annotated[
    str,
    typer.Option(
        envvar="TONGGUAN_TRANSFER_PASSWORD",
        prompt=True,
        hide_input=True,
        help="Of the transfer; asked for where it is not given, so that no shell remembers it.",
    ),
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


@app.command()
@command
def exemption(
    session: Session,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="Its number in the register.")],
    agency: Inspection = "inspection",
) -> None:
    """Show how often an exemption was used and spot-checked, and whether it is suspended."""
    from tongguan.report.certificates import exemption_line

    use = _registry(session, agency).exemption(number)
    session.output.item(use)
    session.output.show(exemption_line(use))


@app.command()
@command
def issue(
    session: Session,
    file: Annotated[Path, typer.Argument(help="The certificate: a line of `submit`, or it alone, as JSON.")],
    to: Annotated[str, typer.Option(metavar="DISTRICT", help="District of the port.")],
    password: Password,
    agency: Inspection = "inspection",
) -> None:
    """Issue a transfer of a certificate of inspection at origin; give the trader its number and the password."""
    _show(session, _registry(session, agency).issue(_certificate(file), to, password))


@app.command()
@command
def claim(session: Session, number: Number, password: Password, agency: Inspection = "inspection") -> None:
    """Claim a transfer at the port; the certificate then counts for the goods that name it."""
    _show(session, _registry(session, agency).claim(number, password))


@app.command()
@command
def cancel(session: Session, number: Number, agency: Inspection = "inspection") -> None:
    """Take back a transfer that nobody has claimed."""
    _show(session, _registry(session, agency).cancel(number))


@app.command()
@command
def unlock(session: Session, number: Number, agency: Inspection = "inspection") -> None:
    """Give a locked transfer its tries back."""
    _show(session, _registry(session, agency).unlock(number))


@app.command()
@command
def transfer(session: Session, number: Number, agency: Inspection = "inspection") -> None:
    """Show how a transfer stands."""
    _show(session, _registry(session, agency).transfer(number))


def _show(session: Session, transfer: "Transfer") -> None:
    from tongguan.report.certificates import transfer_line

    session.output.item(transfer)
    session.output.show(transfer_line(transfer))


def _certificate(file: Path) -> "Certificate":
    from google.protobuf.json_format import ParseDict, ParseError

    from clearance.inspection.v1.certificate_service_pb2 import Certificate

    try:
        value = json.loads(file.read_bytes())
        return ParseDict(value.get("certificate", value), Certificate())
    except OSError as error:
        raise Misused(f"{file}: {error.strerror}", "name a file that holds the certificate") from error
    except (ValueError, AttributeError, ParseError) as error:
        raise Misused(f"{file}: not a certificate: {error}", "write it as in a line of `submit`") from error


def _registry(session: Session, agency: str) -> "Registry":
    from tongguan.registry import Registry

    return Registry(session.officer(agency))
