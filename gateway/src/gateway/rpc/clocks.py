"""Clocks written as the contract's CommitmentClock."""

from clearance.gateway.v1.clearance_pb2 import CommitmentClock
from gateway.domain.attribution import totals
from gateway.domain.clock import Clock
from gateway.rpc.times import set_duration, timestamp


def write_clock(written: CommitmentClock, clock: Clock, *, whole: bool) -> None:
    """Into an empty message; `whole`: with every interval."""
    moments = {"begin_time": clock.begin, "end_time": clock.end, "due_time": clock.due, "read_time": clock.read}
    for name, moment in moments.items():
        if moment is not None:
            getattr(written, name).CopyFrom(timestamp(moment))
    written.overdue, written.left = clock.late, clock.left
    set_duration(written.gross_duration, clock.gross)
    set_duration(written.net_duration, clock.net)
    for holder, length in totals(clock.intervals).items():
        set_duration(written.shares.add(holder=holder).duration, length)
    for interval in clock.intervals if whole else ():
        written.intervals.add(
            begin_time=timestamp(interval.begin),
            end_time=timestamp(interval.end),
            charged=interval.charged,
            holders=interval.holders,
        )
