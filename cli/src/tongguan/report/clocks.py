"""Commitment clocks and what they charge, for people."""

from collections.abc import Iterable
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.table import Table

from clearance.gateway.v1.clearance_pb2 import Clearance, CommitmentClock
from tongguan.report.commitments import Held, Kept, timed
from tongguan.report.names import clock, state_name
from tongguan.report.rows import waits_of
from tongguan.report.tables import figures, share_of, table

_ONE = timedelta(microseconds=1)


def commitment_line(clearance: Clearance) -> str:
    """`24 h from 2004-12-01 12:00:00 (COMMIT-SEA), due 2004-12-02 12:00:00, in time`."""
    promised, told = clearance.commitment, clearance.clock
    begin = clock(told.begin_time) if told.HasField("begin_time") else "when goods are at the port"
    line = f"{promised.hours} h from {begin} ({promised.rule_id})"
    return f"{line}, due {clock(told.due_time)}, {fate(told)}" if told.HasField("due_time") else line


def fate(told: CommitmentClock) -> str:
    """Where the promise stands in one word or two."""
    if told.left:
        return "missed" if told.overdue else "met"
    if told.HasField("end_time"):
        return "over"
    return "OVERDUE" if told.overdue else "in time"


def shares_table(told: CommitmentClock) -> Table:
    """Whose the time was, of one clearance."""
    made = table("Whose the time was", "holder", "time", "share", numbers=["time", "share"])
    whole = timed(told.gross_duration)
    for share in told.shares:
        made.add_row(share.holder, length(timed(share.duration)), f"{timed(share.duration) / (whole or _ONE):.1%}")
    made.add_row("all", length(whole), "", style="bold")
    made.add_row("net of the trader's", length(timed(told.net_duration)), "")
    return made


def overdue_table() -> Table:
    """For `overdue_row`."""
    return table("", "number", "reference", "state", "commitment", "due", "waits for", "held longest by")


def overdue_row(case: Clearance) -> tuple[str, ...]:
    """One that is late: since when, who must act, and who has had it longest."""
    shares = sorted(case.clock.shares, key=lambda share: -timed(share.duration))
    hours, due = f"{case.commitment.hours} h", clock(case.clock.due_time)
    longest = f"{shares[0].holder} {length(timed(shares[0].duration))}" if shares else "-"
    return case.number, case.reference, state_name(case.state), hours, due, waits_of(case), longest


def kept_table(commitments: Iterable[Kept]) -> Table:
    """Share met for each mode, gross and net of trader time."""
    columns = ("mode", "hours", "met", "missed", "share met", "net of trader", "running", "over", "rule")
    made = table("Commitments kept, to gate-out or loading", *columns, numbers=columns[1:8])
    for one in commitments:
        shares = [share_of(one.met, one.missed), share_of(one.met_net, one.missed_net)]
        counts = [str(one.met), str(one.missed), *shares, str(one.running), str(one.over)]
        made.add_row(one.mode, f"{one.hours} h", *counts, one.rule_id)
    return made


def spreads_table(commitments: Iterable[Kept]) -> Table:
    """Hours to gate-out or loading, gross and net, and to release."""
    columns = ("mode", "hours", "rule", "time", "count", "mean h", "median h", "p90 h")
    made = table("How long it took", *columns, numbers=columns[4:])
    for one in commitments:
        for name, times in (("gross", one.gross), ("net of trader", one.net), ("to release", one.release)):
            made.add_row(one.mode, f"{one.hours} h", one.rule_id, name, *figures(times))
    return made


def held_table(holders: Iterable[Held]) -> Table:
    """Whose the time was, over all."""
    columns = ("holder", "share", "all h", "clearances", "mean h", "median h", "p90 h")
    made = table("Whose the time was", *columns, numbers=columns[1:])
    for one in holders:
        made.add_row(one.holder, f"{one.share:.1%}", f"{one.hours:.2f}", *figures(one.each))
    return made


def commitments_report(commitments: list[Kept], holders: list[Held]) -> RenderableType:
    """All of it."""
    return Group(kept_table(commitments), "", spreads_table(commitments), "", held_table(holders))


def length(time: timedelta) -> str:
    """`26:03:07` hours, minutes, seconds; below a minute to the millisecond."""
    seconds = time.total_seconds()
    if seconds < 60:
        return f"{seconds:.3f} s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
