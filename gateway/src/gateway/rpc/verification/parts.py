"""What a gateway has for goods that are declared in one district and verified in another, put together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from agencykit.identity import Identity
from agencykit.rpc.denied import DenyList
from agencykit.runtime import Runtime
from clearance.common.v1.evidence_pb2 import SigningCertificate
from gateway.domain.policy import Policy
from gateway.domain.verification import GATEWAY
from gateway.operations.desk import Desk
from gateway.operations.duties import Duties
from gateway.operations.lines import Line
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.ports import GatePort
from gateway.operations.quarantine import Aside
from gateway.operations.settings import GatewaySettings
from gateway.operations.verification.speaking import Speaker
from gateway.operations.witness import Witness
from gateway.rpc.evidence import Evidence
from gateway.rpc.failures import Failures
from gateway.rpc.federation import Federation
from gateway.rpc.keys import OwnKeys
from gateway.rpc.reading import Reader
from gateway.rpc.verification.home import TransportVerifications, TransportVerifiedGate
from gateway.rpc.verification.intake import Intake
from gateway.rpc.verification.port import VerificationPort
from gateway.rpc.verification.proofs import Proofs
from gateway.rpc.verification.speech import Speech


@dataclass(slots=True)
class Verifying:
    """Both sides. A district whose policy asks nobody at home declares nothing for another's port, and follows none."""

    settings: GatewaySettings
    runtime: Runtime
    policy: Policy
    federation: Federation
    speech: Speech
    # Of the own agencies, by name.
    evidence: Mapping[str, Evidence]
    witness: Witness
    denied: DenyList
    keys: OwnKeys
    log: Log
    proofs: Proofs = field(init=False)
    loops: list[Loop] = field(default_factory=list)
    exited: Callable[[], None] = lambda: None
    # Ends the streams of homes.
    close: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        own = Identity.of_district(self.settings.district, GATEWAY)
        shared = (own, self.runtime.clock, self.witness.trusted)
        self.proofs = Proofs(self.federation.authorities.by_district, self.denied, *shared)

    def lines(self) -> dict[str, Line]:
        """To the ports of partners, by district."""
        limits, runtime = self.settings.limits, self.runtime
        return {name: Line(name, self._way(name), limits, runtime) for name in self._ports()}

    def gates(self) -> dict[str, GatePort]:
        """Of partners, by district."""
        ways, clock = self.federation.ways, self.runtime.clock
        return {name: TransportVerifiedGate(ways[name], clock) for name in self._ports()}

    def port(
        self,
        desk: Desk,
        reader: Reader,
        failures: Failures,
        duties: Duties,
        log: Log,
        aside: Aside,
        on_orders: Callable[[], None],
        on_change: list[Callable[[], None]],
    ) -> VerificationPort:
        """What is served to homes. Whatever changes is said."""
        settings = self.settings
        gate = settings.gate_agency if settings.gate_agency in settings.agencies else ""
        speaker = Speaker(desk.database, desk.context, self.speech, gate, duties, self.runtime.clock, log, aside)
        intake = Intake(settings.district, reader, self.proofs, self.runtime.executor)
        own = (intake, speaker, self.keys, self.proofs, self.runtime.executor, failures)
        port = VerificationPort(desk, *own, on_orders)
        speaker.on_spoken.append(port.notify)
        self.exited, self.close = port.notify, port.close
        # Also where nothing is declared for others: who is a partner may declare for here.
        if self.federation.ways:
            on_change.append(speaker.loop.notify)
            self.loops.append(speaker.loop)
        return port

    def _ports(self) -> Sequence[str]:
        return list(self.federation.ways) if self.policy.asked_at_home else []

    def _way(self, name: str) -> TransportVerifications:
        own = (self.settings.district, self.federation.ways[name], self.proofs, self.speech, self.keys, self.log)
        return TransportVerifications(name, *own, self._certificates, self.runtime.executor, self.runtime.clock)

    async def _certificates(self) -> list[SigningCertificate]:
        asked = [self.evidence[name] for name in self.policy.asked_at_home]
        return [each for evidence in asked for each in await evidence.certificates()]
