"""Spans as one tree."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tongguan.traces.store import Span


@dataclass(frozen=True, slots=True)
class Branch:
    """A span at its depth in the tree. An orphan's parent is not among the spans: it was begun by a caller outside."""

    span: Span
    depth: int
    orphan: bool = False


def branches(spans: Sequence[Span]) -> list[Branch]:
    """Depth first, children by start. Every span comes exactly once, whatever the parents say."""
    known = {span.span_id for span in spans}
    children: defaultdict[str, list[Span]] = defaultdict(list)
    roots: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start_ns, -span.end_ns)):
        (children[span.parent_span_id] if span.parent_span_id in known else roots).append(span)
    walked = [branch for root in roots for branch in _walk(root, 0, children, bool(root.parent_span_id))]
    met = {branch.span.span_id for branch in walked}
    return walked + [Branch(span, 0, orphan=True) for span in spans if span.span_id not in met]


def _walk(span: Span, depth: int, children: dict[str, list[Span]], orphan: bool) -> Iterator[Branch]:
    yield Branch(span, depth, orphan)
    for child in children.pop(span.span_id, []):
        yield from _walk(child, depth + 1, children, False)
