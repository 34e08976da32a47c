"""Where lines come from and go to: a file made whole or not at all, else standard input and output."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tongguan.failures import Misused, Refused

Print = Callable[[str], None]


@contextmanager
def printer(path: Path | None, silent: bool = False) -> Iterator[Print]:
    """Prints lines to a file; without one to standard output, or nowhere if `silent`. Raises Refused."""
    if path is None:
        yield (lambda line: None) if silent else print
        return
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            yield partial(print, file=file)
        unfinished.replace(path)
    except BrokenPipeError:  # of standard output, while this file was open
        raise
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}", "name another file") from error
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def opened(file: str) -> Iterator[Iterator[bytes]]:
    """The lines of a file of JSON Lines, `-` being standard input; raises Misused."""
    if file == "-":
        yield iter(sys.stdin.buffer)
        return
    try:
        with Path(file).open("rb") as lines:
            yield iter(lines)
    except OSError as error:
        raise Misused(f"{file}: {error.strerror}", "name a file of JSON Lines, or - for standard input") from error
