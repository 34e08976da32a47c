"""audit: what services' databases hold to prove themselves, exported and verified without any service."""

from pathlib import Path
from typing import Annotated

import typer

from tongguan.commands.evidence import Authorities, trusted
from tongguan.options import local_command
from tongguan.session import Session

app = typer.Typer(
    name="audit", help="Audits and logs of decisions: unchanged, or from where on not.", no_args_is_help=True
)


@app.command()
@local_command
def export(
    session: Session,
    services: Annotated[
        list[str] | None,
        typer.Argument(metavar="SERVICE", help="customs, gateway, …; all of the state folder if none."),
    ] = None,
    folder: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where DISTRICT-SERVICE.audit.jsonl goes.")
    ] = Path(),
) -> None:
    """Export audits, logs of decisions and countersigned heads from the databases of this machine, also in use.

    An agency elsewhere does it where its database is: python -m agencykit.audit export --help
    """
    from tongguan.failures import Misused
    from tongguan.stack.proving import export_audit

    running = session.endpoints()
    folder.mkdir(parents=True, exist_ok=True)
    for name in services or running.services:
        if name not in running.services:
            raise Misused(f"no service {name!r} here", f"take one of: {', '.join(running.services)}")
        file = folder / f"{running.district}-{name}.audit.jsonl"
        session.output.show(export_audit(running.services[name].database_url, name, running.district, file))


@app.command()
@local_command
def verify(
    session: Session,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="As `export` wrote them.")],
    authorities: Authorities = None,
) -> None:
    """Verify exports, each by itself and by the heads that gateways countersigned; a bad sequence exits with 1.

    Give the gateway's export beside an agency's, and a partner's beside both: without them a cut tail or an old backup
    cannot be seen.
    """
    from tongguan.stack.proving import verify_audits

    session.output.show(verify_audits(files, trusted(session, authorities)))
