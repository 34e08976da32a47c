"""The course of one run: (1) start, (2) lodge and submit, (3) settle, (4) tell, (5) move goods to partners, (6) end.

Partners come up in the background meanwhile. Without `once` it stays instead of ending.
"""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tongguan.failures import Exit, Failure
from tongguan.hints import again
from tongguan.lodging.lines import read_lines
from tongguan.lodging.send import Pace, send
from tongguan.output import Output
from tongguan.progress import Progress, progress
from tongguan.running.moving import coming_up, move, partner_layouts
from tongguan.running.settling import Settling
from tongguan.running.source import Prepared, Source, prepared
from tongguan.running.telling import tell, tell_errors, tell_unsettled
from tongguan.session import Session, Where
from tongguan.stack.layout import Layout
from tongguan.stack.plan import Plan
from tongguan.stack.up import LOOK_SECONDS, Stack, running

SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Order:
    """What a run was asked for."""

    source: Source
    once: bool
    timeout_seconds: float
    port_base: int
    partners: Sequence[str] = ()
    movements: int = 0


def follow(output: Output, layout: Layout, order: Order) -> Exit:
    """Runs it and returns the exit code: with `once` 0 only when all lines were taken and all clearances settled."""
    end = time.monotonic() + order.timeout_seconds
    layout.make_folders()
    output.note(f"to be cleared: {order.source.title}")
    ending = Exit.INTERRUPTED
    try:
        with (
            prepared(order.source, layout.log(order.source.words)) as making,
            running(layout, Plan(port_base=order.port_base), output, partner_layouts(layout, order.partners)) as (
                stack,
                partners,
            ),
            _watched([stack, *partners]),
            coming_up(partners) as coming,
            Session(Where(state=layout.folder), output) as session,
        ):
            good = _clear(session, making, end)
            if partners:
                good = _move(session, partners, coming, order.movements, end) and good
            ending = Exit.OK if good else Exit.FAILED
            if not order.once:
                output.note(f"the district stays up — Ctrl-C ends it; try: {again(layout.folder, 'list')}")
                ending = Exit.OK
                threading.Event().wait()
    except KeyboardInterrupt:
        output.note("the district is down; its data stays")
    return ending


@contextmanager
def _watched(stacks: Sequence[Stack]) -> Iterator[None]:
    """Reports services that die meanwhile."""
    end = threading.Event()

    def watch() -> None:
        while not end.wait(LOOK_SECONDS):
            for stack in stacks:
                stack.look()

    watcher = threading.Thread(target=watch, name="watch")
    watcher.start()
    try:
        yield
    finally:
        end.set()
        watcher.join()


def _clear(session: Session, making: Prepared, end: float) -> bool:
    """Steps (2) to (4); True when every line was taken, every file converted and every clearance settled."""
    lines = read_lines(making.lines())
    if making.account:
        session.output.note(f"what was converted, supplied, assumed and left out: {making.account}")
    settling = Settling()
    begin = time.monotonic()
    with progress(session.output) as bars:
        pace = Pace(timeout_seconds=max(end - begin, 1.0))
        outcome = send(session, lines, pace, bars, lambda _line, _result: None, settling.add)  # (2)
        sent = time.monotonic()
        settled = _settle(session, settling, end, bars)  # (3)
    took = f"submitted in {sent - begin:.1f} s, settled after {time.monotonic() - begin:.1f} s"
    session.output.note(f"{len(settling.clearances())} clearances {took if settled else 'submitted, not all settled'}")
    tell(session, settling.clearances())  # (4)
    tell_errors(session.output, outcome)
    tell_unsettled(session.output, settling.unsettled())
    return settled and not outcome.errors and not making.partly_failed


def _move(session: Session, partners: Sequence[Stack], coming: Future[None], count: int, end: float) -> bool:
    """Step (5); True when every movement was discharged."""
    names = [stack.layout.district for stack in partners]
    session.output.note(f"partners: {', '.join(names)}; {count} movements in transit")
    try:
        coming.result()
    except Failure as failure:  # the own district goes on
        session.output.failure(failure)
        return False
    with ExitStack() as opened:
        there = {
            stack.layout.district: opened.enter_context(Session(Where(state=stack.layout.folder), session.output))
            for stack in partners
        }
        return move(session, there, count, random.randrange(10**6), end)


def _settle(session: Session, settling: Settling, end: float, bars: Progress) -> bool:
    known = settling.clearances()
    if not known:
        return True
    bars.begin(SETTLED, len(known))
    shown = 0

    def told(settled: int, why: str) -> None:
        nonlocal shown
        bars.advance(SETTLED, settled - shown)
        bars.state(SETTLED, why)
        shown = settled

    return settling.wait(session.clearances(), end, told)
