"""pki: the district's certificates over their life. All acts are on files; services follow by themselves."""

from pathlib import Path
from typing import Annotated

import typer

from tongguan.failures import Misused
from tongguan.options import local_command
from tongguan.session import Session

app = typer.Typer(name="pki", help="Certificates: make, exchange, shut out, show.", no_args_is_help=True)

Folder = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Holds ca.pem, ca.key and what is issued; of the state folder if none."),
]
Identities = Annotated[list[str], typer.Argument(metavar="IDENTITY…", help="role or role/name: broker/3104980001.")]
Wanted = Annotated[list[str] | None, typer.Argument(metavar="[IDENTITY…]", help="Only of these.")]
Days = Annotated[int, typer.Option(min=1, help="How long it lasts.")]


@app.command()
@local_command
def init(session: Session, folder: Folder = None) -> None:
    """Make the district's authority; one that exists is left alone."""
    _told(session, folder, "init", [])


@app.command()
@local_command
def issue(
    session: Session,
    identities: Identities,
    days: Days = 365,
    signing: Annotated[bool, typer.Option("--signing", help="A signing pair too: for a further agency.")] = False,
    dns: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Further DNS name; may be repeated.")] = None,
    folder: Folder = None,
) -> None:
    """Issue certificates to parties that have none."""
    names = [part for name in dns or [] for part in ("--dns", name)]
    _told(session, folder, "issue", [*identities, "--days", str(days), *(["--signing"] if signing else []), *names])


@app.command()
@local_command
def rotate(
    session: Session,
    identities: Identities,
    days: Days = 365,
    signing: Annotated[bool, typer.Option("--signing", help="The keys that sign, not those for calls.")] = False,
    folder: Folder = None,
) -> None:
    """Give parties new certificates and keys for calls; running services and gateways take them within seconds.

    The former stays in force until its end: revoke it by its serial number where its key may be known to others. With
    --signing it is their signing keys: a service signs with the new one from its next start, and what it signed holds.
    """
    _told(session, folder, "rotate", [*identities, "--days", str(days), *(["--signing"] if signing else [])])


@app.command()
@local_command
def revoke(
    session: Session,
    reason: Annotated[str, typer.Option(help="Why; it is kept in the file.")],
    identity: Annotated[str, typer.Argument(metavar="[IDENTITY]", help="Out by name, whatever its certificate.")] = "",
    serial: Annotated[str, typer.Option(metavar="HEX", help="Only the certificate of this serial number.")] = "",
    folder: Folder = None,
) -> None:
    """Shut out an identity, or one certificate, at once and also on living connections."""
    if bool(identity) == bool(serial):
        raise Misused("revoke takes an identity, or --serial", "see the serial numbers: tongguan pki show")
    whom = [identity] if identity else ["--serial", serial]
    _told(session, folder, "revoke", [*whom, "--reason", reason])


@app.command()
@local_command
def show(session: Session, identities: Wanted = None, folder: Folder = None) -> None:
    """Show certificates: whose, until when, and which are revoked, expired or end within 30 days."""
    from tongguan.report.tables import table
    from tongguan.stack.certifying import shown

    made = table("", "certificate", "of", "serial", "until", "state", whole={"serial": 40})
    for each in shown(session.layout, folder, identities or []):
        session.output.line(each)
        made.add_row(each["file"], each["identity"], each["serial"], each["valid_until"], each["state"])
    session.output.show(made)


def _told(session: Session, folder: Path | None, deed: str, given: list[str]) -> None:
    from tongguan.stack.certifying import act

    for line in act(session.layout, folder, deed, given):
        session.output.line({"told": line})
        session.output.show(line)
