"""Edges between real processes: TCP proxies whose faults a test switches while bytes go through.

TLS passes as bytes: certificates name parties, not addresses.
"""

import asyncio
import contextlib
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from edge_faults import BACK, THERE, Calm, Cut, Fault

CHUNK = 16_384
HOST = "127.0.0.1"
# A chunk that took this long was held up by the fault.
NOTICED_SECONDS = 0.001
# Closing sends RST instead of FIN.
_AT_ONCE = struct.pack("ii", 1, 0)
CALM = Calm()


@dataclass(eq=False)
class Connection:
    """One connection through an edge; a Link to faults."""

    edge: "Edge"
    ends: tuple[asyncio.StreamWriter, ...]
    lost: set[str] = field(default_factory=set)
    replied: int = 0

    @property
    def age_seconds(self) -> float:
        """How long the present fault has lasted."""
        return time.monotonic() - self.edge.since

    def cut(self) -> None:
        """Resets it at both ends."""
        self.edge.touched["cut"] += 1
        for end in self.ends:
            with contextlib.suppress(OSError):
                end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            end.transport.abort()

    async def pump(self, way: str, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """Carries one direction until either end goes, or the fault cuts it."""
        try:
            while content := await source.read(CHUNK):
                target.write(await self._carried(way, content))
                await target.drain()
        except Cut:
            self.cut()
        except OSError:
            pass
        if way not in self.lost:  # else the other end never hears that this one has gone
            target.close()

    async def _carried(self, way: str, content: bytes) -> bytes:
        if way in self.lost:
            return b""
        began, out = time.monotonic(), await self.edge.fault.carry(self, way, content)
        if out != content:
            self.edge.touched["changed" if out else "lost"] += 1
        elif time.monotonic() - began > NOTICED_SECONDS:
            self.edge.touched["late"] += 1
        return out


@dataclass(eq=False)
class Edge:
    """Listens where the one side calls; calls the other side, once it is known. `touched`: chunks that suffered."""

    name: str
    target: str = ""
    fault: Fault = CALM
    since: float = 0.0
    port: int = 0
    touched: Counter[str] = field(default_factory=Counter)
    connections: set[Connection] = field(default_factory=set)

    @property
    def address(self) -> str:
        """Where the one side is to call."""
        return f"{HOST}:{self.port}"

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its beginning to its end."""
        host, _, port = self.target.rpartition(":")
        try:
            other_reader, other = await asyncio.open_connection(host, int(port or 0))
        except OSError:
            writer.transport.abort()
            return
        link = Connection(self, (writer, other))
        if not self.fault.admits(link):
            link.cut()
            return
        self.connections.add(link)
        try:
            await asyncio.gather(link.pump(THERE, reader, other), link.pump(BACK, other_reader, writer))
        finally:
            self.connections.discard(link)
            for end in link.ends:
                end.transport.abort()

    def switch(self, fault: Fault) -> None:
        """From now on, for connections that stand and for new ones. Called on the loop."""
        self.fault, self.since = fault, time.monotonic()
        for link in list(self.connections):
            link.replied = 0
            if not fault.admits(link):
                link.cut()


class Edges:
    """All edges of a test, on a loop in a thread of its own. Made by `edges`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._tasks: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []
        self.by_name: dict[str, Edge] = {}

    def open(self, name: str, target: str = "") -> Edge:
        """One more edge, which listens from now on."""
        edge = self.by_name[name] = Edge(name, target)
        self._run(self._listen(edge))
        return edge

    def suffer(self, name: str, fault: Fault) -> None:
        """Switches an edge's fault."""
        self._run(self._switch(self.by_name[name], fault))

    def heal(self, names: Iterable[str] = ()) -> None:
        """Ends the faults of these edges, or of all. What was lost on a connection before stays lost."""
        for name in names or self.by_name:
            self.suffer(name, CALM)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _switch(self, edge: Edge, fault: Fault) -> None:
        edge.switch(fault)

    async def _listen(self, edge: Edge) -> None:
        def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(edge.take(reader, writer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        server = await asyncio.start_server(taken, HOST, 0)
        self._servers.append(server)
        edge.port = int(server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Ends all of them, with every connection."""
        if self._servers:
            self._run(self._end())

    async def _end(self) -> None:
        while self._servers:
            self._servers.pop().close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # What was aborted is closed by the loop's next turns.
        await asyncio.sleep(0.01)


@contextmanager
def edges() -> Iterator[Edges]:
    """Edges as long as the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="edges")
    thread.start()
    made = Edges(loop)
    try:
        yield made
    finally:
        made.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
