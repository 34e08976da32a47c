"""Summaries as tables."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from rich import box
from rich.console import Group, JustifyMethod
from rich.table import Table

from tongguan.report.commitments import Spread
from tongguan.report.names import state_name
from tongguan.report.summary import AgencyTime, Commitment, Summary, Wait


def table(title: str, *columns: str, numbers: Sequence[str] = (), whole: Mapping[str, int] | None = None) -> Table:
    """An empty table of the house's look; columns named in `numbers` are set right.

    Those in `whole` keep so many characters however narrow the terminal is: by them a row is known.
    """
    widths = whole or {}
    made = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False
    )
    for column in columns:
        justify: JustifyMethod = "right" if column in numbers else "left"
        made.add_column(column, justify=justify, min_width=widths.get(column))
    return made


def figures(times: Spread) -> list[str]:
    """Count, mean, median and p90 in hours."""
    if not times.count:
        return ["0", "-", "-", "-"]
    return [str(times.count), *(f"{hours:.4f}" for hours in (times.mean, times.median, times.p90))]


def share_of(met: int, missed: int) -> str:
    """`66.7%`; `-` where there is nothing yet to take a share of."""
    return f"{met / (met + missed):.1%}" if met + missed else "-"


def states_table(states: Counter[int]) -> Table:
    """State × count."""
    made = table("Where they stand", "state", "count", numbers=["count"])
    for state, count in states.most_common():
        made.add_row(state_name(state), str(count))
    made.add_row("all", str(states.total()), style="bold")
    return made


def waits_table(waits: Sequence[Wait], kind: str) -> Table:
    """Party × kind of fact × count, for persons or for machines."""
    titles = {"person": "Who must act: persons", "machine": "Who must answer: machines (parked)"}
    made = table(titles[kind], "party", "fact", "count", "since", numbers=["count"])
    for wait in waits:
        if wait.kind == kind:
            made.add_row(wait.party, wait.fact_kind or "-", str(wait.count), _clock(wait.since))
    return made


def agencies_table(agencies: Sequence[AgencyTime]) -> Table:
    """Per agency: how many decided, median and p90 from question to current decision."""
    columns = ("agency", "decided", "median ms", "p90 ms", "parked", "parked since")
    made = table("How long the agencies took", *columns, numbers=columns[1:5])
    for agency in agencies:
        figures = (f"{agency.median_ms:.1f}", f"{agency.p90_ms:.1f}") if agency.decided else ("-", "-")
        parked = str(agency.parked) if agency.parked else "-"
        made.add_row(agency.agency, str(agency.decided), *figures, parked, _clock(agency.parked_since))
    return made


def commitments_table(commitments: Sequence[Commitment]) -> Table:
    """Share released within 24 h (sea), 10 h (air) and 8 h (special areas)."""
    columns = ("commitment", "released within", "late", "open, in time", "share within")
    made = table("Commitments", *columns, numbers=columns[1:])
    for kept in commitments:
        made.add_row(f"{kept.hours} h", str(kept.within), str(kept.late), str(kept.open), f"{kept.share:.1%}")
    return made


def summary_tables(summary: Summary) -> Group:
    """All tables that have something in them."""
    parts = [states_table(summary.states)]
    for kind in ("person", "machine"):
        if any(wait.kind == kind for wait in summary.waits):
            parts.append(waits_table(summary.waits, kind))
    parts.append(agencies_table(summary.agencies))
    if summary.commitments:
        parts.append(commitments_table(summary.commitments))
    return Group(*(shown for part in parts for shown in (part, "")))


def _clock(time: datetime | None) -> str:
    return time.astimezone().strftime("%H:%M:%S") if time else "-"
