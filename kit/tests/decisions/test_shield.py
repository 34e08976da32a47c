"""What has begun goes on to its commit; and work that callers gave up does not pile up without end."""

import asyncio
from typing import cast

import pytest

from agencykit.decisions import shield as module
from agencykit.decisions.shield import Shield
from agencykit.refusals import Overloaded
from agencykit.telemetry import Telemetry


async def test_a_caller_who_gives_up_leaves_the_work_running_and_too_much_of_it_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_RUNNING", 3)
    shield, storage, done = Shield(cast(Telemetry, None)), asyncio.Event(), []

    async def commit(number: int) -> int:
        await storage.wait()
        done.append(number)
        return number

    for number in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await shield.run(commit(number))
    with pytest.raises(Overloaded) as refused:
        await shield.run(commit(3))
    assert refused.value.metadata == {"limit": "3"}
    storage.set()
    await shield.settle()
    assert sorted(done) == [0, 1, 2]
    assert await shield.run(commit(4)) == 4
