"""The standard streams of a process that somebody else began: closed, full, or nobody's."""

import os
import select
from contextlib import suppress

SAY_SECONDS = 1.0


def keep_standard_streams() -> None:
    """Where a supervisor has closed them, the next file opened would be taken for one: a database as standard error."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) < 3:
        continue
    os.close(descriptor)


def say(text: str) -> None:
    """A last line on standard error; left out where a full pipe would keep the process from ending."""
    with suppress(OSError, ValueError):
        if select.select([], [2], [], SAY_SECONDS)[1]:
            os.write(2, f"{text}\n".encode())
