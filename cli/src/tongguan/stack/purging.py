"""Purging by each service's own program, in a process of its own: what it keeps, and how long, is its own to know."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tongguan.failures import Misused, Refused
from tongguan.stack.layout import SERVICES, Layout


def here(layout: Layout, named: Sequence[str]) -> list[str]:
    """The services meant: those named, or all that were ever started on the state folder. Misused where there is none.

    They need not run.
    """
    known = [name for name in SERVICES if layout.configuration(name).exists()]
    for name in named:
        if name not in known:
            raise Misused(f"no service {name!r} on {layout.folder}", f"take one of: {', '.join(known) or 'none'}")
    if not known:
        raise Misused(f"no district was ever started on {layout.folder}", "name its folder (--state)")
    return list(named) or known


def purged(service: str, configuration: Path, given: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What it says, line by line as it goes on; its progress goes to standard error. Refused where something fails."""
    command = [sys.executable, "-m", service, "--config", str(configuration), "--purge", "--json", *given]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            yield json.loads(line)
    if process.returncode:
        raise Refused(f"{service}: not everything could be purged", "read what it says above")
