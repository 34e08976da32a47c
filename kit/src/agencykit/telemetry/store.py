"""The local span store: one SQLite file per process, read by the command line and the console while it is written.

    spans(trace_id, span_id, parent_span_id, name, start_ns, end_ns, status, attributes_json, links_json, service, kind)

Ids are lower-case hexadecimal, parent_span_id is empty for a root, times are nanoseconds since 1970, status is OK or
ERROR (`error.type` among the attributes says which), kind is INTERNAL, SERVER or CLIENT, and links_json is a list of
{"trace_id", "span_id"}.
"""

import json
import sqlite3
from pathlib import Path
from typing import NamedTuple, Protocol

from agencykit.settings import SettingsError
from agencykit.telemetry.allowed import Value
from agencykit.telemetry.context import SpanName

_SCHEMA = """
CREATE TABLE IF NOT EXISTS spans (
  trace_id TEXT NOT NULL, span_id TEXT NOT NULL, parent_span_id TEXT NOT NULL, name TEXT NOT NULL,
  start_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL, status TEXT NOT NULL,
  attributes_json TEXT NOT NULL, links_json TEXT NOT NULL, service TEXT NOT NULL, kind TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS spans_of_trace ON spans (trace_id);
"""
_INSERT = "INSERT INTO spans VALUES (?,?,?,?,?,?,?,?,?,?,?)"
_PRUNE = "DELETE FROM spans WHERE rowid <= (SELECT max(rowid) FROM spans) - ?"
_PRUNE_EVERY = 50_000


class SpanRecord(NamedTuple):
    """One finished span."""

    own: SpanName
    parent_span_id: str
    name: str
    start_ns: int
    end_ns: int
    # Empty when all went well.
    error: str
    attributes: dict[str, Value]
    links: tuple[SpanName, ...] = ()
    kind: str = "INTERNAL"


class SpanSink(Protocol):
    """Where finished spans end: the store, a collector."""

    def write(self, records: list[SpanRecord]) -> None:
        """Takes a batch, on a background thread."""
        ...

    def close(self) -> None:
        """Ends it."""
        ...


class SpanStore:
    """Writes batches of spans; used by one thread at a time. Raises SettingsError where the file cannot be written."""

    def __init__(self, file: Path, service: str, keep: int = 2_000_000) -> None:
        self._service, self._keep, self._written = service, keep, 0
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=1)
            # Losing the last spans in a power cut is accepted: no promise rests on them.
            self._connection.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; {_SCHEMA}")
        except (OSError, sqlite3.Error) as error:
            raise SettingsError([f"span_store: {file} cannot be written"]) from error
        self._encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode

    def write(self, records: list[SpanRecord]) -> None:
        """Stores a batch in one transaction, and now and then drops the oldest beyond `keep`."""
        rows = [self._row(record) for record in records]
        self._connection.execute("BEGIN")
        try:
            self._connection.executemany(_INSERT, rows)
        finally:
            self._connection.execute("COMMIT")
        self._written += len(rows)
        if self._written >= _PRUNE_EVERY:
            self._written = 0
            self._connection.execute(_PRUNE, (self._keep,))

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def _row(self, record: SpanRecord) -> tuple[str | int, ...]:
        # By hand: a hundred items share the same link, and hexadecimal needs no quoting.
        links = ",".join([f'{{"trace_id":"{link.trace_id}","span_id":"{link.span_id}"}}' for link in record.links])
        return (
            record.own.trace_id,
            record.own.span_id,
            record.parent_span_id,
            record.name,
            record.start_ns,
            record.end_ns,
            "ERROR" if record.error else "OK",
            self._encode(record.attributes),
            f"[{links}]",
            self._service,
            record.kind,
        )
