"""Issuing and checking trust bundles, by the kit in a process of its own: keys are read there and nowhere else."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tongguan.failures import Misused, Refused
from tongguan.stack.districts import CODES
from tongguan.stack.layout import Layout


def issue_bundle(layout: Layout, folder: Path | None, file: Path | None, days: int, *, if_needed: bool = False) -> str:
    """Issues the district's next bundle; what was made, in a line. By default folder and file are the layout's."""
    if layout.district not in CODES:
        raise Misused(f"no code of district {layout.district} is known", f"take one of: {', '.join(CODES)}")
    given = ["--folder", str(folder or layout.certificates), "--file", str(file or layout.bundle)]
    given += ["--district", layout.district, "--code", CODES[layout.district], "--days", str(days)]
    return _run("issue", [*given, "--if-needed"] if if_needed else given)


def check_bundle(file: Path, after: Path | None) -> str:
    """Checks one; what it is, in a line."""
    return _run("check", ["--file", str(file), *(["--after", str(after)] if after else [])])


def _run(deed: str, given: Sequence[str]) -> str:
    command = [sys.executable, "-m", "agencykit.bundles", deed, *given]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused((done.stderr or done.stdout).strip().splitlines()[-1], "see tongguan partner bundle --help")
    return done.stdout.strip()
