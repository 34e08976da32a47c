"""Processes by id, and by when they were born: an id alone may have passed to a stranger."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM, Signals

POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Process:
    """A process id with its birth, in clock ticks since the machine started."""

    pid: int
    birth: str

    def alive(self) -> bool:
        """Whether this very process still runs."""
        return birth_of(self.pid) == self.birth

    def signal(self, number: Signals) -> None:
        """Sends a signal, unless it is gone."""
        if self.alive():
            os.kill(self.pid, number)

    def gone_within(self, seconds: float) -> bool:
        """Waits until it is gone; False when it still runs after that time."""
        deadline = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def stop(self, grace_seconds: float, how: Signals = SIGTERM) -> bool:
        """Asks it to stop and kills it (SIGKILL) when the grace is over; True when it went by itself.

        One that is frozen (SIGSTOP) is thawed, for it could not hear.
        """
        self.signal(how)
        self.signal(signal.SIGCONT)
        if self.gone_within(grace_seconds):
            return True
        self.signal(signal.SIGKILL)
        self.gone_within(grace_seconds)
        return False


def birth_of(pid: int) -> str | None:
    """When the process was born; None when there is none, or only its remains (a zombie)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return None
    # The name stands in brackets and may hold anything: count from the last bracket. 3 is the state, 22 the birth.
    fields = stat.rpartition(")")[2].split()
    state, birth = fields[0], fields[19]
    return None if state in "ZX" else birth


def spawn(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Starts a process in a session of its own, so that Ctrl-C reaches only who started it; its words go to `log`."""
    with log.open("ab") as words:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )


def process_of(pid: int) -> Process:
    """The process that has this id now; a dead one where there is none."""
    return Process(pid, birth_of(pid) or "")
