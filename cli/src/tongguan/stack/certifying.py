"""The district's certificates, by the kit in a process of its own: keys are read there and nowhere else."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tongguan.failures import Refused
from tongguan.stack.layout import Layout

DENIED = "denied.toml"


def denied_file(layout: Layout) -> Path:
    """Who is shut out of the layout's services, whatever his certificate says."""
    return layout.certificates / DENIED


def act(layout: Layout, folder: Path | None, deed: str, given: Sequence[str] = ()) -> list[str]:
    """Does it in the folder that holds the authority, by default the layout's; what it told, line by line."""
    place = ["--folder", str(folder or layout.certificates), "--district", layout.district]
    return _run(deed, [*place, *given])


def shown(layout: Layout, folder: Path | None, paths: Sequence[str]) -> list[dict[str, Any]]:
    """The certificates there are, as `tongguan pki show --json` has them."""
    return [json.loads(line) for line in act(layout, folder, "show", paths)]


def flaw(cert: str) -> str:
    """Why a certificate proves nothing just now; empty where it does, or cannot be looked at."""
    done = _process("check", ["--cert", cert])
    return done.stderr.strip() if done.returncode == 1 else ""


def _run(deed: str, given: Sequence[str]) -> list[str]:
    done = _process(deed, given)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"]
        raise Refused(lines[-1], "see tongguan pki --help")
    return done.stdout.splitlines()


def _process(deed: str, given: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "agencykit.certifying", deed, *given]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
