"""Backups of services' databases, by the kit in a process of its own."""

import subprocess
import sys
import tomllib
from pathlib import Path

from tongguan.failures import Misused, Refused
from tongguan.hints import again
from tongguan.stack import records
from tongguan.stack.layout import SERVICES, Layout, service_of


def save(layout: Layout, service: str, folder: Path) -> str:
    """A copy of its database in the folder; what was written, in a line."""
    url = database_url(layout, service)
    kind = "db" if url.startswith("sqlite") else "dump"
    return _run("save", ["--database-url", url, "--file", str(folder / f"{layout.district}-{service}.{kind}")])


def restore(layout: Layout, service: str, file: Path) -> str:
    """Puts a copy back. Refused while the service runs."""
    url = database_url(layout, service)
    running = [
        each.service for each in records.read_all(layout) if service_of(each.service) == service and each.running()
    ]
    if running:
        raise Refused(f"{', '.join(running)} runs", f"stop it first: {again(layout.folder, 'stop', running[0])}")
    return _run("restore", ["--database-url", url, "--file", str(file)])


def resume(layout: Layout, service: str, who: str) -> str:
    """Says that it goes on although it is an old copy."""
    return _run("resume", ["--database-url", database_url(layout, service), "--by", who])


def database_url(layout: Layout, service: str) -> str:
    """As its settings have it; refused where no such service was ever started here."""
    try:
        settings = tomllib.loads(layout.configuration(service).read_text("utf-8"))
    except FileNotFoundError:
        raise Misused(f"no service {service!r} in {layout.folder}", f"take one of: {', '.join(SERVICES)}") from None
    return str(settings["database_url"])


def _run(deed: str, given: list[str]) -> str:
    command = [sys.executable, "-m", "agencykit.backup", deed, *given]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused((done.stderr or done.stdout).strip().splitlines()[-1], "see docs/backup.md")
    return done.stdout.strip()
