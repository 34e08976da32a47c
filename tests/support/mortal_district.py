"""A district of parties that die, freeze and come back, over roads in bad weather.

Everything but transport, clock and chance is what production runs. A party's database outlives it.
"""

import asyncio
import importlib
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chronicle import Chronicle
from mortal import MachineClock, MortalExecutor, Process, track_tasks
from roads import Road, Weather
from simulated import AGENCIES, CODES, DISTRICT, QUIET, party_fields, simulated_authority

from agencykit.host import _settings_class
from agencykit.identity import Identity
from agencykit.rpc.layers import Layers
from agencykit.runtime import Runtime
from agencykit.telemetry import Telemetry
from agencykit.telemetry.log import LogWriter
from agencykit.testing.inline import InlineTransport
from agencykit.testing.virtual import World
from gateway.app import GatewayApp
from gateway.operations.settings import GatewaySettings

GATEWAY_ROLE = "gateway"


class Heard(LogWriter):
    """Takes lines of a log that tell of something amiss."""

    silent = False

    def __init__(self, hear: Callable[[dict[str, Any]], None]) -> None:
        super().__init__(silent=True)
        self._hear = hear

    def add(self, line: str) -> None:
        if '"level": "info"' not in line[:80]:
            self._hear(json.loads(line))


@dataclass
class Station:
    """One party: its settings and database, and who runs on them now. `zombies` were thought dead and were not."""

    role: str
    fields: dict[str, Any]
    clock: MachineClock
    methods: dict[str, Any] = field(default_factory=dict)
    process: Process | None = None
    layers: Layers | None = None
    lives: int = 0
    zombies: list[Process] = field(default_factory=list)

    @property
    def database(self) -> Path:
        """Its file."""
        return Path(str(self.fields["database_url"]).partition("///")[2])


@dataclass
class MortalDistrict:
    """`did` hears of each step of each process once it is done; `strike` says whether a process dies."""

    folder: Path
    world: World
    chance: random.Random
    chronicle: Chronicle
    weather: Weather
    gateway_settings: dict[str, Any]
    strike: Callable[[Process, str, str], bool] = lambda process, when, name: False
    did: Callable[[Process, str], None] = lambda process, name: None
    complaints: list[str] = field(default_factory=list)
    stations: dict[str, Station] = field(default_factory=dict)
    # Of callers, whom nobody freezes or kills.
    telemetry: Telemetry = field(init=False)
    _roads: dict[tuple[str, str], InlineTransport] = field(default_factory=dict)

    def __post_init__(self) -> None:
        authority = simulated_authority(self.folder, self.world, DISTRICT)
        for role in (*AGENCIES, GATEWAY_ROLE):
            fields = party_fields(self.folder, authority, DISTRICT, role, self.world)
            self.stations[role] = Station(role, fields, MachineClock(self.world.runtime.clock))
        self.stations["customs"].fields |= QUIET
        settings = GatewaySettings(**self.stations[GATEWAY_ROLE].fields, agencies={})
        self.telemetry = Telemetry(settings, "callers", self.world.runtime, LogWriter(silent=True))

    @property
    def runtime(self) -> Runtime:
        """Of those who are no party."""
        return self.world.runtime

    @property
    def lives(self) -> list[Process]:
        """All that run, those included that were thought dead."""
        found = [each for station in self.stations.values() for each in (station.process, *station.zombies)]
        return [each for each in found if each is not None and each.alive]

    async def start(self, role: str, replica: str = "") -> None:
        """A new process on the party's database; where it dies while it starts, another."""
        alive = await self._started(self.stations[role], replica)
        while not alive:
            await asyncio.sleep(0.5)
            alive = await self._started(self.stations[role], replica)

    async def _started(self, station: Station, replica: str) -> bool:
        station.lives += 1
        # Where a machine starts, its clock is set.
        station.clock.set_right()
        process = Process(f"{station.role}#{station.lives}", self._strike, self._did)
        station.process = process
        self.chronicle.add(process.name, f"starts as {replica or 'itself'}")
        task = process.begin(self._bring_up(station, process, replica))
        await asyncio.wait([task])
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
        return process.alive and not task.cancelled()

    async def _bring_up(self, station: Station, process: Process, replica: str) -> None:
        shared = self.world.runtime
        runtime = Runtime(station.clock, shared.randomness, shared.ids, MortalExecutor(process))
        fields = dict(station.fields) | ({"replica": replica} if replica else {})
        if station.role == GATEWAY_ROLE:
            addresses = dict.fromkeys(AGENCIES, "inline:1")
            bundle = self.folder / "bundle.json"
            settings: Any = GatewaySettings(**fields, agencies=addresses, bundle_file=bundle, **self.gateway_settings)
            telemetry = Telemetry(settings, station.role, runtime, Heard(self._heard(process)))
            app: Any = GatewayApp(settings, runtime, telemetry, self._connect(process, telemetry))
        else:
            build = importlib.import_module(f"{station.role}.app").build
            settings = _settings_class(build)(**fields)
            telemetry = Telemetry(settings, station.role, runtime, Heard(self._heard(process)))
            app = build(settings, runtime, telemetry)
        process.on_death.append(lambda: self._bury(station, process, app))
        await app.start()
        layers = Layers(settings, runtime, app.services, telemetry)
        station.methods.update(layers.methods)
        station.layers = layers

    def _bury(self, station: Station, process: Process, app: Any) -> None:
        """What the operating system does: its files are closed, so that no lock of its lives on."""
        for engine in (app._database.writer, app._database._reader):
            engine.dispose()
        if station.process is process:
            station.process, station.layers = None, None

    def _strike(self, process: Process, when: str, name: str) -> bool:
        if self.strike(process, when, name):
            self.chronicle.note("crash", process.name, f"{when} {name}")
            return True
        return False

    def _did(self, process: Process, name: str) -> None:
        self.chronicle.add(process.name, name)
        self.did(process, name)

    def _heard(self, process: Process) -> Callable[[dict[str, Any]], None]:
        def hear(line: dict[str, Any]) -> None:
            event = f"{line['level']} {line['event']} {line.get('error.type', '')} {line.get('reason', '')}".rstrip()
            self.chronicle.add(process.name, event)
            self.complaints.append(f"{process.name}: {event} {line.get('frames', '')}")

        return hear

    def _connect(self, process: Process, telemetry: Telemetry) -> Callable[[str, str, Identity], InlineTransport]:
        def connect(reached: str, address: str, identity: Identity) -> InlineTransport:
            return InlineTransport(self._road(reached), Identity.of_district(DISTRICT, GATEWAY_ROLE), telemetry)

        return connect

    def _road(self, role: str) -> Any:
        station = self.stations[role]

        def serving() -> tuple[Process, Layers] | None:
            ready = station.process is not None and station.layers is not None
            return (station.process, station.layers) if ready else None  # type: ignore[return-value]

        return Road(role, self.weather, station.methods, serving)

    def transport(self, party: str, caller: str, district: str = "") -> InlineTransport:
        """A connection to a party, as `broker/3104980001` or `operator/port-office`."""
        key = (party, caller)
        if key not in self._roads:
            identity = Identity.of_district(district or DISTRICT, caller)
            self._roads[key] = InlineTransport(self._road(party), identity, self.telemetry)
        return self._roads[key]

    def kill(self, role: str) -> None:
        """kill -9."""
        process = self.stations[role].process
        if process is not None:
            process.kill()

    def replace_frozen(self, role: str) -> None:
        """Whoever runs is taken for dead: what comes next runs beside it."""
        station = self.stations[role]
        if station.process is not None:
            station.zombies.append(station.process)
            station.process, station.layers = None, None

    def end(self) -> None:
        """Everybody dies."""
        for process in self.lives:
            process.kill()
        self.telemetry.close()


@asynccontextmanager
async def mortal_district(
    folder: Path, world: World, chance: random.Random, chronicle: Chronicle, **gateway: Any
) -> AsyncIterator[MortalDistrict]:
    """A district of which nothing runs yet; at the end nothing does any more."""
    track_tasks(world.loop)
    assert CODES[DISTRICT]
    made = MortalDistrict(folder, world, chance, chronicle, Weather(chance, chronicle), gateway)
    try:
        yield made
    finally:
        made.end()
