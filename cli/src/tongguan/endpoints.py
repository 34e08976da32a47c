"""endpoints.json: where a running district's services are and by which identities they may be called.

`{district, services: {customs: {address, pids[], log, database_url, ca, cert, key, …}, …},
identities: {broker: {identity, licence, ca, cert, key}, operator: {…}, …, brokers: {LICENCE: {…}, …}}}`

Of several districts that were started together each has its own, and the folder around them has a list of all.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tongguan.failures import Misused


@dataclass(frozen=True, slots=True)
class Credentials:
    """An identity with the files that prove it. `licence` is a broker's."""

    ca: str
    cert: str
    key: str
    identity: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the district. `address` is where it listens, `via` where the gateway calls it if elsewhere.

    `pids` is empty while it does not run here; `ca`, `cert` and `key` are its own TLS files.
    """

    address: str
    pids: list[int]
    log: str
    database_url: str
    ca: str
    cert: str
    key: str
    span_store: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """A district as endpoints.json tells of it."""

    district: str
    services: Mapping[str, Service]
    identities: Mapping[str, Credentials] = field(default_factory=dict)
    brokers: Mapping[str, Credentials] = field(default_factory=dict)

    def credentials(self, name: str) -> Credentials:
        """By the name in the file (`operator`), a broker's licence, or the identity's path (`broker/3104980001`)."""
        for key, known in (*self.identities.items(), *self.brokers.items()):
            if name in (key, known.identity, known.identity.partition("://")[2].partition("/")[2]):
                return known
        names = ", ".join((*self.identities, *(f"broker/{licence}" for licence in self.brokers)))
        raise Misused(f"no identity {name!r} in this state folder", f"take one of: {names}")

    def to_json(self) -> dict[str, Any]:
        """As the file has it."""
        identities: dict[str, Any] = {name: asdict(known) for name, known in self.identities.items()}
        identities["brokers"] = {licence: asdict(known) for licence, known in self.brokers.items()}
        services = {name: asdict(service) for name, service in self.services.items()}
        return {"district": self.district, "services": services, "identities": identities}


def read(file: Path) -> Endpoints:
    """Reads endpoints.json; raises FileNotFoundError."""
    whole = json.loads(file.read_text("utf-8"))
    identities = dict(whole["identities"])
    brokers = identities.pop("brokers", {})
    return Endpoints(
        whole["district"],
        {name: Service(**service) for name, service in whole["services"].items()},
        {name: Credentials(**known) for name, known in identities.items()},
        {licence: Credentials(**known) for licence, known in brokers.items()},
    )


def write(file: Path, endpoints: Endpoints) -> None:
    """Writes endpoints.json so that a reader sees the old file or the new one, never part of one."""
    write_atomically(file, json.dumps(endpoints.to_json(), indent=2) + "\n")


def write_together(file: Path, districts: Sequence[Endpoints]) -> None:
    """The same of several districts, as a list."""
    write_atomically(file, json.dumps([each.to_json() for each in districts], indent=2) + "\n")


def write_atomically(file: Path, text: str) -> None:
    """Puts a whole file in place at once, readable by its owner only."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    with open(beside, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(file)
