"""A real district looked at as the simulation is: from its databases alone, while it stands still."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chronicle import Chronicle
from clearance_watch import Watch
from district import AGENCIES, District

from agencykit.audit.__main__ import main as audit
from agencykit.runtime import real_runtime


@dataclass
class Database:
    """Where a party keeps what it knows."""

    database: Path


@dataclass
class Stood:
    """See Watched."""

    folder: Path
    stations: dict[str, Database]
    chronicle: Chronicle = field(default_factory=lambda: Chronicle(lambda: 0.0))
    runtime: Any = field(default_factory=real_runtime)


def watch_over(ningbo: District) -> Watch:
    """A watch that has not looked yet. Its looks add up: each takes what was added since the last."""
    files = {role: Database(ningbo.state / "data" / f"{role}.db") for role in (*AGENCIES, "gateway")}
    watch = Watch(Stood(ningbo.state / "pki", files))
    watch.open()
    return watch


def look(watch: Watch) -> None:
    """Raises Unsafe, with the promise that was broken."""
    for role in ("gateway", *AGENCIES):
        watch.look(role)


def proven(ningbo: District, folder: Path) -> None:
    """What the services' databases hold proves itself, to somebody who knows the district's authority alone."""
    files = {}
    for name, service in ningbo.endpoints()["services"].items():
        files[name] = folder / f"ningbo-{name}.audit.jsonl"
        given = ("--database-url", service["database_url"], "--service", name, "--district", "ningbo")
        assert audit(["export", *given, "--file", str(files[name])]) == 0
    assert audit(["verify", *map(str, files.values()), "--ca", str(ningbo.state / "pki" / "ca.pem")]) == 0
