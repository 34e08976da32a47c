"""Log lines: JSON for machines, text on a terminal, written by a background thread so that no reader can block a call.

A line holds time, level, service, event and fields of the allow-list. Exceptions are told as type and frames; their
text is told only for errors of programming, because others quote values (a name in a KeyError, a row in a driver's).
"""

import logging
import sys
from collections.abc import MutableMapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import structlog

from agencykit.runtime import Clock
from agencykit.telemetry.allowed import permitted
from agencykit.telemetry.background import Background

Event = MutableMapping[str, Any]
_QUOTES_NO_VALUES = (TypeError, AttributeError, NameError, ImportError, NotImplementedError)
_HEAD = ("time", "level", "service", "event")


class LogWriter:
    """Where lines go: a file, standard error, or nowhere (tests, simulation)."""

    def __init__(self, file: Path | None = None, *, silent: bool = False) -> None:
        self._output: IO[str] | None = None
        self._owned = file is not None
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._output = file.open("a", encoding="utf-8")
        elif not silent:
            self._output = sys.stderr
        self.terminal = bool(self._output and self._output.isatty())
        self._background = Background("log", self._write, limit=20_000, interval=0.1) if self._output else None

    def msg(self, line: str) -> None:
        """Takes one line; never blocks."""
        if self._background:
            self._background.add(line)

    # structlog calls the method of the level's name.
    debug = info = warning = error = critical = msg

    @property
    def dropped(self) -> int:
        """Lines lost because nobody read them."""
        return self._background.dropped if self._background else 0

    def flush(self) -> None:
        """Writes what waits."""
        if self._background:
            self._background.flush()

    def close(self) -> None:
        """Writes what waits and ends the thread."""
        if self._background:
            self._background.close()
        if self._owned and self._output:
            self._output.close()

    def _write(self, lines: list[str]) -> None:
        if self._output:
            self._output.write("\n".join([*lines, ""]))
            self._output.flush()


def logger(writer: LogWriter, service: str, clock: Clock) -> structlog.typing.FilteringBoundLogger:
    """A logger of its own, so that several services fit in one process. `log.info("event", field=value)`."""

    def complete(_logger: object, level: str, event: Event) -> Event:
        name = event.pop("event")
        error = event.pop("error", None)
        fields = dict(permitted(event))
        if isinstance(error, BaseException):
            fields |= told(error)
        time = clock.now().isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
        return {"time": time, "level": level, "service": service, "event": name, **fields}

    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if writer.terminal:
        renderer = structlog.dev.ConsoleRenderer(timestamp_key="time", level_styles=None)
    made: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        writer,
        processors=[complete, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    return made.bind()


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

    def __init__(self, log: structlog.typing.FilteringBoundLogger) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self._log.warning("library", source=record.name, signal=str(record.msg)[:200], error=error)
