"""A district of several replicas on a PostgreSQL of its own, whose processes a test kills, freezes and thaws."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from district import District, count, district, eventually

# How long a replica may hold a case or a duty without a word, and a little more.
LEASE_SECONDS = 8.0
REPLICAS = f"gateway={count(2, 3)},customs=2" + (",inspection=2,border=2,port=2" if count(0, 1) else "")


class Replicated(District):
    """One that runs."""

    def process(self, replica: str) -> int:
        """Of a replica by name: `gateway-2`."""
        return int(json.loads((self.state / "run" / f"{replica}.json").read_text())["process"]["pid"])

    def strike(self, replica: str) -> None:
        """kill -9."""
        os.kill(self.process(replica), signal.SIGKILL)

    def begin(self, replica: str) -> None:
        """Starts one that was killed or stopped."""
        started = self.tongguan("start", replica)
        assert started.returncode == 0, started.stderr

    def freeze(self, *replicas: str) -> None:
        """They stand still, in the middle of whatever they do."""
        for replica in replicas:
            os.kill(self.process(replica), signal.SIGSTOP)

    def thaw(self, *replicas: str) -> None:
        """They go on as if nothing had been."""
        for replica in replicas:
            os.kill(self.process(replica), signal.SIGCONT)

    @contextmanager
    def frozen(self, *replicas: str) -> Iterator[None]:
        """Frozen as long as the block."""
        self.freeze(*replicas)
        try:
            yield
        finally:
            self.thaw(*replicas)

    @contextmanager
    def successor(self, replica: str, log: Path) -> Iterator[None]:
        """Another process under the replica's name and settings, on a port of its own, that serves."""
        service = replica.partition("-")[0]
        prefix = f"TONGGUAN_{service.upper()}__"
        environment = os.environ | {f"{prefix}PORT": "0", f"{prefix}LOG_FILE": str(log)}
        command = [sys.executable, "-m", service, "--config", str(self.state / "config" / f"{replica}.toml")]
        process = subprocess.Popen(command, env=environment)
        try:
            eventually(lambda: log.exists() and '"listening"' in log.read_text(), 60, lambda: process.poll())
            yield
        finally:
            process.terminate()
            process.wait(30)

    def rows(self, service: str, query: str) -> list[tuple[Any, ...]]:
        """What a service's database holds."""
        folder = str(self.state / "postgres")
        with psycopg.connect(host=folder, user="tongguan", dbname=service, autocommit=True) as connection:
            return connection.execute(query).fetchall()

    def said(self, replica: str, event: str) -> list[dict[str, Any]]:
        """Lines of a replica's log about an event."""
        text = (self.state / "log" / f"{replica}.log").read_text(errors="replace")
        lines = [json.loads(line) for line in text.splitlines() if f'"{event}"' in line]
        return [line for line in lines if line.get("event") == event]

    def serves(self) -> bool:
        """Whether every process of it does."""
        return all(line["state"] == "serves" for line in self.standing())

    def standing(self) -> list[dict[str, Any]]:
        """What `status` tells."""
        told = self.tongguan("status", "--json")
        return [json.loads(line) for line in told.stdout.splitlines()]

    def state_of(self, replica: str) -> str:
        """What `status` tells of one."""
        return next(str(line["state"]) for line in self.standing() if line["replica"] == replica)

    def whole(self) -> None:
        """Waits until it is."""
        eventually(self.serves, within_s=30, otherwise=self.standing)


@contextmanager
def replicated(*options: str) -> Iterator[Replicated]:
    """Starts one; its folder lies where the user may go whom root lends PostgreSQL to."""
    folder = Path(tempfile.mkdtemp(prefix="tongguan-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        with district(folder, "--database", "postgresql", "--replicas", REPLICAS, *options) as made:
            yield Replicated(made.state)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
