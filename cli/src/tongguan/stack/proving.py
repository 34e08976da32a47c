"""Exporting and verifying what proves things, by the kit in a process of its own: it speaks to no service."""

import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tongguan.failures import Misused, Refused


def verify_evidence(file: Path, authorities: Iterable[str], revoked: Iterable[Path] = ()) -> str:
    """What holds of a clearance's evidence, in lines; Refused where something does not. `revoked`: who is shut out."""
    lists = [each for denied in revoked for each in ("--revoked", str(denied))]
    return _run("agencykit.evidence", [str(file), *_trusting(authorities), *lists], "see tongguan evidence --help")


def export_audit(database_url: str, service: str, district: str, file: Path) -> str:
    """Exports one service's database; what was written, in a line."""
    given = ["--database-url", database_url, "--service", service, "--district", district, "--file", str(file)]
    return _run("agencykit.audit", ["export", *given], "see tongguan audit export --help")


def verify_audits(files: Sequence[Path], authorities: Iterable[str]) -> str:
    """What holds, in lines; Refused where something does not."""
    return _run("agencykit.audit", ["verify", *map(str, files), *_trusting(authorities)], "see tongguan audit --help")


def _trusting(authorities: Iterable[str]) -> list[str]:
    return [each for file in authorities for each in ("--ca", file)]


def _run(module: str, given: list[str], advice: str) -> str:
    command = [sys.executable, "-m", module, *given]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode == 1:
        *before, last = (done.stdout or done.stderr).strip().splitlines() or [""]
        raise Refused(last, advice, details=before)
    if done.returncode != 0:
        raise Misused((done.stderr or done.stdout).strip().splitlines()[-1], advice)
    return done.stdout.strip()
