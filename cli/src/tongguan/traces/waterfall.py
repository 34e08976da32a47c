"""A trace as a waterfall in the terminal."""

from collections.abc import Callable, Sequence

from rich.text import Text

from tongguan.traces.store import Link, Span
from tongguan.traces.tree import Branch, branches

SERVICE_COLUMN, NAME_COLUMN, TIME_COLUMN = 11, 38, 10
BAR_LEAST, BAR_MOST = 12, 60
# Worth a place beside the bar; the rest is in --json.
SHOWN = ("clearance.state", "decision.verdict", "batch.size", "error.type")


def waterfall(spans: Sequence[Span], width: int, resolve: Callable[[Link], Span | None]) -> list[Text]:
    """One line for each span: service, name by depth, start and length in ms, bar, and what is worth saying.

    `resolve` finds the span a link points to, for its name. `width` is the terminal's, in characters.
    """
    if not spans:
        return []
    begin, end = min(span.start_ns for span in spans), max(span.end_ns for span in spans)
    room = width - SERVICE_COLUMN - NAME_COLUMN - 2 * TIME_COLUMN - 4
    bar = max(BAR_LEAST, min(BAR_MOST, room))
    tree = branches(spans)
    lines = [_title(spans, tree, begin, end), _heading(bar)]
    lines += [_line(branch, begin, max(end - begin, 1), bar, resolve) for branch in tree]
    return lines


def _title(spans: Sequence[Span], tree: Sequence[Branch], begin: int, end: int) -> Text:
    services = list(dict.fromkeys(branch.span.service for branch in tree))
    errors = sum(span.failed for span in spans)
    told = f"trace {spans[0].trace_id}  {len(spans)} spans, {(end - begin) / 1e6:.1f} ms, {', '.join(services)}"
    return Text(told + (f", {errors} failed" if errors else ""), style="bold")


def _heading(bar: int) -> Text:
    names = f"{'service':<{SERVICE_COLUMN}} {'span':<{NAME_COLUMN}}{'start ms':>{TIME_COLUMN}}{'ms':>{TIME_COLUMN}}"
    return Text(f"{names}  {'':<{bar}}", style="dim")


def _line(branch: Branch, begin: int, whole: int, bar: int, resolve: Callable[[Link], Span | None]) -> Text:
    span = branch.span
    name = _fit("  " * branch.depth + ("… " if branch.orphan else "") + span.name, NAME_COLUMN)
    start = (span.start_ns - begin) / 1e6
    line = Text(
        f"{span.service:<{SERVICE_COLUMN}} {name}{start:>{TIME_COLUMN}.1f}{span.milliseconds:>{TIME_COLUMN}.1f}  "
    )
    line.append(_bar(span, begin, whole, bar), style="red" if span.failed else "cyan")
    if span.failed:
        line.append(" ✗ failed", style="red")
    for shown in SHOWN:
        if shown in span.attributes:
            line.append(f" {span.attributes[shown]}", style="dim")
    for link in span.links:
        line.append(f" ↗ {_target(link, resolve(link))}", style="magenta")
    return line


def _bar(span: Span, begin: int, whole: int, bar: int) -> str:
    """At least one mark, however short the span."""
    first = min(round((span.start_ns - begin) / whole * bar), bar - 1)
    length = max(1, min(round((span.end_ns - span.start_ns) / whole * bar), bar - first))
    return (" " * first + "█" * length).ljust(bar)


def _target(link: Link, span: Span | None) -> str:
    if span is None:
        return f"trace {link.trace_id} span {link.span_id}"
    name = span.name.rpartition("/")[2]  # of a call its method's name is enough
    return f"{span.service} {name} {span.milliseconds:.1f} ms (trace {link.trace_id[:8]}…)"


def _fit(text: str, width: int) -> str:
    return text.ljust(width) if len(text) < width else text[: width - 2] + "… "
