"""Movements by chance between two to four districts, over unreliable cables, and what must hold of them.

People act as they like, also against the rules; cables delay, drop, duplicate, reorder and replay. Then all is mended,
officers do their work, and time passes until nothing is open.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import grpc
from in_memory import memory
from in_transit import BROKER, DUTY, GRNS, LIMIT, OFFICES, InTransit, rest, state_of, told_in_transit

from agencykit.refusals import Refusal
from agencykit.rpc.transport import Unreachable
from clearance.district.v1 import movement_pb2 as district
from clearance.gateway.v1 import transit_service_pb2 as pb

Result = TypeVar("Result")
MOVEMENTS = 3
# Between them officers do their work: past the time limit, the status request, the enquiry, and the recovery.
SKIPPED_DAYS = (0, 9, 8, 29, 180, 0)
DROP, GHOST, REPLAY, ANSWER_LOST = 0.15, 0.1, 0.1, 0.15
ENDED = {"DISCHARGED", "NOT_RELEASED", "CANCELLED"}
BEFORE_RELEASE = {"SUBMITTED", "MRN_ALLOCATED", "UNDER_CONTROL", "GUARANTEE_UNDER_AMENDMENT"}
# Of a destination that nobody works on any more.
AT_REST = {"DISCHARGED", "CANCELLED", "RECORD_REFUSED", "DIVERTED"}


@dataclass
class Cable:
    """The way from one gateway to another."""

    link: Any
    chance: random.Random
    # Calls that arrive after their sender has given them up, or once more.
    ghosts: list[asyncio.Task[None]] = field(default_factory=list)
    calm: bool = False
    cut: bool = False

    def __post_init__(self) -> None:
        self._plain, self.link.unary = self.link.unary, self._unary

    async def _unary(self, method: str, request: Any, response: Any, **how: Any) -> Any:
        if self.calm:
            return await self._plain(method, request, response, **how)
        roll = self.chance.random()
        if self.cut or roll < DROP:
            raise Unreachable(grpc.StatusCode.UNAVAILABLE, "dropped")
        if roll < DROP + GHOST + REPLAY:
            self.ghosts.append(asyncio.create_task(self._later(method, request, response, how)))
        if roll < DROP + GHOST:
            raise Unreachable(grpc.StatusCode.UNAVAILABLE, "on its way, and nobody waits for it")
        await asyncio.sleep(self.chance.uniform(0, 0.4))
        answer = await self._plain(method, request, response, **how)
        if self.chance.random() < ANSWER_LOST:
            raise Unreachable(grpc.StatusCode.UNAVAILABLE, "its answer is lost")
        return answer

    async def _later(self, method: str, request: Any, response: Any, how: Any) -> None:
        await asyncio.sleep(self.chance.uniform(0, 8))
        await attempt(self._plain(method, request, response, **how))


async def attempt(act: Awaitable[Result]) -> Result | None:
    """What it gives; None where it is refused, or nobody was reached."""
    try:
        return await act
    except (Refusal, Unreachable):
        return None


@dataclass
class Model:
    """The districts of one seed. `seen` counts what happened, so that a test can ask whether it ever does."""

    districts: Sequence[InTransit]
    chance: random.Random
    seen: Counter[str] = field(default_factory=Counter)
    cables: list[Cable] = field(default_factory=list)
    # MRN → the district where it began.
    begun: dict[str, InTransit] = field(default_factory=dict)

    def __post_init__(self) -> None:
        links = [link for each in self.districts for link in each.district.partners.values()]
        self.cables = [Cable(link, self.chance) for link in links]

    def at(self, name: str) -> InTransit:
        return next(each for each in self.districts if each.name == name)

    async def play(self) -> None:
        """All of it."""
        for each in self.districts:
            await each.enter_guarantee()
        lives = [asyncio.create_task(self._life()) for _ in range(MOVEMENTS)]
        for _ in range(3):
            await asyncio.sleep(self.chance.uniform(1, 5))
            cable = self.chance.choice(self.cables)
            cable.cut = not cable.cut
            await self.safe()
        for cable in self.cables:
            cable.cut = False
        await asyncio.gather(*lives)
        for cable in self.cables:
            cable.calm = True
        await asyncio.gather(*(ghost for cable in self.cables for ghost in cable.ghosts))
        for days in SKIPPED_DAYS:
            await self._officers()
            await self.safe()
            self.districts[0].skip(days)
            await rest(3)
        await self.sound()

    async def _life(self) -> None:
        chance, home = self.chance, self.chance.choice(self.districts)
        await rest(chance.uniform(0, 4))
        mrn = await self._declared(home)
        for act in self._acts(home, mrn):
            await rest(chance.choice((0.0, 0.3, 2.0)))
            done = await attempt(act)
            self.seen["refused" if done is None else "done"] += 1

    async def _declared(self, home: InTransit) -> str:
        """Asked for until it is answered, as a broker would."""
        chance, request_id, lrn = self.chance, home.id(), f"L-{self.chance.randrange(10**9)}"
        to, grn = chance.choice(self.districts).name, GRNS[chance.choice(self.districts).name]
        code = chance.choice(("sesame", "sesame", "sesame", "wrong"))
        via = [OFFICES[each.name] for each in chance.sample(self.districts, 2)] if chance.random() < 0.5 else []
        asked: dict[str, Any] = {"lrn": lrn, "grn": grn, "request_id": request_id, "access_code": code}
        while (made := await attempt(home.declare(to, **asked, transit_office_codes=via))) is None:
            await rest(1)
        self.begun[made.mrn] = home
        return str(made.mrn)

    def _acts(self, home: InTransit, mrn: str) -> list[Awaitable[Any]]:
        """What people do to it, wise or not."""
        chance, districts = self.chance, self.districts
        one, other = chance.choice(districts), chance.choice(districts)
        incident = district.Incident(kind=district.Incident.KIND_SEALS, place="绍兴", text="seal torn")
        incident.incident_time.FromDatetime(home.district.runtime.clock.now())
        control = {"decision": pb.DecideDepartureRequest.DECISION_CONTROL}
        release = home.release(mrn, timedelta(days=chance.choice((1, 8))))
        before: list[Any] = [
            *([home.act("CancelMovement", mrn, BROKER, reason="sold")] if chance.random() < 0.15 else []),
            *([home.act("DecideDeparture", mrn, **control)] if chance.random() < 0.3 else []),
            *([home.amend_guarantee(mrn, GRNS[one.name])] if chance.random() < 0.6 else []),
        ]
        after: list[Any] = [
            *([one.act("ReportIncident", mrn, incident=incident)] if chance.random() < 0.3 else []),
            *([each.passes(mrn) for each in districts] if chance.random() < 0.4 else []),
            *([home.act("DivertMovement", mrn, office_code=OFFICES[other.name])] if chance.random() < 0.3 else []),
            *([home.act("CancelMovement", mrn, reason="never left")] if chance.random() < 0.25 else []),
            *([self._crossed(home, mrn)] if chance.random() < 0.25 else []),
            *([one.arrive(mrn)] if chance.random() < 0.7 else []),
            *([other.arrive(mrn)] if chance.random() < 0.3 else []),
            *([home.act("ReportIncident", mrn)] if chance.random() < 0.3 else []),
            *([one.act("PermitUnloading", mrn), one.remark(mrn)] if chance.random() < 0.4 else []),
            *([home.act("DischargeMovement", mrn, reason="too early")] if chance.random() < 0.2 else []),
        ]
        chance.shuffle(after)
        return [*before, release, *after]

    async def _crossed(self, home: InTransit, mrn: str) -> bool:
        """It is said never to have left while it passes the offices on its way."""
        passing = [attempt(each.passes(mrn)) for each in self.districts]
        await asyncio.gather(*passing, attempt(home.act("CancelMovement", mrn, reason="never left")))
        return True

    async def _officers(self) -> None:
        """They do what is to be done, but for goods that never come."""
        for mrn, home in self.begun.items():
            state = await home.state(mrn)
            if state in BEFORE_RELEASE:
                refuse = pb.DecideDepartureRequest.DECISION_REFUSE
                await home.act("DecideDeparture", mrn, decision=refuse, reason="not wanted any more")
            if state == "DISCREPANCY":
                await home.act("DischargeMovement", mrn, reason="settled")
            for view, place in await self.views(mrn):
                if view.side == pb.Movement.SIDE_DESTINATION and state_of(view) in ("ARRIVED", "UNLOADING"):
                    await attempt(place.act("PermitUnloading", mrn))
                    found = ("one is missing",) if self.chance.random() < 0.3 else ()
                    await place.remark(mrn, *found)
        await rest(2)

    async def views(self, mrn: str) -> list[tuple[pb.Movement, InTransit]]:
        """All sides that know it."""
        found = []
        for each in self.districts:
            for side in (pb.Movement.SIDE_DEPARTURE, pb.Movement.SIDE_DESTINATION, pb.Movement.SIDE_TRANSIT):
                view = await attempt(each.get(mrn, side))
                found += [(view, each)] if view is not None and not view.shown_by_district else []
        return found

    async def safe(self) -> None:
        """At every moment: nothing leaves unguaranteed, nothing ends twice, and balances are not overdrawn."""
        for mrn, home in self.begun.items():
            events = list((await home.get(mrn, pb.Movement.SIDE_DEPARTURE)).events)
            names = [event.event for event in events if not event.refused]
            assert "RELEASE" not in names or "GUARANTEE_CONFIRMED" in names[: names.index("RELEASE")]
            ends = [place for place, event in enumerate(events) if name_of(event.state_after) in ENDED]
            assert all(events[place].refused for place in ends[1:]), f"{mrn} ended twice"
        for each in self.districts:
            available, held, confirmed, claimed = await each.ledger()
            assert min(available, held, confirmed, claimed) >= 0
            assert available + held + confirmed + claimed == LIMIT

    async def sound(self) -> None:
        """Once nothing is open: all has ended, both sides agree or show the conflict, every fen is accounted for."""
        claimed: Counter[str] = Counter()
        for mrn in self.begun:
            views = await self.views(mrn)
            [(home, _)] = [each for each in views if each[0].side == pb.Movement.SIDE_DEPARTURE]
            others = [each for each in views if each[0].side == pb.Movement.SIDE_DESTINATION]
            assert state_of(home) in ENDED, f"{mrn} is stuck in {state_of(home)}"
            assert not any(view.messages for view, _ in views), f"letters about {mrn} never arrived"
            names = [event.event for event in home.events if not event.refused]
            claimed[home.guarantee.home_district] += DUTY * names.count("RECOVERED")
            self._agree(mrn, home, others, released="RELEASE" in names)
            for view, _place in views:
                if view.side == pb.Movement.SIDE_TRANSIT:
                    self.seen.update(event.event for event in view.events)
                    assert state_of(view) == state_of(home), f"{mrn} is expected to pass for ever"
                    assert not (view.passages and state_of(view) == "CANCELLED"), f"{mrn} passed, and never left"
            self._note(home, others)
        for each in self.districts:
            assert await each.ledger() == (LIMIT - claimed[each.name], 0, 0, claimed[each.name]), each.name
            assert not await each.differences()

    def _agree(self, mrn: str, home: Any, others: list[tuple[Any, InTransit]], *, released: bool) -> None:
        ends = {place.name: state_of(view) for view, place in others}
        there = ends.get(home.other_district)
        if state_of(home) == "DISCHARGED":
            assert there == "DISCHARGED", f"{mrn} is discharged here and {there} at {home.other_district}"
        elif released:
            assert there == "CANCELLED", f"{mrn} is cancelled here and {there} at {home.other_district}"
        assert set(ends.values()) <= AT_REST, f"{mrn}: {ends}"
        for event in ("ARRIVAL_ADVICE", "CONFORM", "DISCREPANT"):
            heard = [each.by for each in home.events if each.event == event and not each.refused]
            assert heard[-1:] in ([], [f"district/{home.other_district}"]), f"{mrn}: {event} from elsewhere counted"
        if any(view.conflict for view, _ in others):
            said = [event.event for event in home.events]
            assert home.conflict or "RECORD_REQUEST" in said, f"{mrn}: one side's alone"

    def _note(self, home: Any, others: list[tuple[Any, InTransit]]) -> None:
        self.seen[state_of(home)] += 1
        self.seen["conflict"] += home.conflict
        for view in (home, *(view for view, _ in others)):
            self.seen.update(event.event for event in view.events)
            self.seen["out of sequence"] += sum(event.refused for event in view.events)


def name_of(state: Any) -> str:
    """A state's name."""
    return pb.Movement.State.Name(state).removeprefix("STATE_")


def play(seed: int) -> Counter[str]:
    """What happened under this seed, once nothing was found amiss."""
    chance = random.Random(seed)
    names = chance.sample(sorted(OFFICES), chance.choice((2, 2, 2, 3, 3, 4)))

    async def story(*districts: InTransit) -> Counter[str]:
        model = Model(districts, chance)
        await model.play()
        return model.seen

    with TemporaryDirectory(dir=memory()) as folder:
        return told_in_transit(Path(folder), names, story, seed=seed)
