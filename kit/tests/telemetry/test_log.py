"""Log lines: JSON with listed fields only, and exceptions without the values they quote."""

import errno
import json
import logging
import os
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from agencykit.runtime import real_runtime
from agencykit.telemetry.background import Background
from agencykit.telemetry.log import MOST_KEPT, LibraryHandler, Log, LogWriter, _line


class Book:
    """A log in a file."""

    def __init__(self, file: Path) -> None:
        self.file, self.writer = file, LogWriter(file)
        self.log = Log(self.writer, "customs", real_runtime().clock)

    def lines(self) -> list[dict[str, Any]]:
        self.writer.flush()
        return [json.loads(line) for line in self.file.read_text("utf-8").splitlines()]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path / "logs" / "customs.log")
    yield made
    made.writer.close()


def test_a_line_tells_when_how_grave_who_what_and_listed_fields(book: Book) -> None:
    book.log.info("listening", address="127.0.0.1:7101", pid=17)
    [line] = book.lines()
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "service": "customs",
        "event": "listening",
        "address": "127.0.0.1:7101",
        "pid": 17,
    }


def test_other_fields_are_withheld_by_name(book: Book) -> None:
    book.log.warning("odd", trader="沈阳机床厂", reason="STALE_VERSION")
    [line] = book.lines()
    assert line["withheld"] == "trader"
    assert "沈阳" not in book.file.read_text("utf-8")


def test_an_exception_is_told_as_types_and_frames_without_its_text(book: Book) -> None:
    try:
        try:
            {}["沈阳机床厂 E12345678"]
        except KeyError as error:
            raise ValueError("price 1234") from error
    except ValueError as error:
        book.log.error("failed", error=error)
    [line] = book.lines()
    assert line["error.type"] == "ValueError <- KeyError"
    assert "test_log.py" in line["frames"]
    assert not {"E12345678", "1234"} & set(json.dumps(line).split())


def test_an_error_of_programming_is_told_with_its_text(book: Book) -> None:
    try:
        book.log.not_there()  # type: ignore[attr-defined]
    except AttributeError as error:
        book.log.error("failed", error=error)
    assert "no attribute 'not_there'" in book.lines()[0]["error.type"]


def test_warnings_of_libraries_are_told_as_unfilled_templates(book: Book) -> None:
    handler = LibraryHandler(book.log)
    record = logging.LogRecord("grpc._cython", logging.WARNING, "x.py", 1, "lost %s", ("E12345678",), None)
    handler.handle(record)
    [line] = book.lines()
    assert (line["event"], line["source"], line["signal"]) == ("library", "grpc._cython", "lost %s")


def test_a_silent_log_goes_nowhere() -> None:
    writer = LogWriter(silent=True)
    Log(writer, "customs", real_runtime().clock).info("listening")
    writer.flush()
    writer.close()
    assert writer.dropped == 0


def test_standard_error_is_the_default(capfd: pytest.CaptureFixture[str]) -> None:
    writer = LogWriter()
    Log(writer, "customs", real_runtime().clock).info("listening")
    writer.close()
    assert json.loads(capfd.readouterr().err)["event"] == "listening"


def test_on_a_terminal_what_comes_from_outside_moves_no_cursor_and_begins_no_line() -> None:
    line = _line("2004-11-17T08:30:00.123Z", "warning", "customs", "caller.refused", {"identity": "x\x1b[2J\nport"})
    assert line == '08:30:00.123 warning customs caller.refused identity="x\\u001b[2J\\nport"'


class Disk:
    """A file on a disk that has room for so many bytes more."""

    def __init__(self, book: Book) -> None:
        self.file, self.room = book.writer._output, 0
        book.writer._output = self  # type: ignore[assignment]  # it writes

    def write(self, content: bytes) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, "full")
        assert self.file is not None
        written = self.file.write(content[: self.room])
        self.room -= written
        return written

    def close(self) -> None:
        assert self.file is not None
        self.file.close()


def test_lines_that_found_no_room_follow_whole_as_soon_as_there_is_some(book: Book) -> None:
    disk = Disk(book)
    for room in (0, 40, 0, 10_000):
        disk.room = room
        book.log.error("storage.failed", fault=f"room for {room}")
        book.writer.flush()
    assert [line["fault"] for line in book.lines()] == ["room for 0", "room for 40", "room for 0", "room for 10000"]
    assert book.writer.dropped == 0


def test_what_is_more_than_waits_for_room_is_lost_and_counted(book: Book) -> None:
    disk = Disk(book)
    book.writer.add("." * MOST_KEPT)
    book.writer.flush()
    book.log.info("lost")
    book.writer.flush()
    assert book.writer.dropped == 1
    disk.room = 2 * MOST_KEPT
    book.log.info("kept")
    book.writer.flush()
    assert "lost" not in book.file.read_text()
    assert json.loads(book.file.read_text().splitlines()[-1])["event"] == "kept"


def test_a_reader_who_has_gone_stops_nothing() -> None:
    reads, writes = os.pipe()
    writer = LogWriter()
    assert writer._output
    writer._output.close()
    writer._output = FileIO(writes, "w")
    os.close(reads)
    Log(writer, "customs", real_runtime().clock).info("listening")
    writer.flush()
    writer.close()


def test_items_that_are_lost_are_told_once_and_so_is_the_end_of_it() -> None:
    told: list[tuple[bool, int, str]] = []
    broken = True

    def consume(items: list[int]) -> None:
        if broken:
            raise ConnectionError

    background = Background(
        "test",
        consume,
        limit=2,
        interval=3600,
        tell=lambda losing, dropped, error: told.append((losing, dropped, type(error).__name__)),
    )
    for state in (True, True, False, False):
        broken = state
        for number in range(3):
            background.add(number)
        background.flush()
    background.flush()
    background.add(4)
    background.flush()
    background.close()
    assert told == [(True, 3, "ConnectionError"), (False, 8, "NoneType")]
