"""What is set aside, for people."""

from collections.abc import Iterator

from rich.table import Table

from clearance.gateway.v1.quarantine_service_pb2 import QuarantinedItem
from tongguan.report.names import clock
from tongguan.report.tables import table

BYTES_SHOWN = 512


def items_table() -> Table:
    """For `item_row`."""
    columns = ("id", "kind", "party", "number", "item", "reason", "tries", "since", "state")
    return table("Set aside 搁置", *columns, numbers=["tries"])


def item_row(item: QuarantinedItem) -> tuple[str, ...]:
    """One item."""
    about = (item.id, kind_of(item), item.party or "-", item.number or "-", item.subject or "-")
    return (*about, item.reason, str(item.tries), clock(item.first_time), state_of(item))


def kind_of(item: QuarantinedItem) -> str:
    """`called-off`."""
    return QuarantinedItem.Kind.Name(item.kind).removeprefix("KIND_").lower().replace("_", "-")


def state_of(item: QuarantinedItem) -> str:
    """`SET_ASIDE`."""
    return QuarantinedItem.State.Name(item.state).removeprefix("STATE_")


def item_words(item: QuarantinedItem) -> str:
    """All about one."""
    return "\n".join(_lines(item))


def _lines(item: QuarantinedItem) -> Iterator[str]:
    yield f"{item.id} {kind_of(item)}: {state_of(item)}, {item.reason}"
    yield f"  about      {item.number or '-'} {item.subject}"
    yield f"  party      {item.party or '-'}"
    yield f"  tries      {item.tries}, first {clock(item.first_time)}, last {clock(item.last_time)}"
    if item.trace_id:
        yield f"  trace      {item.trace_id}"
    if item.requeues:
        yield f"  requeued   {item.requeues} times, last by {item.requeuer}, {clock(item.requeue_time)}: " + (
            item.requeue_reason
        )
    if item.content_size:
        yield f"  content    {item.content_size} bytes, SHA-256 {item.content_digest.hex()}"
        yield from _content(item.content[:BYTES_SHOWN])


def _content(content: bytes) -> Iterator[str]:
    """Text as it stands where it is text, else as hexadecimal digits."""
    text = content.decode("utf-8", "replace")
    if text.isprintable() and "\ufffd" not in text:
        yield f"    {text}"
        return
    for place in range(0, len(content), 32):
        yield f"    {content[place : place + 32].hex(' ', 4)}"
