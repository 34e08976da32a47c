"""Bulletins (通报), for people."""

from collections.abc import Iterable, Iterator

from rich.table import Table

from clearance.district.v1.bulletin_pb2 import Bulletin
from tongguan.report.names import clock
from tongguan.report.tables import table

NUMBER_WIDTH = 16


def bulletins_table() -> Table:
    """For the rows of `bulletin_row`."""
    columns = ("number", "version", "by", "kind", "title", "from", "until")
    return table("Bulletins", *columns, numbers=("version",), whole={"number": NUMBER_WIDTH, "title": 20})


def bulletin_row(each: Bulletin) -> tuple[str, ...]:
    """One bulletin in its current version."""
    title = f"{each.zh.title} {each.en.title}{' (withdrawn)' if each.withdrawal else ''}"
    until = clock(each.until_time) if each.HasField("until_time") else "-"
    whose = f"{each.district} {each.publisher}"
    return each.number, str(each.version), whose, kind_name(each.kind), title, clock(each.effective_time), until


def bulletin_lines(found: Iterable[Bulletin]) -> str:
    """One after the other, each whole."""
    return "\n".join(line for each in found for line in _lines(each))


def kind_name(kind: int) -> str:
    """`planned downtime`."""
    known = kind in Bulletin.Kind.values()
    name = Bulletin.Kind.Name(kind) if known else str(kind)  # type: ignore[arg-type]  # a newer gateway may tell others
    return name.removeprefix("KIND_").replace("_", " ").lower()


def _lines(each: Bulletin) -> Iterator[str]:
    standing = "withdrawn" if each.withdrawal else "in force" if each.current else "superseded"
    yield f"{each.number} version {each.version}, {standing}: {kind_name(each.kind)}"
    yield f"  by         {each.publisher} of {each.district}, {clock(each.publish_time)} (position {each.position})"
    until = f" until {clock(each.until_time)}" if each.HasField("until_time") else " until further notice"
    yield f"  holds      from {clock(each.effective_time)}{until}"
    if concerned := [*each.agencies, *each.commitment_ids]:
        yield f"  concerns   {', '.join(concerned)}"
    for text in (each.zh, each.en):
        yield f"  {text.title}"
        yield from (f"    {paragraph}" for paragraph in text.paragraphs)
