"""trace: the waterfall of one clearance or movement."""

import re
import time
from typing import TYPE_CHECKING, Annotated

import typer

from tongguan.failures import Misused, Refused, Unavailable
from tongguan.options import command
from tongguan.session import Session
from tongguan.stack.layout import together

if TYPE_CHECKING:
    from tongguan.traces.store import Span, Stores

TRACE_ID = re.compile(r"[0-9a-f]{32}")
WRITTEN_SECONDS = 3.0  # services write their spans in batches, a moment after they end
PAUSE_SECONDS = 0.25
# What a trace begins with: a clearance's, a movement's.
ROOTS = frozenset({"clearance", "transit.declare"})


@command
def trace(
    session: Session,
    name: Annotated[
        str, typer.Argument(metavar="ID", help="A clearance's number or reference, an MRN, or a trace id.")
    ],
) -> None:
    """Draw the waterfall of one clearance over the gateway and all agencies, from the state folder's span stores.

    That of a movement in transit runs through the districts that were started together.

    Times are in milliseconds; ✗ marks what failed, ↗ what a span is linked to: the batch call that carried it, or the
    trace it goes on from. With --json the spans are printed, one a line.
    """
    from tongguan.traces.store import Stores

    folder = session.layout.folder / "spans"
    if not folder.is_dir():
        raise Misused(f"no spans are kept in {session.layout.folder}", "name a state folder (--state)")
    stores = Stores([each.folder / "spans" for each in together(session.layout)])
    trace_id = name.lower() if TRACE_ID.fullmatch(name.lower()) else _trace_of(session, stores, name)
    spans = _written(stores, trace_id)
    if not spans:
        raise Refused(f"no spans of trace {trace_id} in {folder}", "it was not sampled, is too old, or never was")
    _print(session, stores, trace_id, spans)


def _trace_of(session: Session, stores: "Stores", name: str) -> str:
    from tongguan.commands.transit import MRN, OPERATOR, movements
    from tongguan.lookup import find

    try:
        if MRN.fullmatch(name):
            return movements(session, OPERATOR).get(name).trace_id
        return find(session, name).trace_id
    except Unavailable:
        found = stores.trace_of_clearance(name)
        if found is None:
            raise
        return found


def _written(stores: "Stores", trace_id: str) -> "list[Span]":
    """Waits a little for a trace of just now: until it has its root, or the time is over."""
    deadline = time.monotonic() + WRITTEN_SECONDS
    while True:
        spans = stores.spans_of(trace_id)
        known = {span.span_id for span in spans}
        whole = any(span.parent_span_id not in known and span.name in ROOTS for span in spans)
        if whole or time.monotonic() > deadline:
            return spans
        time.sleep(PAUSE_SECONDS)


def _print(session: Session, stores: "Stores", trace_id: str, spans: "list[Span]") -> None:
    from dataclasses import asdict

    from tongguan.traces.waterfall import waterfall

    output = session.output
    for span in spans:
        output.line(asdict(span))
    if output.json_lines:
        return
    console = output.console()
    for line in waterfall(spans, console.width, stores.span):
        console.print(line, soft_wrap=True)
    for later in stores.traces_linking_to(trace_id):
        console.print(f"goes on in trace {later}", soft_wrap=True)
