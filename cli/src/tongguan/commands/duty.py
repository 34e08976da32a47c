"""duty: the most that may fall due on a clearance while something is open, which a guarantee must cover."""

from typing import Annotated

import typer

from tongguan.failures import Exit, Misused
from tongguan.options import command
from tongguan.session import Session

CUSTOMS = "customs"
QUESTIONS = ("classification", "origin", "price", "trade_mode")


@command
def duty(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NUMBER|LRN", help="Its number, or the broker's own reference.")],
    open_: Annotated[
        list[str] | None, typer.Option("--open", metavar="|".join(QUESTIONS), help="What is open; may be repeated.")
    ] = None,
    candidate: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Heading or code that may apply instead; may be repeated. None: any."),
    ] = None,
    agency: Annotated[str, typer.Option(metavar="AGENCY[=HOST:PORT]", help="The customs service.")] = CUSTOMS,
) -> Exit:
    """Work out the highest duty that may fall due; without --open, what is assessed."""
    from tongguan.lookup import find
    from tongguan.report.duty import duty_lines, highest_duty

    if unknown := sorted(set(open_ or ()) - set(QUESTIONS)):
        raise Misused(f"--open {unknown[0]} is not known", f"take one of: {', '.join(QUESTIONS)}")
    found = highest_duty(session.officer(agency), find(session, name).number, open_ or (), candidate or ())
    session.output.item(found)
    session.output.show(*duty_lines(found))
    return Exit.FAILED if found.unbounded_items else Exit.OK
