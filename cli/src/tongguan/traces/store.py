"""Reading the span stores of a state folder while the services write them.

spans(trace_id, span_id, parent_span_id, name, start_ns, end_ns, status, attributes_json, links_json, service, kind,
      traces, packed)

Many spans lie in one row, whose trace ids are in `traces` and whose whole text is in `packed`: every query first asks
which rows hold what it looks for.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_COLUMNS = "trace_id, span_id, parent_span_id, name, start_ns, end_ns, status, attributes_json, links_json, service"
_BY_TRACE = f"SELECT {_COLUMNS} FROM spans WHERE instr(traces, ?1) AND trace_id = ?1"
_BY_SPAN = f"{_BY_TRACE} AND span_id = ?2"
_BY_LINK = "SELECT DISTINCT trace_id FROM spans WHERE instr(packed, ?1) AND instr(links_json, ?1) AND trace_id <> ?2"
_BY_CLEARANCE = (
    "SELECT trace_id FROM spans WHERE instr(packed, ?1) AND instr(attributes_json, ?1) ORDER BY start_ns LIMIT 1"
)
BUSY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Link:
    """Another span this one has to do with: the RPC that carried it, the trace it goes on from."""

    trace_id: str
    span_id: str


@dataclass(frozen=True, slots=True)
class Span:
    """One finished span; times in nanoseconds since 1970, ids in hexadecimal, no parent for a root."""

    trace_id: str
    span_id: str
    parent_span_id: str
    name: str
    start_ns: int
    end_ns: int
    status: str
    attributes: Mapping[str, Any]
    links: Sequence[Link]
    service: str

    @property
    def failed(self) -> bool:
        return self.status == "ERROR"

    @property
    def milliseconds(self) -> float:
        return (self.end_ns - self.start_ns) / 1e6


@dataclass(frozen=True, slots=True)
class Stores:
    """All span stores of these folders."""

    folders: Sequence[Path]

    def spans_of(self, trace_id: str) -> list[Span]:
        """Every span of a trace, from all services, by start."""
        spans = [_span(row) for row in self._rows(_BY_TRACE, trace_id)]
        return sorted(spans, key=lambda span: (span.start_ns, -span.end_ns))

    def span(self, link: Link) -> Span | None:
        """The span a link points to; None when it is not (or no longer) here."""
        return next((_span(row) for row in self._rows(_BY_SPAN, link.trace_id, link.span_id)), None)

    def traces_linking_to(self, trace_id: str) -> list[str]:
        """Later traces that go on from this one: an examination, a fact that came days after."""
        rows = self._rows(_BY_LINK, f'"trace_id":"{trace_id}"', trace_id)
        return list(dict.fromkeys(row[0] for row in rows))

    def trace_of_clearance(self, number: str) -> str | None:
        """The first trace in which a clearance's number stands; used when no gateway can be asked."""
        return next((row[0] for row in self._rows(_BY_CLEARANCE, f'"clearance.number":"{number}"')), None)

    def _rows(self, query: str, *values: str) -> Iterator[tuple[Any, ...]]:
        for file in [file for folder in self.folders for file in sorted(folder.glob("*.db"))]:
            # Read-only is asked of the connection, not of the file: a reader of a WAL must be able to join it.
            with closing(sqlite3.connect(file, timeout=BUSY_SECONDS)) as connection:
                connection.execute("PRAGMA query_only = ON")
                yield from _if_there(connection, query, values)


def _if_there(connection: sqlite3.Connection, query: str, values: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    """Rows; none from a file whose table its service has not made yet."""
    made = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'spans'").fetchone()
    return connection.execute(query, values).fetchall() if made else []


def _span(row: tuple[Any, ...]) -> Span:
    trace_id, span_id, parent, name, start_ns, end_ns, status, attributes, links, service = row
    found = [Link(link["trace_id"], link["span_id"]) for link in json.loads(links)]
    return Span(trace_id, span_id, parent, name, start_ns, end_ns, status, json.loads(attributes), found, service)
