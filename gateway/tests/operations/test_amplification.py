"""An agency that fails half of all calls is not asked more for it: in virtual time, beside three that answer."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import grpc

from agencykit.rpc.transport import Unreachable
from agencykit.testing.counts import FULL
from gateway.operations import lines

SUBMISSIONS, EACH_SECONDS = (1000 if FULL else 160), 0.05


class Counted:
    """Calls to each agency; those to border fail by chance until it is mended."""

    def __init__(self, district: Any) -> None:
        self.calls: Counter[str] = Counter()
        self.failing = True
        for name, office in district.offices.items():
            office.hook = self._hook(name)

    def _hook(self, office: str) -> Any:
        async def hook(moment: str, name: str) -> None:
            if (moment, name) == ("called", "AssessConsignments"):
                self.calls[office] += 1
                # Every second one, so that no breaker opens, which would spare the agency more.
                if office == "border" and self.failing and self.calls[office] % 2:
                    raise Unreachable(grpc.StatusCode.UNAVAILABLE, "half of all calls are lost")

        return hook


async def submitted(district: Any, make: Any) -> tuple[Counter[str], float]:
    """What each agency was asked during the trouble; and how long all took to settle after it, in seconds."""
    for name in make.agencies:
        await district.open_agency(name)
    gateway = await district.open_gateway()
    broker, counted, loop = gateway.caller(), Counted(district), asyncio.get_running_loop()
    callers = []
    for number in range(SUBMISSIONS):
        callers.append(asyncio.create_task(broker.submit(make.air_import(f"NB-2004-{number:06d}"))))
        await asyncio.sleep(EACH_SECONDS)
    await asyncio.gather(*callers)
    during, mended = Counter(counted.calls), loop.time()
    counted.failing = False

    async def none_is_parked() -> bool:
        return district.rows("SELECT count(*) FROM parked") == [(0,)]

    await make.eventually(none_is_parked, seconds=30)
    assert len({order for (order,) in district.rows("SELECT DISTINCT number FROM orders")}) == SUBMISSIONS
    return during, loop.time() - mended


def test_an_agency_that_fails_half_of_all_calls_is_asked_a_tenth_more_at_most(
    district_class: Any, tmp_path: Path, templates: Path, make: Any
) -> None:
    calls, settling = district_class.in_its_own_time(tmp_path, templates, lambda own: submitted(own, make))
    # What was saved up and what comes with time weigh less, the more calls there are.
    bought = lines.RETRIES_SAVED + lines.RETRIES_PER_SECOND * SUBMISSIONS * EACH_SECONDS
    assert calls["border"] <= 1.1 * calls["customs"] + (0 if FULL else bought)
    assert calls["border"] > calls["customs"], "what was parked is asked again all the same"
    assert settling < 30
