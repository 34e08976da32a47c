"""Log lines: JSON for machines, text on a terminal, written by a background thread so that no reader can block a call.

A line holds time, level, service, event and fields of the allow-list. Exceptions are told as type and frames; their
text is told only for errors of programming, because others quote values (a name in a KeyError, a row in a driver's).

By hand rather than by structlog, whose import costs each service 0.13 s at start (it loads rich where that is
installed) and which takes 13 µs for a line; this takes 6.
"""

import json
import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from io import FileIO
from math import isfinite
from pathlib import Path
from types import TracebackType
from typing import Any

from agencykit.runtime import Clock
from agencykit.settings import SettingsError
from agencykit.telemetry.allowed import permitted
from agencykit.telemetry.background import Background

# Bytes that wait for room on the disk.
MOST_KEPT = 2**20
_QUOTES_NO_VALUES = (TypeError, AttributeError, NameError, ImportError)
_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode


class LogWriter:
    """Where lines go: a file, standard error, or nowhere (tests, simulation).

    Written by the system's own call, not by a buffer that a stuck reader would lock: a line that does not fit on the
    disk now follows, whole, as soon as it does, and what is more than MOST_KEPT by then is lost and counted.
    """

    def __init__(self, file: Path | None = None, *, silent: bool = False) -> None:
        self._output: FileIO | None = None
        if file is not None:
            self._output = _opened(file)
        elif not silent:
            self._output = _standard_error()
        self.terminal = bool(self._output and self._output.isatty())
        self._rest = b""
        self._background = Background("log", self._write, limit=20_000, interval=0.1) if self._output else None

    @property
    def silent(self) -> bool:
        """Whether lines go nowhere."""
        return self._background is None

    def add(self, line: str) -> None:
        """Takes one line; never blocks."""
        if self._background:
            self._background.add(line)

    @property
    def dropped(self) -> int:
        """Lines lost because nobody read them."""
        return self._background.dropped if self._background else 0

    def flush(self) -> None:
        """Writes what waits. Blocks as long as nobody reads."""
        if self._background:
            self._background.flush()

    def close(self) -> None:
        """Writes what waits and ends the thread; gives up after two seconds where nobody reads."""
        if self._background and self._background.close() and self._output:
            with suppress(OSError):
                self._write_rest()
            self._output.close()

    def _write(self, lines: list[str]) -> None:
        try:
            self._write_rest()
        except OSError:
            if len(self._rest) > MOST_KEPT:
                raise
        self._rest += "\n".join([*lines, ""]).encode("utf-8", "backslashreplace")
        with suppress(OSError):
            self._write_rest()

    def _write_rest(self) -> None:
        while self._rest and self._output:
            # None: it is not ready, as one that somebody else made so.
            written = self._output.write(self._rest)
            if not written:
                raise BlockingIOError
            self._rest = self._rest[written:]


def _opened(file: Path) -> FileIO:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return FileIO(file, "a")
    except OSError as error:
        raise SettingsError([f"log_file: {file} cannot be written"]) from error


def _standard_error() -> FileIO | None:
    """A descriptor of its own; none where standard error was closed."""
    try:
        return FileIO(os.dup(2), "w")
    except OSError:
        return None


class Log:
    """A service's log: `log.info("event", field=value)`. Fields not on the allow-list are withheld.

    `error=exception` tells an exception. Several services fit in one process, each with a log of its own.
    """

    def __init__(self, writer: LogWriter, service: str, clock: Clock) -> None:
        self._writer, self._service, self._clock = writer, service, clock
        self._second = (0, "")

    def info(self, event: str, **fields: Any) -> None:
        """What happens in the ordinary course."""
        self._write("info", event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        """What somebody should look at when there is time."""
        self._write("warning", event, fields)

    def error(self, event: str, **fields: Any) -> None:
        """What somebody must look at."""
        self._write("error", event, fields)

    def _write(self, level: str, event: str, fields: dict[str, Any]) -> None:
        if self._writer.silent:
            return
        error = fields.pop("error", None)
        told_fields = permitted(fields)
        if isinstance(error, BaseException):
            told_fields = {**told_fields, **told(error)}
        line = _line if self._writer.terminal else _json
        self._writer.add(line(self._now(), level, self._service, event, told_fields))

    def _now(self) -> str:
        """`2004-11-17T08:30:00.123Z`; the text of a second is made once."""
        seconds, nanoseconds = divmod(self._clock.now_ns(), 10**9)
        if seconds != self._second[0]:
            # One assignment, because lines come from several threads.
            self._second = (seconds, datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S"))
        return f"{self._second[1]}.{nanoseconds // 10**6:03}Z"


def _json(time: str, level: str, service: str, event: str, fields: Mapping[str, Any]) -> str:
    """By hand, because an encoder takes three times as long; the allow-list's names need no quoting."""
    rest = "".join([f', "{name}": {_value(value)}' for name, value in fields.items()])
    return f'{{"time": "{time}", "level": "{level}", "service": {_encode(service)}, "event": {_encode(event)}{rest}}}'


def _value(value: Any) -> str:
    # The encoder is quick with text only. Other numbers than these have no finite text.
    return str(value) if type(value) is int or (type(value) is float and isfinite(value)) else _encode(value)


def _line(time: str, level: str, service: str, event: str, fields: Mapping[str, Any]) -> str:
    """The line for a person at a terminal."""
    return " ".join(
        [f"{time[11:23]} {level:7} {service} {event}", *(f"{name}={_plain(value)}" for name, value in fields.items())]
    )


def _plain(value: Any) -> str:
    """What comes from outside must not move a terminal's cursor, nor begin a line of its own."""
    text = str(value)
    return text if text.isprintable() else _encode(text)


def told(error: BaseException) -> dict[str, str]:
    """An exception as it may be logged: types along the chain, frames of the innermost, text if it quotes nothing."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and len(chain) < 4:
        chain.append(link)
        link = link.__cause__ or link.__context__
    kinds = [f"{type(each).__name__}: {each}" if isinstance(each, _QUOTES_NO_VALUES) else _name(each) for each in chain]
    return {"error.type": " <- ".join(kinds), "frames": " > ".join(_frames(chain[-1].__traceback__))}


def _name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")


def _frames(traceback: TracebackType | None) -> list[str]:
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{Path(code.co_filename).name}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return frames[-12:]


class LibraryHandler(logging.Handler):
    """Warnings of libraries, as their unfilled template: the arguments may quote values."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self._log.warning("library", source=record.name, signal=str(record.msg)[:200], error=error)
