"""Goods declared at one district and verified at another, by chance, over cables that delay, drop, repeat and reorder.

People act as they like; then all is mended, holds are lifted, trucks come, and both districts must agree.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import grpc
from transit_model import DROP, Cable, attempt
from verified import PORT, Verified, rest

from agencykit.refusals import NotFound
from agencykit.rpc.transport import Unreachable
from clearance.common.v1.decision_pb2 import Waiting
from clearance.common.v1.order_pb2 import ReleaseOrder

CLEARANCES = 3
RELEASE, STOP = ReleaseOrder.KIND_RELEASE, ReleaseOrder.KIND_STOP
# (at home, at the port) once nothing is open; the port may never have heard of what was withdrawn.
ENDS = {
    # Recalled after home had heard that they are gone: nobody at the port can stop anything.
    ("COLLECTED", "CLOSED"),
    *(("CLOSED", "CLOSED"), ("COLLECTED", "COLLECTED"), ("RELEASE_STOPPED", "RELEASE_STOPPED")),
    *(("WITHDRAWN", "WITHDRAWN"), ("WITHDRAWN", ""), ("RELEASE_STOPPED", "IN_PROGRESS")),
    # It is the broker's to amend.
    *(("REFUSED", "IN_PROGRESS"), ("REFUSED", "")),
}


@dataclass
class Line(Cable):
    """A cable whose streams break too."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._plain_stream, self.link.stream = self.link.stream, self._stream

    async def _stream(self, method: str, *request: Any, **how: Any) -> AsyncGenerator[Any, None]:
        async for part in self._plain_stream(method, *request, **how):
            if not self.calm and (self.cut or self.chance.random() < DROP):
                raise Unreachable(grpc.StatusCode.UNAVAILABLE, "broken off")
            yield part


@dataclass
class Model:
    """One seed. `seen` counts what happened; `obeyed` holds since when home knows that goods are stopped."""

    both: Verified
    chance: random.Random
    seen: Counter[str] = field(default_factory=Counter)
    lines: list[Line] = field(default_factory=list)
    cleared: dict[str, Any] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        links = [link for each in (self.both.home, self.both.port) for link in each.partners.values()]
        self.lines = [Line(link, self.chance) for link in links]

    async def play(self) -> None:
        """All of it."""
        lives = [asyncio.create_task(self._life()) for _ in range(CLEARANCES)]
        for _ in range(3):
            await rest(self.chance.uniform(1, 6))
            line = self.chance.choice(self.lines)
            line.cut = not line.cut
        for line in self.lines:
            line.cut = False
        await asyncio.gather(*lives)
        for line in self.lines:
            line.calm = True
        await asyncio.gather(*(ghost for line in self.lines for ghost in line.ghosts))
        for clearance in [each for number, each in self.cleared.items() if number in self.held]:
            await self.both.lift(clearance)
        await rest(60)
        for number in self.cleared:
            await self._truck(number)
        await rest(15)
        for number in self.cleared:
            await self._sound(number)

    async def _life(self) -> None:
        both, chance = self.both, self.chance
        await rest(chance.uniform(0, 3))
        if chance.random() < 0.3:
            both.port.cut("border")
        clearance = await both.submitted()
        number = clearance.number
        self.cleared[number] = clearance
        acts = {
            "amend": lambda: self._amend(number),
            "withdraw": lambda: both.withdraw(clearance),
            "hold": lambda: self._hold(clearance),
            "recall": lambda: both.officer_finds(number, "REFUSED"),
            "truck": lambda: self._truck(number),
            "mend": self._mend,
        }
        weights = {"amend": 2, "withdraw": 1, "hold": 2, "recall": 3, "truck": 6, "mend": 2}
        for name in chance.choices(list(weights), list(weights.values()), k=7):
            await rest(chance.choice((0.1, 1.0, 4.0)))
            self.seen[name] += await attempt(acts[name]()) is not None
        await self._mend()

    async def _mend(self) -> bool:
        self.both.port.mend("border")
        return True

    async def _amend(self, number: str) -> bool:
        current = await self.both.at(self.both.home, number)
        await self.both.amend(current, goodsLocationCode=f"D-{self.chance.randrange(99)}")
        return True

    async def _hold(self, clearance: Any) -> bool:
        self.held.add(clearance.number)
        await self.both.hold(clearance)
        return True

    async def _truck(self, number: str) -> bool | None:
        """What leaves, leaves on home's release, and not once home has been told that it is stopped."""
        both = self.both
        stopped = await self._known_to_be_stopped(number)
        try:
            [container] = (await both.at(both.port, number)).consignment.containers
            answer = await both.leave(number, container.number)
        except NotFound:
            return None
        if not answer.HasField("gate_out"):
            return None
        self.seen["left"] += 1
        home, port = await both.at(both.home, number), await both.at(both.port, number)
        assert not stopped, f"{number} left although the port had said that it is stopped"
        assert any(each.order.kind == RELEASE for each in home.orders), f"{number} left unreleased"
        [acted_on] = [each.order for each in port.orders if each.order.number == answer.gate_out.order_number]
        assert "hangzhou" in {each.agency for each in acted_on.decisions}
        return True

    async def _known_to_be_stopped(self, number: str) -> bool:
        seen = await self.both.at(self.both.home, number)
        if not seen.orders or max(seen.orders, key=lambda each: each.order.number).order.kind != STOP:
            return False
        return not [wait for wait in seen.waiting if wait.fact_kind == "stop"]

    async def _sound(self, number: str) -> None:
        both = self.both
        home, ends = await both.at(both.home, number), await both.states(number)
        # Exports depart, imports are collected.
        ends = (ends[0].replace("DEPARTED", "COLLECTED"), ends[1].replace("DEPARTED", "COLLECTED"))
        assert ends in ENDS, f"{number}: {ends}, {await both.waits(both.home, number)}"
        assert not [wait for wait in home.waiting if wait.kind == Waiting.KIND_MACHINE or wait.party == PORT]
        left = [each.container_number for each in home.exits]
        assert len(left) == len(set(left)) == (ends[0] in ("CLOSED", "COLLECTED"))
        self.seen[ends[0]] += 1
