"""watched: persons aboard who meet border's watch list, and what its officers decide about them."""

from typing import TYPE_CHECKING, Annotated

import typer

from tongguan.failures import Misused
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from tongguan.casework import Casework

app = typer.Typer(name="watched", help="Persons who meet border's watch list: list, decide.", no_args_is_help=True)

BORDER, OFFICER = "border", "officer-border"


@app.command("list")
@command
def list_(
    session: Session,
    state_filter: Annotated[str, typer.Option("--state-filter", help="open, cleared or confirmed.")] = "open",
) -> None:
    """List cases."""
    from tongguan.casework import STATES, case_row, cases_table

    if state_filter not in STATES:
        raise Misused(f"--state-filter {state_filter}: no such state", f"take one of: {', '.join(STATES)}")
    made = cases_table()
    for case in _casework(session).list(state_filter):
        session.output.item(case)
        made.add_row(*case_row(case))
    session.output.show(made if made.row_count else "no such case")


@app.command()
@command
def decide(
    session: Session,
    case: Annotated[str, typer.Argument(metavar="CASE", help="From `watched list`.")],
    outcome: Annotated[str, typer.Option(metavar="cleared|confirmed", help="Another person, or the very one.")],
    reason: Annotated[str, typer.Option(help="The officer's reason.")],
) -> None:
    """Decide an open case; goods on the conveyance are decided again."""
    from tongguan.casework import DECISIONS, case_row, cases_table

    if outcome not in DECISIONS:
        raise Misused(f"--outcome {outcome} is not known", f"take {' or '.join(DECISIONS)}")
    decided = _casework(session).decide(case, outcome, reason)
    session.output.item(decided)
    made = cases_table()
    made.add_row(*case_row(decided))
    session.output.show(made)


def _casework(session: Session) -> "Casework":
    from tongguan.casework import Casework

    return Casework(session.peer(BORDER, OFFICER))
