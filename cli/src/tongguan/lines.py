"""Where lines go: a file made whole or not at all, else standard output."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tongguan.failures import Refused

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
