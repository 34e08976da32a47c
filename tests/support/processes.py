"""Services as processes of their own, each on a free port, without the command line; and the gateway's public face."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc

from clearance.gateway.v1.clearance_service_pb2_grpc import ClearanceServiceStub

Process = subprocess.Popen[bytes]
START_SECONDS = 60


def make_certificates(pki: Path, *identities: str, signing: tuple[str, ...] = ()) -> None:
    """The district's authority and these identities; what exists is kept."""
    command = [sys.executable, "-m", "agencykit.pki", "--out", str(pki), "--district", "ningbo"]
    command += [part for identity in identities for part in ("--identity", identity)]
    command += [part for role in signing for part in ("--signing", role)]
    subprocess.run(command, check=True, capture_output=True)


def launch(
    service: str,
    folder: Path,
    pki: Path,
    path: Path | None = None,
    *,
    command: Sequence[str] = ("-m",),
    environment: Mapping[str, str] | None = None,
    streams: Mapping[str, Any] | None = None,
    **settings: object,
) -> Process:
    """Starts `python -m <service>` with a database and a log in `folder`; `path` is where an unknown package lies.

    `command` runs it in another way, `environment` is further, `streams` are its standard ones.
    """
    given = {
        "database_url": f"sqlite+pysqlite:///{folder / service}.db",
        "ca_file": pki / "ca.pem",
        "cert_file": pki / f"{service}.pem",
        "key_file": pki / f"{service}.key",
        "signing_cert_file": pki / f"{service}-signing.pem",
        "signing_key_file": pki / f"{service}-signing.key",
        "log_file": folder / f"{service}.log",
    } | settings
    told = {f"TONGGUAN_{service}__{name}".upper(): str(value) for name, value in given.items()}
    whole = os.environ | told | (environment or {})
    if path is not None:
        whole["PYTHONPATH"] = os.pathsep.join(filter(None, [str(path), os.environ.get("PYTHONPATH")]))
    return subprocess.Popen([sys.executable, *command, service], env=whole, **(streams or {}))


def address_of(service: str, folder: Path, process: Process) -> str:
    """Where a launched service listens, as its log tells once it does."""
    log, began = folder / f"{service}.log", time.monotonic()
    while True:
        lines = log.read_text().splitlines() if log.exists() else []
        told = [json.loads(line) for line in lines if '"listening"' in line]
        if told:
            return str(told[-1]["address"])
        assert process.poll() is None, f"{service} ended while starting: {lines[-5:]}"
        assert time.monotonic() - began < START_SECONDS, f"{service} does not listen: {lines[-5:]}"
        time.sleep(0.05)


def until(holds: Callable[[], bool], otherwise: Callable[[], object], within_s: float = START_SECONDS) -> float:
    """Waits until it holds; after how many seconds. Fails with what `otherwise` tells."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within_s, otherwise()
        time.sleep(0.05)
    return time.monotonic() - began


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def end(process: Process) -> None:
    """SIGTERM; the service must drain and end well."""
    process.terminate()
    assert process.wait(30) == 0


@contextmanager
def clearance_service(address: str, pki: Path, identity: str) -> Iterator[ClearanceServiceStub]:
    """The gateway's ClearanceService as `broker-3104980001` or `operator-port-office` sees it."""
    authority, key, certificate = (
        (pki / name).read_bytes() for name in ("ca.pem", f"{identity}.key", f"{identity}.pem")
    )
    credentials = grpc.ssl_channel_credentials(authority, key, certificate)
    with grpc.secure_channel(address, credentials) as channel:
        yield ClearanceServiceStub(channel)
