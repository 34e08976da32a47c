"""The local span store: one SQLite file per process, read by the command line and the console while it is written.

    spans(trace_id, span_id, parent_span_id, name, start_ns, end_ns, status, attributes_json, links_json, service, kind,
          traces, packed)

Ids are lower-case hexadecimal, parent_span_id is empty for a root, times are nanoseconds since 1970, status is OK or
ERROR (`error.type` among the attributes says which), kind is INTERNAL, SERVER or CLIENT, and links_json is a list of
{"trace_id", "span_id"}.

That is a view: all spans of a flush lie in one row, their *pack*, because a row and an index entry for each cost three
times as much. A reader who looks for something first asks which packs hold it, `instr(traces, <trace id>)` or
`instr(packed, <text as in JSON>)`: of a hundred thousand spans that takes 5 and 100 ms, while reading all takes 300.
"""

import json
import sqlite3
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Protocol

from agencykit.settings import SettingsError
from agencykit.telemetry.allowed import Value
from agencykit.telemetry.context import SpanName

_SCHEMA = """
CREATE TABLE IF NOT EXISTS packs (
  last INTEGER PRIMARY KEY,  -- number of its last span, counted from the store's first
  service TEXT NOT NULL, traces TEXT NOT NULL, packed TEXT NOT NULL
);
CREATE VIEW IF NOT EXISTS spans AS SELECT
  json_extract(value, '$[0]') AS trace_id, json_extract(value, '$[1]') AS span_id,
  json_extract(value, '$[2]') AS parent_span_id, json_extract(value, '$[3]') AS name,
  json_extract(value, '$[4]') AS start_ns, json_extract(value, '$[5]') AS end_ns,
  json_extract(value, '$[6]') AS status, json_extract(value, '$[7]') AS attributes_json,
  json_extract(value, '$[8]') AS links_json, service, json_extract(value, '$[9]') AS kind, traces, packed
FROM packs, json_each(packed);
"""
_INSERT = "INSERT INTO packs SELECT ifnull(max(last), 0) + ?, ?, ?, ? FROM packs"
_PRUNE = "DELETE FROM packs WHERE last <= (SELECT max(last) FROM packs) - ?"
_PRUNE_EVERY = 50_000
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


class SpanRecord(NamedTuple):
    """One finished span."""

    own: SpanName
    parent_span_id: str
    name: str
    start_ns: int
    end_ns: int
    # Empty when all went well.
    error: str
    attributes: Mapping[str, Value]
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

    def write(self, records: list[SpanRecord]) -> None:
        """Stores a batch as one pack, and now and then drops the oldest beyond `keep`."""
        traces = " ".join({record.own.trace_id for record in records})
        self._connection.execute(_INSERT, (len(records), self._service, traces, _packed(records)))
        self._written += len(records)
        if self._written >= _PRUNE_EVERY:
            self._written = 0
            self._connection.execute(_PRUNE, (self._keep,))

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()


def _packed(records: list[SpanRecord]) -> str:
    """By hand, in half of an encoder's time: hexadecimal and the allow-list's names need no quoting."""
    rows, last, links = [], None, ""
    # Items of a batch that say the same share their attributes: by identity, which the records keep.
    texts: dict[int, str] = {}
    for own, parent_span_id, name, start_ns, end_ns, error, attributes, linked, kind in records:
        if linked is not last:
            # A hundred items share the same.
            last, links = linked, ",".join(map(_link, linked))
        told = texts.get(id(attributes))
        if told is None:
            told = texts[id(attributes)] = ",".join([f'"{key}":{_text(value)}' for key, value in attributes.items()])
        status = "ERROR" if error else "OK"
        rows.append(
            f'["{own.trace_id}","{own.span_id}","{parent_span_id}",{_name(name)},{start_ns},{end_ns},"{status}",'
            f'{{{told}}},[{links}],"{kind}"]'
        )
    return f"[{','.join(rows)}]"


@lru_cache(maxsize=1024)
def _name(name: str) -> str:
    return _encode(name)


def _text(value: Value) -> str:
    # The encoder is quick with text only.
    return str(value) if type(value) is int else _encode(value)


def _link(link: SpanName) -> str:
    return f'{{"trace_id":"{link.trace_id}","span_id":"{link.span_id}"}}'
