"""Every RPC of every service, called with what was never meant: no INTERNAL, no UNKNOWN, no traceback, nobody dead.

Requests are valid by the contract's rules, name what the services know, and are changed, field by field or byte by
byte; or they are bytes by chance.
"""

import random
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
from besieged import Besieged, besieged
from district import count
from google.protobuf.message import Message
from in_transit import declaration_of

from agencykit.testing.messages import drop, mutations, places, put, valid

CALLS = count(1_000, 20_000)
CALL_SECONDS = 10.0
# Values of one field's name that are remembered.
KEPT = 40
# Fields that name the same.
_ALSO = {"clearance_number": "number", "number": "clearance_number", "reference": "mrn", "work_id": "id"}
# What may be said to a request that makes no sense, or comes at the wrong moment.
_NEVER = {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.DATA_LOSS, grpc.StatusCode.UNIMPLEMENTED}
_INTERNALS = ("Traceback", ".py", "sqlalchemy", "sqlite", "psycopg", "Error(")
pytestmark = pytest.mark.timeout(1800)


@dataclass
class Fuzz:
    """Calls by chance; the same seed makes the same, as far as services answer the same."""

    chance: random.Random
    seen: Counter[str] = field(default_factory=Counter)
    # Values of fields that services have answered, by the fields' names: what they know is asked of them again.
    known: dict[str, list[Any]] = field(default_factory=dict)

    def learn(self, said: Message) -> None:
        """Keeps what it names."""
        for holder, of, index in places(said):
            value = getattr(holder, of.name) if index is None else getattr(holder, of.name)[index]
            if of.type == of.TYPE_STRING and value:
                kept = self.known.setdefault(of.name, [])
                if value not in kept:
                    kept.append(value)
                    del kept[:-KEPT]

    def request(self, made: Message) -> bytes:
        """A request of a kind: sound, changed, garbled or nonsense."""
        way = self.chance.random()
        if way < 0.05:
            return self.chance.randbytes(self.chance.randrange(200))
        self._name(made)
        for _ in range(self.chance.choice((0, 0, 0, 1, 1, 2, 5))):
            self._change(made)
        content = made.SerializeToString()
        return self._garbled(content) if way > 0.9 else content

    def _name(self, made: Message) -> None:
        """What services know, in place of what they do not."""
        for place in places(made):
            holder, of, _ = place
            if of.name == "request_id":
                holder.request_id = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
            elif of.type == of.TYPE_STRING and self.chance.random() < 0.7:
                found = self.known.get(of.name) or self.known.get(_ALSO.get(of.name, ""))
                if found:
                    put(place, self.chance.choice(found))

    def _change(self, made: Message) -> None:
        found = places(made)
        if not found:
            return
        place = self.chance.choice(found)
        holder, of, index = place
        wanted = mutations(of, getattr(holder, of.name) if index is None else getattr(holder, of.name)[index])
        if not wanted or self.chance.random() < 0.2:
            drop(place)
            return
        try:
            put(place, self.chance.choice(wanted))
        except (ValueError, TypeError):  # no value of the field's type: the wire could not carry it either
            drop(place)

    def _garbled(self, content: bytes) -> bytes:
        changed = bytearray(content or b"\0")
        for _ in range(self.chance.randrange(1, 6)):
            place = self.chance.randrange(len(changed) or 1)
            if self.chance.random() < 0.5:
                changed[place : place + 1] = self.chance.randbytes(self.chance.randrange(4))
            elif changed:
                changed[place % len(changed)] ^= 1 << self.chance.randrange(8)
        return bytes(changed)


@pytest.fixture
async def stronghold(tmp_path: Path) -> AsyncIterator[Besieged]:
    """Gateway and four agencies on sockets, and a partner's certificate."""
    async with AsyncExitStack() as stack:
        yield await besieged(stack, tmp_path)


async def test_no_request_brings_down_a_service_or_brings_its_insides_out(stronghold: Besieged) -> None:
    fuzz = Fuzz(random.Random(2004))
    methods = stronghold.methods()
    assert len(methods) > 100
    for known in (*await stronghold.inhabit(8), declaration_of("FUZZ-1", "ningbo", "hangzhou")):
        fuzz.learn(known)
    for number in range(CALLS):
        method = methods[number % len(methods)]
        content = fuzz.request(valid(method.request_type.DESCRIPTOR))
        code, said = await stronghold.call(method, content, CALL_SECONDS)
        fuzz.seen[code.name] += 1
        if code is grpc.StatusCode.OK:
            fuzz.learn(method.response_type.FromString(said))
            continue
        told = f"{method.path}: {code.name} {said!r} to {content.hex()}"
        assert code not in _NEVER, told
        assert not any(each.encode() in said for each in _INTERNALS), told
    assert fuzz.seen["OK"] > CALLS * 0.2, fuzz.seen
    assert fuzz.seen["INVALID_ARGUMENT"] > CALLS * 0.2, fuzz.seen
    assert fuzz.seen["PERMISSION_DENIED"] < CALLS * 0.1, fuzz.seen
    await stronghold.alive()
    assert stronghold.amiss() == []


def test_what_is_changed_stays_within_what_the_wire_carries() -> None:
    fuzz = Fuzz(random.Random(7))
    contents: Sequence[Any] = [fuzz.request(valid(_consignment())) for _ in range(200)]
    assert all(isinstance(each, bytes) for each in contents)
    assert len(set(contents)) > 100


def _consignment() -> Any:
    from clearance.common.v1.consignment_pb2 import Consignment

    return Consignment.DESCRIPTOR
