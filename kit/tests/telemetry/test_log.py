"""Log lines: JSON with listed fields only, and exceptions without the values they quote."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agencykit.runtime import real_runtime
from agencykit.telemetry.log import LibraryHandler, Log, LogWriter, _line


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
