"""One agency put together: database, log, feed, loop, services."""

from collections.abc import Callable
from dataclasses import replace

from agencykit.agency import AgencyDefinition, AgencyParts
from agencykit.decisions.clock import GATEWAY, DistrictWord, clock_row
from agencykit.decisions.decider import Decider
from agencykit.decisions.feed import Feed
from agencykit.decisions.followers import Followers
from agencykit.decisions.heads import keep_own_key
from agencykit.decisions.log import open_log
from agencykit.decisions.reassess import Reassess
from agencykit.decisions.restoring import generation, held
from agencykit.decisions.servicer import AgencyServicer
from agencykit.decisions.shield import Shield
from agencykit.decisions.ticking import Ticking
from agencykit.decisions.work_servicer import WorkServicer
from agencykit.evidence import load_signer
from agencykit.identity import Identity
from agencykit.rpc.admittance import OPERATORS
from agencykit.rpc.denied import DenyList
from agencykit.rpc.health import TERMS
from agencykit.rpc.originators import Originators
from agencykit.rpc.service import Service
from agencykit.rpc.validation import warm_up
from agencykit.runtime import Runtime
from agencykit.runtime.guarded import GuardedClock
from agencykit.settings import ServiceSettings, SettingsError
from agencykit.storage import Database, to_micros
from agencykit.storage.clock import ClockLook
from agencykit.storage.migrations import upgrade
from agencykit.telemetry import Telemetry
from agencykit.telemetry.clock import watch_clock
from clearance.agency.v1 import agency_service_pb2, work_service_pb2
from clearance.agency.v1.agency_service_pb2 import AssessmentItem
from clearance.common.v1.consignment_pb2 import Consignment

AGENCY_CALLERS = ("gateway",)
WORK_CALLERS = (OPERATORS,)


class AgencyApp:
    """What `agencykit.host.run_service` runs: `migrate`, `start`, the services, `drain`, `stop`."""

    def __init__(
        self,
        definition: AgencyDefinition,
        settings: ServiceSettings,
        runtime: Runtime,
        telemetry: Telemetry,
        extra_services: Callable[[AgencyParts], list[Service]],
    ) -> None:
        if settings.signing_cert_file is None or settings.signing_key_file is None:
            raise SettingsError(["signing_cert_file, signing_key_file: an agency signs its decisions; set both"])
        if settings.production and OPERATORS in settings.own_officers:
            raise SettingsError([f"own_officers: {definition.name} in production names its own, not {OPERATORS}"])
        signer = load_signer(settings.signing_cert_file, settings.signing_key_file)
        clock = GuardedClock.of(runtime.clock)
        runtime = replace(runtime, clock=clock)
        clock.sure = not settings.compare_clocks
        watch_clock(clock, telemetry)
        self._settings = settings
        self._runtime, self._telemetry = runtime, telemetry
        self._migrations = definition.migrations_package
        # Watched by the host.
        self.database = self._database = Database(settings.database_url, runtime)
        self._decider = Decider(definition, settings.district, settings.replica, signer, runtime)
        self._feed = Feed(self._database)
        self._reassess = Reassess(self._decider, self._database, self._feed, telemetry, clock)
        self._shield = Shield(telemetry)
        self._clock = clock
        self.conditions = {TERMS: lambda: not clock.wrong}
        # Terms that stood still are due once they run again.
        clock.on_change.append(lambda _: self._reassess.notify())
        row = clock_row(runtime.clock, str(Identity.of_district(settings.district, definition.name)))
        look = ClockLook(clock, self._database, row)
        self._ticking = Ticking(definition.tick, self._database, clock, telemetry, look)
        outcomes = Followers(self._database)
        streams = [self._feed, outcomes]
        denied = DenyList(settings.denied_file, runtime.clock, telemetry.log)
        followed = (self._reassess, self._feed, outcomes, streams)
        self.parts = AgencyParts(definition, settings, runtime, telemetry, self._database, *followed, denied)
        originators = Originators.of_agency(definition.name, settings, denied, runtime.clock)
        agency = AgencyServicer(
            self._decider,
            self._database,
            self._feed,
            outcomes,
            self._reassess,
            telemetry,
            self._shield,
            originators,
            DistrictWord(clock),
        )
        work = WorkServicer(self._decider, self._database, self._reassess, self._shield)
        self.services = [
            Service(agency, agency_service_pb2.DESCRIPTOR.services_by_name["AgencyService"], AGENCY_CALLERS),
            Service(work, work_service_pb2.DESCRIPTOR.services_by_name["WorkService"], WORK_CALLERS),
            *extra_services(self.parts),
        ]

    def migrate(self) -> None:
        """Brings the database to the newest form. Blocks."""
        upgrade(self._settings.database_url, self._migrations)

    async def start(self) -> None:
        """Migrates where settings say so, takes the log from any older process of this replica, begins the loop."""
        if self._settings.migrate_on_start:
            await self._runtime.executor.run(self.migrate)
        await self._runtime.executor.run(warm_up, (AssessmentItem, Consignment))
        self._decider.generation = await self._database.read(generation)
        if await self._database.read(held):
            self._telemetry.log.error("log.held", agency=self._decider.agency)
        self._decider.taken_epoch = await self._database.write(open_log, self._decider.log)
        signer, now = self._decider.signer, to_micros(self._runtime.clock.now())
        kept = await self._database.write(keep_own_key, signer.key_id, signer.certificate, now)
        self._decider.certificates = kept
        if (prepare := self.parts.definition.open) is not None:
            await self._database.write(prepare, self._runtime.clock.now())
        self._clock.expects([GATEWAY])
        self._reassess.start()
        self._ticking.start()

    async def drain(self) -> None:
        """Ends the streams, which would hold a graceful stop up; calls are still answered."""
        for stream in self.parts.streams:
            stream.close()

    async def stop(self) -> None:
        """Ends the loop and closes the database after what has begun."""
        await self.drain()
        await self._ticking.stop()
        await self._reassess.stop()
        await self._shield.settle()
        await self._database.close()
