"""Clearances by chance: a whole district whose parties die, freeze and come back, over roads that lose and repeat.

People do what people do, wise or not. After every step of any party the watch looks whether something happened that
must never happen (clearance_watch). Then all is mended, officers and trucks do what is left to do, and everything must
have come to its end: no case waits for nobody, and nothing is left to be told.

    Played(seed) = play(seed)        what happened, and its history, which is the same for the same seed
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chronicle import Chronicle
from clearance_end import Ending
from clearance_faults import Faults
from clearance_people import People
from clearance_watch import Unsafe, Watch
from google.protobuf import json_format
from in_memory import memory
from mortal import Process
from mortal_district import AGENCIES, GATEWAY_ROLE, MortalDistrict, mortal_district

from agencykit.refusals import Refusal, RequestIdReused
from agencykit.rpc.transport import Unreachable
from agencykit.testing.virtual import virtual_time
from clearance.gateway.v1 import clearance_service_pb2 as pb
from tongguan.sample.generation import generate

PLAIN, DOUBTED = 3, 3
# Of a plain import that owes duty; customs doubts prices that are ten thousand times as high.
OWING = 100
# In fen; each of them may owe some 54 × 10⁹.
ROOM_FOR_ONE = 60 * 10**9
GRN, OTHER_GRN = "19XX0040191000015", "19XX0040191000024"
# Facts without which somebody waits; lodged later by chance.
MAY_BE_LATE = {"manifest", "arrival", "place", "crew_list", "certificate", "licence", "permit", "inspection"}
STORM_SECONDS = 30.0
# Of virtual time: nobody asks for longer than that.
LONGEST_SECONDS = 1200.0


@dataclass(frozen=True)
class Played:
    """One seed's story."""

    seen: Counter[str]
    history: bytes
    digest: str


@dataclass
class Model:
    """One district's life under one seed."""

    district: MortalDistrict
    people: People
    watch: Watch
    chance: random.Random
    chronicle: Chronicle
    # Lines of facts that are still to be lodged.
    late: list[dict[str, Any]] = field(default_factory=list)
    holds: list[dict[str, Any]] = field(default_factory=list)
    broken: Unsafe | None = None
    faults: Faults | None = None

    async def play(self) -> None:
        """All of it."""
        district, chance = self.district, self.chance
        district.weather.calm = True
        for role in (*AGENCIES, GATEWAY_ROLE):
            await district.start(role)
        self.watch.open()
        submissions = await self._prepare()
        district.weather.calm = False
        faults = self.faults = Faults(district, chance, self.chronicle)
        troubles = asyncio.create_task(faults.rage(STORM_SECONDS))
        lives = [asyncio.create_task(self._life(request, doubted)) for request, doubted in submissions]
        lives.append(asyncio.create_task(self._lodge_late()))
        await self._until(asyncio.wait_for(asyncio.gather(troubles, *lives), LONGEST_SECONDS))
        await self._until(faults.mend())
        await self._until(Ending(district, self.people, self.watch, self.chronicle, self.late, self.holds).come())

    async def _until(self, work: Awaitable[Any]) -> None:
        """Waits for it; what the watch has found goes first."""
        try:
            await work
        finally:
            if self.broken is not None:
                raise self.broken
            for failed in self.faults.failed if self.faults else ():
                failed.result()

    def did(self, process: Process, name: str) -> None:
        """Looks after each step. What it finds is raised once, in the story's own name."""
        if self.broken is None:
            try:
                self.watch.look(process.name.partition("#")[0])
            except Unsafe as finding:
                self.broken = finding
                self.chronicle.add("watch", str(finding))

    async def _prepare(self) -> list[tuple[pb.SubmitClearanceRequest, bool]]:
        """Registers, guarantees, and the facts that are in time; returns what brokers are about to submit."""
        now, seed = self.district.runtime.clock.now(), self.chance.randrange(10**6)
        lines = list(generate(PLAIN, seed, now))
        for place in range(DOUBTED):
            made = list(generate(1, OWING, now + timedelta(microseconds=place + 1)))
            for money in _prices(made[-1]["submission"]["consignment"]):
                money["minorUnits"] = f"{money['minorUnits']}0000"
            lines += made if not place else made[-8:]
        submissions = [line["submission"] for line in lines if "submission" in line]
        facts = [line for line in lines if "submission" not in line]
        self.late = [line for line in facts if next(iter(line)) in MAY_BE_LATE and self.chance.random() < 0.08]
        await self.people.lodge(line for line in facts if line not in self.late)
        requests = [json_format.ParseDict(each, pb.SubmitClearanceRequest()) for each in submissions]
        holder = requests[-1].consignment.trader.identifier
        # Enough for one of them, and for all.
        for grn, limit in ((GRN, ROOM_FOR_ONE), (OTHER_GRN, 10 * ROOM_FOR_ONE)):
            await self.people.enter_guarantee(grn, holder, limit)
        return [(request, place >= PLAIN) for place, request in enumerate(requests)]

    async def _lodge_late(self) -> None:
        """Ships come late, and so do their papers."""
        for line in list(self.late):
            await asyncio.sleep(self.chance.uniform(1, 8))
            if await self._try("late fact", self.people.lodge([line])):
                self.late.remove(line)

    async def _life(self, request: pb.SubmitClearanceRequest, doubted: bool) -> None:
        chance = self.chance
        await asyncio.sleep(chance.uniform(0, STORM_SECONDS / 2))
        number = await self._submitted(request)
        while not number:
            await asyncio.sleep(chance.uniform(0.5, 4))
            number = await self._submitted(request)
        acts: dict[str, tuple[int, Callable[[], Awaitable[Any]]]] = {
            "amend": (3, lambda: self.people.amend(number, goodsLocationCode=f"D-{chance.randrange(99)}")),
            "withdraw": (1, lambda: self.people.withdraw(number)),
            "officer": (4, lambda: self._officer(number)),
            "recall": (1, lambda: self._officer(number, "REFUSED")),
            "hold": (2, lambda: self._hold(request)),
            "truck": (4, lambda: self.people.leave(number)),
            "query": (2, lambda: self.people.read(number)),
            "expedite": (1, lambda: self.people.expedite(number)),
            "submit again": (2, lambda: self._again(request)),
            "other content": (2, lambda: self._other_content(request)),
            "guarantee": (9 if doubted else 0, lambda: self._guarantee(number)),
            "no guarantee": (1 if doubted else 0, lambda: self.people.take_guarantee_back(number)),
        }
        weights = {name: weight for name, (weight, _) in acts.items()}
        for name in chance.choices(list(weights), list(weights.values()), k=chance.randint(3, 7)):
            await asyncio.sleep(chance.choice((0.05, 1.0, 4.0)) * chance.random())
            await self._try(name, acts[name][1]())

    async def _submitted(self, request: pb.SubmitClearanceRequest) -> str:
        """Its number; nothing where nobody answered."""
        try:
            clearance = await self.people.submit(request)
        except (Refusal, Unreachable):
            return ""
        self.chronicle.note("submit", what=clearance.number)
        return clearance.number

    async def _try(self, name: str, act: Awaitable[Any]) -> bool:
        """Whether it was done. A refusal is an answer, too."""
        try:
            await act
        except Refusal as refusal:
            self.chronicle.note(f"{name} refused", what=refusal.reason)
            return False
        except Unreachable as error:
            self.chronicle.note(f"{name} unanswered", what=error.code.name)
            return False
        self.chronicle.note(name)
        return True

    async def _officer(self, number: str, outcome: str = "") -> None:
        for agency in AGENCIES:
            for piece in await self.people.open_work(agency, number):
                said = outcome or self.chance.choice(("CLEARED", "CLEARED", "CLEARED", "REFUSED"))
                await self.people.do_work(agency, piece, said)
                self.chronicle.note(f"officer {said}", agency)

    async def _hold(self, request: pb.SubmitClearanceRequest) -> None:
        subject = request.consignment.transport_document_number
        hold = {"id": f"H-{request.consignment.reference}", "subject": subject, "reason": "damaged"}
        lifted = {"hold": {**hold, "lifted": True}}
        if lifted not in self.holds:
            self.holds.append(lifted)
            await self.people.lodge([{"hold": hold}])

    async def _again(self, request: pb.SubmitClearanceRequest) -> None:
        """The very same: the same case. By another request id: the same case still."""
        again = pb.SubmitClearanceRequest()
        again.CopyFrom(request)
        if self.chance.random() < 0.5:
            again.request_id = self.people.id()
        await self.people.submit(again)

    async def _other_content(self, request: pb.SubmitClearanceRequest) -> None:
        """The same request id for something else is refused, whatever became of the first."""
        other = pb.SubmitClearanceRequest()
        other.CopyFrom(request)
        other.consignment.goods_location_code = "ELSEWHERE"
        try:
            await self.people.submit(other)
        except RequestIdReused:
            return
        self.broken = self.broken or Unsafe(f"G3: {request.request_id} was taken for two contents")

    async def _guarantee(self, number: str) -> None:
        await self.people.guarantee(number, self.chance.choice((GRN, GRN, OTHER_GRN)))


def _prices(consignment: dict[str, Any]) -> list[dict[str, Any]]:
    return [consignment["invoiceTotal"], *(item["value"] for item in consignment["items"])]


def play(seed: int) -> Played:
    """One seed, in a folder of its own. Raises Unsafe, or what else went wrong."""
    chance = random.Random(f"clearances/{seed}")
    with TemporaryDirectory(prefix="tongguan-", dir=memory()) as folder, virtual_time(seed=seed) as world:
        chronicle = Chronicle(world.loop.time)

        async def story() -> None:
            async with mortal_district(Path(folder), world, chance, chronicle) as district:
                watch = Watch(district)
                model = Model(district, People(district), watch, chance, chronicle)
                district.did, district.weather.answered = model.did, watch.answered
                try:
                    await model.play()
                finally:
                    district.did = lambda process, name: None
                    watch.close()

        try:
            world.loop.run_until_complete(story())
        except Exception as error:
            error.add_note(f"again: make simulate MODEL=clearances FIRST={seed} SEEDS=1")
            raise
    return Played(chronicle.seen, chronicle.text(), chronicle.digest())
