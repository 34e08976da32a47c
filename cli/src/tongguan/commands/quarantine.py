"""quarantine: single items that were set aside (搁置) because they failed again and again; it is not 检疫."""

from typing import TYPE_CHECKING, Annotated

import typer

from tongguan.failures import Misused
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from tongguan.quarantine import Quarantine

app = typer.Typer(
    name="quarantine", help="Items set aside (搁置) because they failed again and again.", no_args_is_help=True
)

Of = Annotated[str, typer.Option(metavar="KIND", help="Only these: question, outcome, letter, exit, decision, …")]
Party = Annotated[str, typer.Option(metavar="PARTY", help="Only to or from this agency or district.")]


@app.command("list")
@command
def list_(
    session: Session,
    kind: Of = "",
    of_party: Party = "",
    number: Annotated[str, typer.Option(metavar="NUMBER", help="Only of this clearance or movement.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Also what is no longer set aside.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="Most to list, oldest first; 0 lists all.")] = 100,
) -> None:
    """List what is set aside, the oldest first. Each item stops its own clearance or movement only.

    Example: tongguan quarantine list --of-party customs
    """
    from tongguan.report.quarantine import item_row, items_table

    made = items_table()
    wanted = {"kind": _kind(kind), "party": of_party, "number": number.upper(), "all": every}
    for item in _desk(session).list(limit, **wanted):
        session.output.item(item)
        made.add_row(*item_row(item))
    session.output.show(made if made.row_count else "nothing is set aside")


@app.command()
@command
def show(session: Session, item: Annotated[str, typer.Argument(metavar="ID", help="As listed.")]) -> None:
    """Show one item: why it was set aside, how often it failed, and its content where that was kept.

    Example: tongguan quarantine show 3f0b6f2f9c1d4e5a
    """
    from tongguan.report.quarantine import item_words

    found = _desk(session).get(item.lower())
    session.output.item(found)
    session.output.show(item_words(found))


@app.command()
@command
def requeue(
    session: Session,
    reason: Annotated[str, typer.Option(help="What was mended; it is recorded with your identity.")],
    items: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="As listed.")] = None,
    all_of_party: Annotated[str, typer.Option(metavar="PARTY", help="All to or from this agency or district.")] = "",
    all_of_kind: Annotated[str, typer.Option(metavar="KIND", help="All of this kind.")] = "",
) -> None:
    """Have items tried again at once. One that fails again comes back, its tries counted on.

    Examples: tongguan quarantine requeue 3f0b6f2f9c1d4e5a --reason "customs 2.4.1 reads it"
    and after an agency was mended: tongguan quarantine requeue --all-of-party customs --reason 海关系统已修复
    """
    from tongguan.report.quarantine import item_row, items_table

    every = bool(all_of_party or all_of_kind)
    if every == bool(items):
        raise Misused("name items, or all of a party or kind", "see: tongguan quarantine list")
    desk, made = _desk(session), items_table()
    told = (
        desk.requeue_all(_kind(all_of_kind), all_of_party, reason)
        if every
        else (desk.requeue(each.lower(), reason) for each in items or ())
    )
    for item in told:
        session.output.item(item)
        made.add_row(*item_row(item))
    session.output.show(made if made.row_count else "nothing of it is set aside")


def _kind(name: str) -> int:
    from tongguan.quarantine import KINDS

    if name and name.lower() not in KINDS:
        raise Misused(f"{name}: no such kind", f"take one of: {', '.join(KINDS)}")
    return int(KINDS[name.lower()]) if name else 0


def _desk(session: Session) -> "Quarantine":
    from tongguan.quarantine import Quarantine

    return Quarantine(session.peer("gateway", "operator"))
