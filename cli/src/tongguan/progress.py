"""How far a long command is: bars on a terminal, now and then a line elsewhere; always on standard error."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Protocol

from tongguan.output import Output

LINE_SECONDS = 5.0


class Progress(Protocol):
    """Several counts that grow; may be called from any thread."""

    def begin(self, name: str, total: int) -> None:
        """A new count."""

    def advance(self, name: str, count: int) -> None:
        """So many more of it."""

    def state(self, name: str, text: str) -> None:
        """What stands beside it: who does not answer, what is waited for."""


@contextmanager
def progress(output: Output) -> Iterator[Progress]:
    """Shows progress as long as the block lasts."""
    if not output.console(error=True).is_terminal:
        yield _Lines(output)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, TextColumn("{task.fields[state]}", markup=False), console=output.console(error=True)) as bars:
        yield _Bars(bars)


class _Bars:
    def __init__(self, bars: "object") -> None:
        from rich.progress import Progress as Bars
        from rich.progress import TaskID

        assert isinstance(bars, Bars)
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def begin(self, name: str, total: int) -> None:
        self._tasks[name] = self._bars.add_task(name, total=total, state="")

    def advance(self, name: str, count: int) -> None:
        self._bars.advance(self._tasks[name], count)

    def state(self, name: str, text: str) -> None:
        self._bars.update(self._tasks[name], state=text)


class _Lines:
    """One line when a count begins to matter, every few seconds, and when it is full."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._counts: dict[str, tuple[int, int]] = {}
        self._said: dict[str, str] = {}
        self._last = time.monotonic()
        self._lock = Lock()

    def begin(self, name: str, total: int) -> None:
        self._counts[name] = (0, total)

    def advance(self, name: str, count: int) -> None:
        with self._lock:
            done, total = self._counts[name][0] + count, self._counts[name][1]
            self._counts[name] = (done, total)
            if done == total or time.monotonic() - self._last >= LINE_SECONDS:
                self._last = time.monotonic()
                self._output.note(f"{name}: {done}/{total}")

    def state(self, name: str, text: str) -> None:
        with self._lock:
            if text and self._said.get(name) != text:
                self._output.note(f"{name}: {text}")
            self._said[name] = text
