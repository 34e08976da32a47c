"""What befalls a district under one seed: crashes between any two steps, frozen parties, partitions, zombies."""

import asyncio
import random
from dataclasses import dataclass, field

from chronicle import Chronicle
from mortal import Process, outside
from mortal_district import AGENCIES, GATEWAY_ROLE, MortalDistrict

# Of each step of any process, while the storm lasts.
STRIKE = 1 / 600
# Longer than the lease of a case (gateway.operations.limits).
LONG_FROZEN_SECONDS = (8.0, 45.0)


@dataclass
class Faults:
    """Rages for a while and is then mended."""

    district: MortalDistrict
    chance: random.Random
    chronicle: Chronicle
    failed: list["asyncio.Task[None]"] = field(default_factory=list)
    _restarting: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)

    async def rage(self, seconds: float) -> None:
        """One thing after another; steps are fatal now and then in between."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        self.district.strike = self._strike
        while loop.time() < until:
            await asyncio.sleep(self.chance.uniform(0.5, 6))
            role = self.chance.choice((*AGENCIES, GATEWAY_ROLE, GATEWAY_ROLE))
            await self.chance.choice((self._kill, self._freeze, self._cut, self._cut, self._outlive, self._set_clock))(
                role
            )

    async def mend(self) -> None:
        """All is well from now on. Whoever was thought dead is, at last."""
        district = self.district
        district.strike = _never
        for restarting in [*self.failed, *self._restarting.values()]:
            await restarting
        for process in district.lives:
            process.thaw()
        for station in district.stations.values():
            station.clock.set_right()
        for station in district.stations.values():
            for zombie in station.zombies:
                zombie.kill()
            if station.process is None:
                await district.start(station.role)
        district.weather.cut.clear()
        district.weather.calm = True
        await asyncio.gather(*district.weather.ghosts)

    def _strike(self, process: Process, when: str, name: str) -> bool:
        if self.chance.random() >= STRIKE:
            return False
        role = process.name.partition("#")[0]
        if self.district.stations[role].process is process:
            self._restart_later(role)
        return True

    def _restart_later(self, role: str, replica: str = "") -> None:
        if role in self._restarting:
            return

        async def restart() -> None:
            await asyncio.sleep(self.chance.uniform(0.2, 5))
            try:
                if self.district.stations[role].process is None:
                    await self.district.start(role, replica)
            finally:
                self._restarting.pop(role, None)

        task = self._restarting[role] = outside(restart())
        # Whoever cannot start is found in the end, by `mend`.
        task.add_done_callback(
            lambda done: self.failed.append(done) if not done.cancelled() and done.exception() else None
        )

    async def _kill(self, role: str) -> None:
        self.chronicle.note("killed", role)
        self.district.kill(role)
        self._restart_later(role)

    async def _freeze(self, role: str) -> None:
        process = self.district.stations[role].process
        if process is None:
            return
        self.chronicle.note("frozen", process.name)
        process.freeze()
        await asyncio.sleep(self.chance.uniform(1, 8))
        process.thaw()

    async def _cut(self, role: str) -> None:
        self.chronicle.note("cut off", role)
        self.district.weather.cut[role] = None
        await asyncio.sleep(self.chance.uniform(1, 8))
        self.district.weather.cut.pop(role, None)

    async def _set_clock(self, role: str) -> None:
        """By more than any lease, and often by more than a deadline; later it is set right again."""
        clock = self.district.stations[role].clock
        seconds = self.chance.choice((-1, 1)) * self.chance.choice((45.0, 3_600.0, 20_000.0))
        self.chronicle.note("clock set", role, f"by {seconds:.0f} s")
        clock.step(seconds)
        await asyncio.sleep(self.chance.uniform(1, 10))
        clock.set_right()

    async def _outlive(self, role: str) -> None:
        """Frozen past every lease, replaced meanwhile, and then awake again beside its successor."""
        process = self.district.stations[role].process
        if process is None or role in self._restarting:
            return
        self.chronicle.note("zombie", process.name)
        process.freeze()
        self.district.replace_frozen(role)
        # Replicas of a gateway have names of their own; an agency's log has one writer, whoever runs it.
        replica = f"{self.district.stations[role].lives + 1}" if role == GATEWAY_ROLE else ""
        self._restart_later(role, replica)
        if self.chance.random() < 0.5:
            await asyncio.sleep(self.chance.uniform(1, 6))
        else:
            await asyncio.sleep(self.chance.uniform(*LONG_FROZEN_SECONDS))
        process.thaw()


def _never(process: Process, when: str, name: str) -> bool:
    return False
