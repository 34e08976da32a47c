"""What can befall the bytes on an edge between two processes (edges.py carries them).

Two of these lose bytes and let the connection stand: its ends are never told, and whatever is sent on it later is lost
too, also when the edge is whole again; as where a firewall has forgotten it. Only a new connection helps then.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

THERE, BACK = "there", "back"


class Cut(Exception):
    """The connection is reset, at both its ends."""


class Link(Protocol):
    """One connection, as a fault sees it."""

    # Directions in which nothing comes through any more.
    lost: set[str]
    # Since the fault began.
    replied: int
    # How long the present fault has lasted.
    age_seconds: float


class Fault(Protocol):
    """One kind of fault. Stateless but for its draws: one edge has it at a time, with all its connections."""

    async def carry(self, link: Link, way: str, content: bytes) -> bytes:
        """What comes out at the other end, and when. Raises Cut."""
        ...

    def admits(self, link: Link) -> bool:
        """Whether a connection may stand: asked of each that is there when the fault begins, and of new ones."""
        ...


class Calm:
    """No fault."""

    async def carry(self, link: Link, way: str, content: bytes) -> bytes:
        """As it came."""
        return content

    def admits(self, link: Link) -> bool:
        """Every one."""
        return True


@dataclass
class Delay(Calm):
    """Everything comes late, each way."""

    seconds: float

    async def carry(self, link: Link, way: str, content: bytes) -> bytes:
        """Later."""
        await asyncio.sleep(self.seconds)
        return content


class Reset(Calm):
    """Connections are torn down, and new ones at once."""

    def admits(self, link: Link) -> bool:
        """None."""
        return False


class BlackHole(Calm):
    """Connections are accepted; nothing comes out of them."""

    async def carry(self, link: Link, way: str, content: bytes) -> bytes:
        """Nothing, from now on either way."""
        link.lost |= {THERE, BACK}
        return b""


@dataclass
class OneWay(Calm):
    """Bytes go through in one direction only: those of the other are lost."""

    lost: str

    async def carry(self, link: Link, way: str, content: bytes) -> bytes:
        """Nothing, the one way."""
        if way == self.lost:
            link.lost.add(way)
        return b"" if way == self.lost else content


@dataclass
class DroppedReplies(Calm):
    """Requests arrive; of the replies so many bytes do, and then the connection is reset."""

    after: int

    async def carry(self, link: Link, way: str, content: bytes) -> bytes:
        """All there; back until it is too much."""
        if way == BACK:
            link.replied += len(content)
            if link.replied > self.after:
                raise Cut
        return content


@dataclass
class Corrupt(Calm):
    """Now and then a bit is flipped."""

    share: float
    chance: random.Random

    async def carry(self, link: Link, way: str, content: bytes) -> bytes:
        """The same, or nearly."""
        if self.chance.random() >= self.share:
            return content
        place = self.chance.randrange(len(content))
        flipped = content[place] ^ 1 << self.chance.randrange(8)
        return content[:place] + bytes([flipped]) + content[place + 1 :]


@dataclass
class Throttle(Calm):
    """So many bytes a second, each way of each connection."""

    bytes_per_second: int

    async def carry(self, link: Link, way: str, content: bytes) -> bytes:
        """When there is room for it."""
        await asyncio.sleep(len(content) / self.bytes_per_second)
        return content


@dataclass
class Flapping(Calm):
    """There for a while, gone for a while."""

    up_seconds: float
    down_seconds: float

    def admits(self, link: Link) -> bool:
        """While it is there."""
        return link.age_seconds % (self.up_seconds + self.down_seconds) < self.up_seconds

    async def carry(self, link: Link, way: str, content: bytes) -> bytes:
        """As it came, or never."""
        if not self.admits(link):
            raise Cut
        return content


@dataclass
class Kinds:
    """Every kind of fault, by name, with drawn measures."""

    chance: random.Random
    made: dict[str, Callable[[], Fault]] = field(init=False)

    def __post_init__(self) -> None:
        draw = self.chance
        self.made = {
            "delay": lambda: Delay(draw.uniform(0.05, 0.8)),
            "reset": Reset,
            "black hole": BlackHole,
            "one way, no replies": lambda: OneWay(BACK),
            "one way, no requests": lambda: OneWay(THERE),
            "dropped replies": lambda: DroppedReplies(draw.randrange(8_000)),
            "corruption": lambda: Corrupt(draw.uniform(0.02, 0.3), draw),
            "throttling": lambda: Throttle(draw.randrange(4_000, 40_000)),
            "flapping": lambda: Flapping(draw.uniform(0.1, 1.5), draw.uniform(0.1, 1.5)),
        }

    def make(self, kind: str) -> Fault:
        """One of this kind."""
        return self.made[kind]()
