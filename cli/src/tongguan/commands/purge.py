"""purge: what is past its retention period goes, from the databases of this machine."""

from typing import Annotated

import typer

from tongguan.failures import Misused
from tongguan.options import local_command
from tongguan.session import Session


@local_command
def purge(
    session: Session,
    services: Annotated[
        list[str] | None,
        typer.Argument(metavar="SERVICE", help="customs, gateway, …; all of the state folder if none."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it; without, only what would go is told.")] = False,
    by: Annotated[
        str, typer.Option("--by", metavar="NAME", help="Who does it, for the audit; else who runs this.")
    ] = "",
    vacuum_mb: Annotated[
        int,
        typer.Option(min=0, metavar="N", help="SQLite files up to N MB are then written anew; writers wait for it."),
    ] = 128,
) -> None:
    """Remove what is past its retention period; without --yes nothing is changed. The services may run.

    A service elsewhere does it where its database is: python -m customs --config FILE --purge
    """
    from tongguan.report.tables import table
    from tongguan.stack.purging import here, purged

    if by and not yes:
        raise Misused("--by says who removes something, and nothing is removed", "add --yes")
    given = [*(["--yes"] if yes else []), *(["--by", by] if by else []), "--vacuum-mb", str(vacuum_mb)]
    made = table("", "service", "of", "over before", "count", "rows", numbers=["count"])
    for service in here(session.layout, services or ()):
        for line in purged(service, session.layout.configuration(service), given):
            session.output.line(line)
            if "subject" in line:
                rows = ", ".join(f"{name} {count}" for name, count in sorted(line["tables"].items()))
                made.add_row(service, line["subject"], line["until"][:10], str(line["count"]), rows or "-")
            elif line["erased"] is False:
                words = (
                    "its file is too large to be written anew, or in use: purge again, by --vacuum-mb, when it rests"
                )
                session.output.note(f"{service}: {words}")
    session.output.show(made, "purged" if yes else "nothing was changed; --yes removes it")
