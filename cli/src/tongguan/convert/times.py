"""Dates and times of the WCO Data Model: digits with a format code of UN/EDIFACT 2379."""

import re
from datetime import UTC, datetime, timedelta, timezone

from tongguan.convert.ledger import Node
from tongguan.convert.report import Note
from tongguan.convert.writer import Writer

_FORMATS = {"102": "%Y%m%d", "203": "%Y%m%d%H%M", "204": "%Y%m%d%H%M%S", "304": "%Y%m%d%H%M%S"}
_OFFSET = re.compile(r"^(\d+)(?:Z|([+-])(\d{2}):?(\d{2})?)?\Z", re.ASCII)


def put_time(writer: Writer, name: str, node: Node) -> None:
    """Writes a moment; where no offset is stated UTC is assumed and said."""
    parts, layout = _OFFSET.match(node.text), _FORMATS.get(node.attribute("formatCode") or "304")
    moment = _parse(parts.group(1), layout) if parts and layout else None
    if parts is None or moment is None:
        node.leave("it is not a date and time in a known format")
        return
    if parts.group(2):
        offset = timedelta(hours=int(parts.group(3)), minutes=int(parts.group(4) or 0))
        moment = moment.replace(tzinfo=timezone(offset if parts.group(2) == "+" else -offset))
    elif not node.text.endswith("Z"):
        writer.report.assumed.append(Note(writer.path(name), "UTC, because no offset is stated", node.path))
    getattr(writer.message, name).FromDatetime(moment.astimezone(UTC))
    node.carry(writer.path(name))
    node.carry(writer.path(name), "formatCode")


def _parse(digits: str, layout: str) -> datetime | None:
    try:
        return datetime.strptime(digits, layout).replace(tzinfo=UTC)
    except ValueError:
        return None
