"""Runs every test at full counts, in parts; a part that passed on this very content is not run again.

python tools/verify.py [PART…]     without parts: all
"""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STAMPS = ROOT / ".verify"
ON_POSTGRESQL = " on postgresql"


def parts() -> dict[str, Path]:
    """Each distribution's tests, then each folder of tests/, cheapest kind first; the former on PostgreSQL too."""
    own = [*ROOT.glob("*/tests"), *ROOT.glob("services/*/tests")]
    shared = (ROOT / "tests").iterdir()
    every = {path.relative_to(ROOT).as_posix(): path for path in (*sorted(own), *sorted(shared)) if _has_tests(path)}
    return every | {f"{name}{ON_POSTGRESQL}": path for name, path in every.items() if path in own and _stores(name)}


def _stores(name: str) -> bool:
    """Whether these tests have databases of their own; the command line has none."""
    return not name.startswith("cli/")


def _has_tests(folder: Path) -> bool:
    return folder.is_dir() and any(folder.rglob("test_*.py"))


def content() -> str:
    """A name for exactly what is being verified: the commit, what differs from it and what is not yet in it."""
    digest = hashlib.sha256()
    for command in (["rev-parse", "HEAD^{tree}"], ["diff", "HEAD", "--binary"]):
        digest.update(subprocess.run(["git", *command], cwd=ROOT, capture_output=True, check=True).stdout)
    new = ["ls-files", "--others", "--exclude-standard", "-z"]
    for name in sorted(subprocess.run(["git", *new], cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")):
        if name:
            digest.update(name + b"\0" + (ROOT / os.fsdecode(name)).read_bytes())
    return digest.hexdigest()[:16]


def verify(name: str, folder: Path, stamp: Path) -> bool:
    """Runs one part; leaves a stamp when it passes."""
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "--quiet", "--timeout", "3600", str(folder)]
    # What chance brings was varied in full already; here it is the other database that counts.
    how = {"TONGGUAN_TEST_COUNTS": "full"}
    if name.endswith(ON_POSTGRESQL):
        how = {"TONGGUAN_TEST_COUNTS": "reduced", "TONGGUAN_TEST_DATABASE": "postgresql"}
    passed = subprocess.run(command, cwd=ROOT, env={**os.environ, **how}).returncode == 0
    if passed:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(f"{time.monotonic() - started:.0f} s\n")
    return passed


def main(wanted: list[str]) -> int:
    known = parts()
    if unknown := [name for name in wanted if name not in known]:
        raise SystemExit(f"no such part: {', '.join(unknown)}; parts are: {', '.join(known)}")
    key = content()
    failed = 0
    for name in wanted or known:
        stamp = STAMPS / key / name.replace("/", "+")
        if stamp.exists():
            print(f"{name}: passed before on this content, in {stamp.read_text().strip()}", flush=True)
            continue
        print(f"{name}: running at full counts", flush=True)
        failed += not verify(name, known[name], stamp)
    done = sum((STAMPS / key / name.replace("/", "+")).exists() for name in known)
    print(f"{done} of {len(known)} parts have passed on this content ({key})")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
