"""Calls that come together go together, and a fault stays with whose it is."""

import asyncio
from collections.abc import Sequence

import pytest

from agencykit.storage.together import Together


class Ledger:
    """Remembers which items went together; refuses `poison`, and holds the first until it is told to go on."""

    def __init__(self) -> None:
        self.transactions: list[list[str]] = []
        self.go = asyncio.Event()

    async def write(self, items: Sequence[str]) -> list[str]:
        self.transactions.append(list(items))
        await self.go.wait()
        if "poison" in items:
            raise ValueError("poison")
        return [item.upper() for item in items]


async def begun(
    ledger: Ledger, together: Together[str, str], *calls: Sequence[str]
) -> list[asyncio.Task[Sequence[str]]]:
    """The first call is under way, and the others wait."""
    tasks = []
    for call in calls:
        tasks.append(asyncio.create_task(together.ask(call)))
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_what_comes_meanwhile_goes_in_one_transaction() -> None:
    ledger = Ledger()
    tasks = await begun(ledger, Together(ledger.write), ["a"], ["b", "c"], ["d"])
    ledger.go.set()
    assert await asyncio.gather(*tasks) == [["A"], ["B", "C"], ["D"]]
    assert ledger.transactions == [["a"], ["b", "c", "d"]]


async def test_no_more_go_together_than_are_allowed() -> None:
    ledger = Ledger()
    tasks = await begun(ledger, Together(ledger.write, most=2), ["a"], ["b"], ["c"], ["d", "e", "f"])
    ledger.go.set()
    await asyncio.gather(*tasks)
    assert ledger.transactions == [["a"], ["b", "c"], ["d", "e", "f"]]


async def test_a_fault_fails_its_own_call_alone() -> None:
    ledger = Ledger()
    tasks = await begun(ledger, Together(ledger.write), ["a"], ["b"], ["poison"], ["c"])
    ledger.go.set()
    assert await asyncio.gather(tasks[0], tasks[1], tasks[3]) == [["A"], ["B"], ["C"]]
    with pytest.raises(ValueError, match="poison"):
        await tasks[2]


async def test_who_goes_away_stops_nobody_else() -> None:
    ledger = Ledger()
    tasks = await begun(ledger, Together(ledger.write), ["a"], ["b"])
    tasks[0].cancel()
    await asyncio.sleep(0)
    ledger.go.set()
    assert await tasks[1] == ["B"]
    assert ledger.transactions == [["a"], ["b"]]
