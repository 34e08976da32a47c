"""Ways from callers to parties that may die: they lose, delay, repeat, reorder and replay what goes over them."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import grpc
from chronicle import Chronicle
from mortal import Process, outside

from agencykit.refusals import Refusal
from agencykit.rpc.layers import Layers
from agencykit.rpc.peer import Peer
from agencykit.rpc.transport import Unreachable


@dataclass
class Weather:
    """What befalls the calls of one seed. `cut` holds the parties that nobody reaches."""

    chance: random.Random
    chronicle: Chronicle
    calm: bool = False
    cut: dict[str, None] = field(default_factory=dict)
    # Hears (party, method, request) of each call that a party has answered, whether or not the answer arrives.
    answered: Callable[[str, str, bytes], None] = lambda role, name, request: None
    ghosts: dict["asyncio.Task[None]", None] = field(default_factory=dict)


@dataclass
class Traits:
    """How bad one road is."""

    loss: float
    repeats: float
    delay: float


class Road:
    """To one party, as InlineTransport takes it for its layers. `serving` is who stands at its end just now."""

    def __init__(
        self,
        role: str,
        weather: Weather,
        methods: Mapping[str, Any],
        serving: Callable[[], tuple[Process, Layers] | None],
    ) -> None:
        chance = weather.chance
        self.role, self.methods = role, methods
        self._weather, self._serving = weather, serving
        self.traits = Traits(chance.uniform(0, 0.3), chance.uniform(0, 0.15), chance.choice((0.01, 0.1, 0.6)))

    async def invoke(
        self, path: str, request: bytes, peer: Peer, timeout_seconds: float | None, metadata: Mapping[str, str]
    ) -> bytes:
        """See Layers."""
        weather, chance, call = self._weather, self._weather.chance, (path, request, peer, timeout_seconds, metadata)
        name = path.rpartition("/")[2]
        try:
            if not weather.calm:
                await self._may_get_lost("request", name)
                if chance.random() < self.traits.repeats:
                    self._repeat(call, name)
                await asyncio.sleep(chance.uniform(0, self.traits.delay))
            answer: bytes | Refusal = await self._deliver(*call)
        except Refusal as refusal:
            answer = refusal
        if not weather.calm:
            await self._may_get_lost("answer", name)
            await asyncio.sleep(chance.uniform(0, self.traits.delay))
        if isinstance(answer, Refusal):
            raise answer
        return answer

    async def _may_get_lost(self, what: str, name: str) -> None:
        chance = self._weather.chance
        if self.role in self._weather.cut or chance.random() < self.traits.loss / 2:
            self._weather.chronicle.note(f"lost {what}", self.role, name)
            if chance.random() < 0.3:
                # Nobody says that it is lost: the caller waits until his deadline, or until he finds out.
                await asyncio.get_running_loop().create_future()
            raise Unreachable(grpc.StatusCode.UNAVAILABLE, "lost")

    def _repeat(self, call: tuple[Any, ...], name: str) -> None:
        """Once more, later: also after the caller has gone on, and after what he sent next."""

        async def later() -> None:
            await asyncio.sleep(self._weather.chance.choice((0.05, 1.0, 8.0, 30.0)) * self._weather.chance.random())
            self._weather.chronicle.note("replayed", self.role, name)
            try:
                await self._deliver(*call)
            except (Refusal, Unreachable):
                return

        ghost = outside(later())
        self._weather.ghosts[ghost] = None
        ghost.add_done_callback(lambda done: self._weather.ghosts.pop(done, None))

    async def _deliver(
        self, path: str, request: bytes, peer: Peer, timeout_seconds: float | None, metadata: Mapping[str, str]
    ) -> bytes:
        process, layers = self._reached()

        async def serve() -> bytes:
            await process.pause()
            return await layers.invoke(path, request, peer, timeout_seconds, metadata)

        task = process.begin(serve())
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            # The caller has given up. The other side hears of it, or goes on.
            if self._weather.chance.random() < 0.5:
                task.cancel()
            raise
        name = path.rpartition("/")[2]
        if task.cancelled():
            self._weather.chronicle.add(self.role, f"answers nothing to {name}")
            raise Unreachable(grpc.StatusCode.UNAVAILABLE, "the connection was reset")
        error = task.exception()
        self._weather.chronicle.add(self.role, f"{name}: {type(error).__name__ if error else 'answered'}")
        if error is None:
            self._weather.answered(self.role, name, request)
        return task.result()

    async def stream(
        self, path: str, request: bytes, peer: Peer, timeout_seconds: float | None, metadata: Mapping[str, str]
    ) -> AsyncGenerator[bytes, None]:
        """See Layers."""
        weather, chance = self._weather, self._weather.chance
        name = path.rpartition("/")[2]
        if not weather.calm:
            await self._may_get_lost("request", name)
            await asyncio.sleep(chance.uniform(0, self.traits.delay))
        process, layers = self._reached()
        parts: asyncio.Queue[bytes | None] = asyncio.Queue(1)

        async def serve() -> None:
            await process.pause()
            async with aclosing(layers.stream(path, request, peer, timeout_seconds, metadata)) as answers:
                async for answer in answers:
                    await process.pause()
                    await parts.put(answer)
            await parts.put(None)

        task = process.begin(serve())
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            while (part := await self._next(parts, task)) is not None:
                if not weather.calm:
                    await self._may_get_lost("part", name)
                    await asyncio.sleep(chance.uniform(0, self.traits.delay))
                yield part
        finally:
            task.cancel()

    async def _next(self, parts: "asyncio.Queue[bytes | None]", task: "asyncio.Task[None]") -> bytes | None:
        while parts.empty():
            if task.done():
                if not task.cancelled() and (error := task.exception()) is not None:
                    raise error
                raise Unreachable(grpc.StatusCode.UNAVAILABLE, "the connection was reset")
            getting = asyncio.get_running_loop().create_task(parts.get())
            try:
                await asyncio.wait([getting, task], return_when=asyncio.FIRST_COMPLETED)
                if getting.done():
                    return getting.result()
            finally:
                getting.cancel()
        return parts.get_nowait()

    def _reached(self) -> tuple[Process, Layers]:
        found = None if self.role in self._weather.cut else self._serving()
        if found is None:
            raise Unreachable(grpc.StatusCode.UNAVAILABLE, "nobody listens")
        return found
