"""Ten times what a district can do, from one broker: he is refused at once, another keeps his pace, and it passes."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from district import District, count, district, eventually

pytestmark = [pytest.mark.timeout(400), pytest.mark.alone, pytest.mark.full]

FLOODING = Path(__file__).parents[1] / "support" / "flooding.py"
FLOOD, MODEST = "3104980001", "3104980002"
# A small house is full soon: 48 calls of one broker at a time. The 16 that are kept for others last the second one for
# 5 s in which nobody is answered, which a busy machine may take.
SMALL = {"TONGGUAN_GATEWAY__MAX_IN_FLIGHT": "64", "TONGGUAN_GATEWAY__MAX_IN_FLIGHT_PER_CALLER": "48"}
CALM_SECONDS, FLOOD_SECONDS = count(2, 15), count(3, 60)
MODEST_RATE, TIMES = 3.0, 10.0
# More than any district does one by one; what it does of that is its capacity.
PLENTY = 600.0


def pace(ningbo: District, licence: str, rate: float, seconds: float, connections: int = 1) -> "subprocess.Popen[str]":
    command = [sys.executable, str(FLOODING), str(ningbo.state), licence, str(rate), str(seconds), str(connections)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@dataclass
class Kept:
    """What became of a broker's submissions, all of which have come to an end."""

    told: dict[str, Any]

    @classmethod
    def of(cls, process: "subprocess.Popen[str]") -> "Kept":
        printed, _ = process.communicate(timeout=300)
        assert process.returncode == 0
        return cls(json.loads(printed))

    @property
    def answered(self) -> int:
        return len(self.told["numbers"])

    def p99(self, name: str) -> float:
        ordered = sorted(self.told[name])
        return float(ordered[int(len(ordered) * 0.99)]) if ordered else 0.0


def resident(ningbo: District) -> dict[str, int]:
    """KiB of memory of each process."""
    found = {}
    for service in ningbo.endpoints()["services"]:
        for pid in ningbo.pids(service):
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            found[f"{service} {pid}"] = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return found


def test_one_broker_floods_and_another_keeps_his_pace(tmp_path: Path) -> None:
    with district(tmp_path, environment=SMALL) as ningbo:
        # What it can do, and what memory that takes; in full twice, for the first makes what is made once.
        for _ in range(count(1, 2)):
            calm = Kept.of(pace(ningbo, FLOOD, PLENTY, CALM_SECONDS))
        capacity, before = calm.answered / CALM_SECONDS, resident(ningbo)

        flooding = pace(ningbo, FLOOD, TIMES * capacity, FLOOD_SECONDS, connections=4)
        modest = Kept.of(pace(ningbo, MODEST, MODEST_RATE, FLOOD_SECONDS))
        flood, after = Kept.of(flooding), resident(ningbo)

        assert modest.told["refused_s"] == [], "who asks for little is not refused"
        assert modest.answered >= 0.9 * MODEST_RATE * FLOOD_SECONDS
        assert len(flood.told["refused_s"]) > flood.answered > 0
        assert flood.p99("refused_s") < 5, "at once, and not at their deadline, however busy the machine"
        growth = {name: after[name] / before[name] for name in before}
        assert max(growth.values()) <= 1.5, growth

        again: list[Kept] = []

        def as_before() -> bool:
            again.append(Kept.of(pace(ningbo, FLOOD, capacity / 2, 1.0)))
            return again[-1].answered >= 0.9 * again[-1].told["sent"]

        recovered = eventually(as_before, within_s=30, otherwise=lambda: again[-1].told)
        accepted = [number for kept in (calm, modest, flood, *again) for number in kept.told["numbers"]]
        cases = {one["number"]: one for one in ningbo.clearances()}
        assert len(accepted) == len(set(accepted)), "nobody was answered with another's case"
        unfinished = [number for number in accepted if not decided_by_all(cases[number])]
        assert unfinished == []
        sent, refused = flood.told["sent"], len(flood.told["refused_s"])
        print(f"\ncapacity {capacity:.0f}/s (p99 {calm.p99('answered_s'):.2f} s), flood {sent / FLOOD_SECONDS:.0f}/s")
        print(
            f"accepted {flood.answered}, refused {refused} (p99 {flood.p99('refused_s'):.2f} s), else",
            flood.told["otherwise"],
        )
        print(f"the other {modest.answered} of {modest.told['sent']} (p99 {modest.p99('answered_s'):.2f} s)")
        print(f"memory x {max(growth.values()):.2f}, as before after {recovered:.1f} s")


def decided_by_all(case: dict[str, Any]) -> bool:
    """Every agency has said something, and no machine is waited for."""
    return all(one["kind"] != "KIND_MACHINE" for one in case.get("waiting", []))
