"""The span store: packs, how a reader finds them, what is kept."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from agencykit.telemetry import SpanName
from agencykit.telemetry.store import SpanRecord, SpanStore


def record(trace: int, number: int) -> SpanRecord:
    """A span of trace 1, 2, …"""
    name = SpanName(f"{trace:032x}", f"{number:016x}")
    return SpanRecord(name, "", "decide", number, number + 1, "", {"sequence": number})


def test_a_reader_finds_the_packs_in_which_a_trace_stands(tmp_path: Path) -> None:
    store = SpanStore(tmp_path / "spans.db", "customs")
    for pack in range(3):
        store.write([record(trace, 10 * pack + trace) for trace in range(4)])
    with closing(sqlite3.connect(tmp_path / "spans.db")) as reader:
        query = "SELECT span_id, service FROM spans WHERE instr(traces, ?1) AND trace_id = ?1"
        found = reader.execute(query, (f"{2:032x}",)).fetchall()
        assert [(int(span, 16), service) for span, service in found] == [(each, "customs") for each in (2, 12, 22)]
        assert reader.execute("SELECT last, length(traces) FROM packs").fetchall() == [(4, 131), (8, 131), (12, 131)]
    store.close()


def test_a_store_is_written_on_after_a_restart_and_keeps_the_newest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agencykit.telemetry.store._PRUNE_EVERY", 100)
    for run in range(4):
        store = SpanStore(tmp_path / "spans.db", "customs", keep=120)
        for pack in range(10):
            store.write([record(run, 100 * run + 10 * pack + number) for number in range(10)])
        store.close()
    with closing(sqlite3.connect(tmp_path / "spans.db")) as reader:
        spans = [number for (number,) in reader.execute("SELECT start_ns FROM spans")]
    assert spans == list(range(280, 400))


def test_what_was_written_is_there_after_the_process_is_killed(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, sys\n"
        "from agencykit.telemetry.store import SpanStore, SpanRecord, SpanName\n"
        "store = SpanStore(pathlib.Path(sys.argv[1]), 'customs')\n"
        "store.write([SpanRecord(SpanName('a' * 32, 'b' * 16), '', 'decide', 1, 2, '', {})] * 7)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "spans.db")], check=False)
    with closing(sqlite3.connect(tmp_path / "spans.db")) as reader:
        assert reader.execute("SELECT count(*) FROM spans WHERE trace_id = ?", ("a" * 32,)).fetchone() == (7,)
