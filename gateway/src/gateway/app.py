"""The composition root: settings in, gateway out."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from agencykit.audit.sealer import Sealer
from agencykit.backup.old_copies import standing
from agencykit.evidence import load_signer
from agencykit.identity import Identity, trust_domain
from agencykit.rpc.denied import DenyList
from agencykit.rpc.transport import Transport
from agencykit.rpc.validation import warm_up
from agencykit.runtime import Runtime
from agencykit.runtime.guarded import GuardedClock
from agencykit.settings import SettingsError
from agencykit.storage import to_micros
from agencykit.storage.migrations import upgrade
from agencykit.telemetry import Telemetry
from clearance.gateway.v1.clearance_service_pb2 import SubmitClearanceRequest
from gateway.domain.pace import Pace
from gateway.operations import mail
from gateway.operations.assurer import Assurer
from gateway.operations.board import Board
from gateway.operations.context import Context
from gateway.operations.convoys import Convoys
from gateway.operations.desk import Desk
from gateway.operations.duties import Duties
from gateway.operations.examinations import Examinations
from gateway.operations.exit_follower import ExitFollower
from gateway.operations.flights import Flights
from gateway.operations.follower import Follower
from gateway.operations.guarantee_driver import GuaranteeDriver
from gateway.operations.herald import Herald
from gateway.operations.known import Known
from gateway.operations.lines import Line
from gateway.operations.loop import Loop
from gateway.operations.news import News
from gateway.operations.ports import GatePort
from gateway.operations.quarantine import Aside
from gateway.operations.queue import Queue
from gateway.operations.recorder import Recorder
from gateway.operations.recover import take_back
from gateway.operations.recovery import Recovery
from gateway.operations.retrier import Retrier
from gateway.operations.settings import GatewaySettings
from gateway.operations.tasks import Tasks
from gateway.operations.teller import Teller
from gateway.operations.traces import Traces
from gateway.rpc.agency import TransportAgency
from gateway.rpc.by_hand import by_hand
from gateway.rpc.clearance_service import ClearanceServicer
from gateway.rpc.coordination_service import CoordinationServicer
from gateway.rpc.evidence import Evidence
from gateway.rpc.examination_service import ExaminationServicer
from gateway.rpc.examiners import examining
from gateway.rpc.failures import Failures
from gateway.rpc.federation import Connect, Federation, over_sockets
from gateway.rpc.gate import TransportGate
from gateway.rpc.guarantee_release_service import GuaranteeReleaseServicer
from gateway.rpc.keys import OwnKeys
from gateway.rpc.ledgers import Ledgers
from gateway.rpc.open_house import OpenHouse
from gateway.rpc.orders import SignedOrders
from gateway.rpc.originators import SignedOriginators
from gateway.rpc.others import Others
from gateway.rpc.quarantine_service import QuarantineServicer
from gateway.rpc.reading import Numbers, Reader
from gateway.rpc.serving import served
from gateway.rpc.spans import TelemetrySpans
from gateway.rpc.transfers import carriers
from gateway.rpc.transit_parts import Surroundings, build_transit
from gateway.rpc.verification.parts import Verifying
from gateway.rpc.verification.speech import Speech
from gateway.rpc.witnessing import Witnessing
from gateway.storage.kept import KeptDatabase

MIGRATIONS = "gateway.migrations"


class GatewayApp:
    """What `agencykit.host.run_service` runs. `connect` replaces the transports in tests and simulations."""

    def __init__(
        self, settings: GatewaySettings, runtime: Runtime, telemetry: Telemetry, connect: Connect | None = None
    ) -> None:
        if settings.signing_cert_file is None or settings.signing_key_file is None:
            raise SettingsError(["signing_cert_file, signing_key_file: a gateway signs its orders; set both"])
        signer = load_signer(settings.signing_cert_file, settings.signing_key_file)
        self._clock = GuardedClock.of(runtime.clock)
        runtime = replace(runtime, clock=self._clock)
        self._settings, self._runtime, self._telemetry = settings, runtime, telemetry
        self._policy, self._commitments = settings.policy(), settings.commitments()
        self._limits = settings.limits
        self._denied = DenyList(settings.denied_file, runtime.clock, telemetry.log)
        sealer = Sealer(runtime.clock, telemetry.log, telemetry.metrics)
        self._witnessing = Witnessing(settings, signer, telemetry.log, sealer)
        self.database = self._database = KeptDatabase(settings.database_url, runtime)  # watched by the host
        self.keys = OwnKeys(signer, str(Identity.of_district(settings.district, "gateway")), self._database.anyway)
        self._others = Others(settings, self._clock, self._database, self.keys, self._context, telemetry)
        # Of health (`agencykit.host`).
        self.conditions = self._others.conditions
        self._vouch = SignedOriginators(self.keys, timedelta(days=settings.originator_days))
        self._spans = TelemetrySpans(telemetry, runtime.clock)
        self._aside = Aside(telemetry.log, telemetry.metrics)
        self._board, self._known = Board(), Known()
        self._transports: dict[str, Transport] = {}
        self._stopped = False
        known = (self._database.anyway, self._context, self._others)
        self.federation = Federation(settings, runtime, telemetry.log, *known)
        # Who vouches for callers (`agencykit.host`).
        self.authorities = self.federation.authorities
        connect = connect or partial(over_sockets, self.federation, runtime, telemetry)
        self._evidence: dict[str, Evidence] = {}
        self.lines = {name: self._line(name, connect) for name in settings.agencies}
        self.federation.join(connect)
        speech = Speech(signer, settings.district)
        shared = (speech, self._evidence, self._witnessing.witness, self._denied, self.keys, telemetry.log)
        self._verifying = Verifying(settings, runtime, self._policy, self.federation, *shared)
        self.lines |= self._verifying.lines()
        keeper = self._transports.get(settings.ledger_agency)
        self._ledgers = Ledgers(settings.district, keeper, self.federation.ways, self._limits.call_budget)
        orders = SignedOrders(signer, self.keys.identity, settings.district, signer.key_id)
        self._build_operations(orders)
        numbers, own = Numbers(settings.customs_district_code, runtime), (self._limits, self._spans, self._commitments)
        reader = Reader(numbers, *own, settings.offices, bool(self._policy.asked_at_home))
        failures = Failures(runtime.ids, telemetry.log)
        wake = (self._aside, self._recovery.loop.notify, self._news.on_change)
        port = self._verifying.port(self.desk, reader, failures, self._duties, telemetry.log, *wake)
        shown = (self.federation.cases, self._witnessing.exhibits)
        servicer = ClearanceServicer(self.desk, reader, failures, trust_domain(settings.district), *shown)
        stored = (self._database, self._context)
        coordinator = CoordinationServicer(self.desk, self._commitments)
        asked = examining(self._transports, settings.slot_agency, self._limits.call_budget)
        examiner = ExaminationServicer(self.desk, Examinations(*stored, *asked, telemetry.log))
        claimants = tuple(settings.guarantee_claimants)
        guarantor = GuaranteeReleaseServicer(self.desk, self._guarantees, claimants, self.federation.absence)
        keepers = (self._transports.get(settings.ledger_agency), self._transports.get(settings.transfer_agency))
        in_person = by_hand(settings, *stored, orders, self._exited)
        aside = QuarantineServicer(*stored, self._requeued)
        self._open_house = OpenHouse(settings, *stored, self._duties, telemetry.log)
        self.services = [
            *served(servicer, self.transit.servicer, coordinator, examiner, guarantor, *in_person, aside),
            *self._open_house.services,
            *self.federation.services(*keepers, self.transit.mailroom, self.desk.read, self.transit.find, port),
        ]

    def _line(self, name: str, connect: Connect) -> Line:
        settings, identity = self._settings, self._settings.identity_of(name)
        transport = connect(name, settings.agencies[name].address, identity)
        self._transports[name] = transport
        authorities = settings.ca_file.read_bytes()
        parts = (transport, self._runtime.executor, self._telemetry.log, self._witnessing.witness)
        evidence = self._evidence[name] = Evidence(identity, authorities, self._denied, *parts)
        ears = self._others.of_agency(name)
        agency = TransportAgency(transport, evidence, self._runtime.clock, self.keys, *ears)
        return Line(name, agency, self._limits, self._runtime)

    def _build_operations(self, orders: SignedOrders) -> None:
        log, database, clock = self._telemetry.log, self._database, self._runtime.clock
        self.pace = Pace(self._limits.convoys)
        traces = Traces(self._spans)
        self._news = News(self._board, traces, self._known, log)
        recording = (orders, self._news.publish, log, self._aside)
        self._recorder = recorder = Recorder(database, self._runtime, self._context, *recording)
        self._telemetry.metrics.watch(
            "fencing.refused", "1", "writes refused, as lease or duty had passed on", lambda: float(self.fenced)
        )
        flights = Flights(self.lines, recorder, self._board, self._spans, clock, self._known, traces)
        queue, tasks = Queue(self._limits), Tasks(log)
        self.convoys = Convoys(database, clock, self._context, queue, flights, self._board, self.pace, tasks, log)
        self.desk = Desk(database, self._runtime, self._context, self.convoys, flights, self._board, tasks)
        self._recovery = Recovery(database, self._context, self.lines, flights, log, self._aside)
        self.desk.on_due = self._recovery.loop.notify
        self._duties = Duties(database, self._context, log)
        self._followers = [self._follower(line) for line in self.lines.values()]
        shared = (database, self._context, self._duties, log)
        self._tellers = [Teller(mail.OUTCOMES, line, *shared, self._aside) for line in self.lines.values()]
        self._criers = [Teller(mail.CALLED_OFF, line, *shared, self._aside) for line in self.lines.values()]
        self._herald = Herald(self.lines, *shared, self._left)
        releasing = (self._settings, database, self._context, self._spans, log, self._recovery.loop.notify)
        self._guarantees = releases = self._ledgers.releases(*releasing)
        self._drivers = [GuaranteeDriver(home, releases, self._duties, log, self._aside) for home in releases.ledgers]
        budget, keeper = self._limits.call_budget, self._transports.get(self._settings.transfer_agency)
        carrying = (database, self._duties, self._runtime.randomness, log)
        self._transfers = carriers(self._settings.district, keeper, self.federation.ways, budget, carrying)
        place = (self._settings, self._runtime, database, self._context, self._duties, self._spans)
        own = Surroundings(*place, log, self._aside)
        self.transit = build_transit(
            own, self._ledgers.plain(), self.federation, self._transports.get(self._settings.carrier_agency)
        )
        self._witnessing.join(database, self._context, self._duties)
        self._assurer = Assurer(self.lines, *shared, self._witnessing.witness, self.keys.certificates)
        own_gate = self._settings.gate_agency
        gates = {own_gate: TransportGate(self._transports[own_gate], clock)} if own_gate in self.lines else {}
        self._gates = [self._exits_at(name, gate) for name, gate in {**gates, **self._verifying.gates()}.items()]
        self._retrier = Retrier.of(self._followers, self._gates, database, log)
        self._listen()

    def _requeued(self) -> None:
        """Whoever may have something to try again looks."""
        for loop in (self._recovery.loop, *self._loops()):
            loop.notify()

    def _left(self) -> None:
        for teller in self._tellers:
            teller.loop.notify()

    def _follower(self, line: Line) -> Follower:
        wake, runtime = self._recovery.loop.notify, self._runtime
        shared = (line, self._database, self._context, self._duties, self._known)
        chance = (runtime.clock, runtime.randomness, self._telemetry.log)
        return Follower(*shared, *chance, self._board.expects, wake, self._aside)

    def _exits_at(self, agency: str, gate: GatePort) -> ExitFollower:
        shared = (self._database, self._context, self._duties, self._runtime.randomness, self._telemetry.log)
        return ExitFollower(self.lines[agency], gate, *shared, self._aside, self._exited)

    def _exited(self) -> None:
        """Watchers look, agencies hear what was closed, and whoever was called to a case finds it due."""
        self.desk.changed()
        self._verifying.exited()
        self._herald.loop.notify()
        self._recovery.loop.notify()

    def _listen(self) -> None:
        """Who is told of what."""
        self._news.on_change.append(self.desk.changed)
        self._news.on_due.append(self._recovery.loop.notify)
        self._news.on_outcome.append(self._herald.loop.notify)
        for line in self.lines.values():
            line.on_return = self._recovery.loop.notify

    @property
    def fenced(self) -> int:
        """Writes that were refused because what they rested on had passed to another replica."""
        return self._recorder.fenced + self._duties.refused

    def _context(self) -> Context:
        now = to_micros(self._runtime.clock.now())
        ledger = self._settings.ledger_agency if self._settings.ledger_agency in self._settings.agencies else ""
        own = (self._settings.replica, self._policy, self._commitments, self._limits, self._settings.district)
        stopped = to_micros(self._clock.legal_now()) if self._clock.suspended else None
        return Context(now, *own, self._vouch, ledger, stopped, self._database.generation)

    def migrate(self) -> None:
        """Brings the database to the newest form. Blocks."""
        upgrade(self._settings.database_url, MIGRATIONS)

    async def start(self) -> None:
        """Migrates where settings say so, takes back what a dead predecessor held, and begins the loops."""
        if self._settings.migrate_on_start:
            await self._runtime.executor.run(self.migrate)
        await self._runtime.executor.run(warm_up, (SubmitClearanceRequest,))
        self._database.generation = (await self._database.read(standing)).generation
        await self.authorities.load()
        await self.keys.keep(self._context().now)
        await self._others.ask(self.lines[name] for name in self._settings.agencies)
        if not self._others.copy.held:
            # Its own key is kept before it signs anything.
            await self._witnessing.countersigner.countersign()
            if freed := await self._database.write(take_back, self._context()):
                self._telemetry.log.info("taken_back", count=freed)
        for loop in (self._duties.loop, self._recovery.loop, *self._loops()):
            loop.start()

    def _loops(self) -> list[Loop]:
        followers = [each.stream.loop for each in self._followers]
        tellers = [each.loop for each in self._tellers] + [each.loop for each in self._criers]
        gates = [each.stream.loop for each in self._gates]
        drivers = [*(each.loop for each in self._drivers), *(each.loop for each in self._transfers)]
        drivers += [*self.federation.loops, *self.transit.loops, *self._verifying.loops, self._open_house.loop]
        own = [self._retrier.loop, self._herald.loop, self._assurer.loop, self._witnessing.countersigner.loop]
        own += self._others.loops
        return [*followers, *own, *drivers, *tellers, *gates]

    async def drain(self) -> None:
        """Takes no more submissions; those taken are put before the agencies and answered."""
        self._verifying.close()
        self._open_house.close()
        await self.desk.drain()

    async def stop(self) -> None:
        """Ends the loops, lets flights arrive, gives up duties and closes storage. May be called twice."""
        if self._stopped:
            return
        self._stopped = True
        await self.desk.drain()
        for loop in self._loops():
            await loop.stop()
        await self._recovery.drain()
        await self._duties.give_up()
        for transport in (*self._transports.values(), *self.federation.ways.values()):
            await transport.close()
        await self._database.close()


def build(settings: GatewaySettings, runtime: Runtime, telemetry: Telemetry) -> GatewayApp:
    """The app that `agencykit.host.run_service` runs."""
    return GatewayApp(settings, runtime, telemetry)
