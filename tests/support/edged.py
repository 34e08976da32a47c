"""A real district whose gateway calls the agencies, and whose brokers call the gateway, over edges that suffer."""

import json
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clearance_watch import Watch
from district import AGENCIES, TONGGUAN, District, count, district, eventually, sample, settled
from edges import Edge, Edges, edges
from stood import look, watch_over

BROKERS = "brokers to gateway"


def edge_to(agency: str) -> str:
    """The name of the gateway's edge to an agency."""
    return f"gateway to {agency}"


@dataclass
class Edged(District):
    """One that runs. `left` are submissions that nobody has lodged yet; brokers know of it what lies `outside`."""

    road: Edges
    outside: Path
    watch: Watch
    left: list[str] = field(default_factory=list)
    lodged: int = 0

    def prepare(self, folder: Path, size: int, seed: int) -> None:
        """Facts of a sample are known to the agencies, who hear of them by no edge; its submissions are left."""
        lines = sample(folder / f"sample-{seed}.jsonl", size, seed).read_text().splitlines()
        facts = folder / f"facts-{seed}.jsonl"
        facts.write_text("".join(f"{line}\n" for line in lines if not line.startswith('{"submission"')))
        told = self.tongguan("submit", str(facts))
        assert told.returncode == 0, told.stderr
        self.left += [line for line in lines if line.startswith('{"submission"')]

    @contextmanager
    def submitting(self, size: int, *options: str, seconds: int = 120) -> Iterator["subprocess.Popen[str]"]:
        """So many are submitted over the brokers' edge by a client that tries again, and gets an answer to each."""
        if len(self.left) < size:
            self.prepare(self.outside, count(72, 2500), seed=7)
        taken, self.left = self.left[:size], self.left[size:]
        self.lodged += size
        file = self.outside / f"{self.lodged}.jsonl"
        file.write_text("".join(f"{line}\n" for line in taken))
        where = ("--state", str(self.outside), "--timeout", str(seconds))
        command = [TONGGUAN, "submit", str(file), *where, *(options or ("--batch", "4", "--concurrency", "4"))]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as client:
            try:
                yield client
                assert client.wait(seconds + 20) == 0, client.stderr.read() if client.stderr else ""
            finally:
                client.kill()

    def unsettled(self) -> list[dict[str, Any]]:
        """Clearances that wait for a machine, or are not known yet."""
        clearances = self.clearances()
        return [one for one in clearances if not settled(one)] + [{}] * (self.lodged - len(clearances))

    def decided_by(self, agency: str) -> int:
        """How many decisions of an agency the gateway has recorded."""
        query = f"SELECT count(*) FROM decisions WHERE agency = '{agency}' AND version = 1 AND revision = 1"
        [(count,)] = self.read("data", "gateway", query)
        return int(count)

    def under_way(self, least: int) -> None:
        """Waits until so many of those that are being submitted are known to the gateway."""
        before = len(self.watch.cases)
        query = "SELECT count(*) FROM cases"
        eventually(lambda: self.read("data", "gateway", query)[0][0] >= before + least, 60, lambda: "nobody submits")

    def rest(self) -> None:
        """Waits until nothing is under way; nothing has happened that must never happen."""
        self.settle(30)
        look(self.watch)

    def settle(self, within_s: float) -> float:
        """Waits until all are; after how many seconds they were."""
        return eventually(lambda: not self.unsettled(), within_s, lambda: self.unsettled()[:3])

    def asked(self) -> int:
        """How often consignments were put before agencies, all questions of all calls counted."""
        query = "SELECT attributes_json FROM spans WHERE name = 'convoy'"
        return sum(json.loads(told).get("batch.size", 0) for (told,) in self.read("spans", "gateway", query))

    def calls_for_a_decision(self, before: int, size: int) -> float:
        """What was asked since, for each first decision on so many: what is asked again in vain comes on top."""
        # Spans are written a moment after what they tell of.
        eventually(lambda: self.asked() - before >= size * len(AGENCIES), 10, self.asked)
        return round((self.asked() - before) / (size * len(AGENCIES)), 2)

    def read(self, folder: str, service: str, query: str) -> list[tuple[Any, ...]]:
        """What a file of a service holds."""
        with closing(sqlite3.connect(f"file:{self.state / folder / service}.db?mode=ro", uri=True)) as file:
            return file.execute(query).fetchall()


@contextmanager
def edged(folder: Path, agencies: Sequence[str] = AGENCIES) -> Iterator[Edged]:
    """Starts one."""
    with edges() as road:
        made: dict[str, Edge] = {agency: road.open(edge_to(agency)) for agency in agencies}
        made["gateway"] = road.open(BROKERS)
        over = [part for agency in agencies for part in ("--agency", f"{agency}={made[agency].address}")]
        with district(folder, *over) as ningbo:
            for name, edge in made.items():
                edge.target = ningbo.endpoints()["services"][name]["address"]
            outside = folder / "outside"
            outside.mkdir()
            known = ningbo.endpoints()
            known["services"]["gateway"]["address"] = made["gateway"].address
            (outside / "endpoints.json").write_text(json.dumps(known))
            watch = watch_over(ningbo)
            try:
                yield Edged(ningbo.state, road, outside, watch)
            finally:
                watch.close()
                road.close()  # a service that ends waits for calls of whom it cannot know that nobody hears it
