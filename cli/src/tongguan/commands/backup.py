"""backup, restore, resume: copies of services' databases, and what it takes to go on with an old one."""

from pathlib import Path
from typing import Annotated

import typer

from tongguan.options import local_command
from tongguan.session import Session

Service = Annotated[str, typer.Argument(metavar="SERVICE", help="customs, inspection, border, port or gateway.")]

Services = Annotated[list[str] | None, typer.Argument(metavar="SERVICE", help="All of the state folder if none.")]
Copy = Annotated[Path, typer.Argument(metavar="FILE", help="As `backup` wrote it.")]


@local_command
def backup(
    session: Session,
    services: Annotated[
        list[str] | None, typer.Argument(metavar="SERVICE", help="All of the state folder if none.")
    ] = None,
    folder: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where DISTRICT-SERVICE.db or .dump goes.")
    ] = Path(),
) -> None:
    """Save whole copies of services' databases, which may be in use; each sees one moment."""
    from tongguan.stack import backups
    from tongguan.stack.layout import SERVICES

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in services or SERVICES:
        _say(session, name, backups.save(session.layout, name, folder.absolute()))


@local_command
def restore(
    session: Session,
    service: Service,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="As `backup` wrote it.")],
) -> None:
    """Put a copy of a stopped service's database back. An agency then decides nothing until it is resumed."""
    from tongguan.stack import backups

    _say(session, service, backups.restore(session.layout, service, file.absolute()))


@local_command
def resume(
    session: Session,
    service: Service,
    who: Annotated[str, typer.Option("--by", metavar="WHO", help="Who has looked and says so; it is kept.")],
) -> None:
    """Let an agency go on that is an old copy: what it decided since stays lost here. Restart it afterwards.

    From then on it writes logs of other names, so that no place in a log is ever taken twice.
    """
    from tongguan.stack import backups

    _say(session, service, backups.resume(session.layout, service, who))


def _say(session: Session, service: str, said: str) -> None:
    session.output.line({"service": service, "result": said})
    session.output.show(f"{service}: {said}")
