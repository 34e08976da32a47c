"""This district among its partners: who vouches for them, the ways to them, and what both sides offer each other."""

from collections.abc import Callable
from functools import partial
from importlib.metadata import version

from agencykit.identity import Identity, trust_domain
from agencykit.rpc.certificates import PartnerTls, TlsFiles, TlsMaterial
from agencykit.rpc.channel import GrpcTransport
from agencykit.rpc.replicas import replicated
from agencykit.rpc.service import Service
from agencykit.rpc.transport import Transport
from agencykit.rpc.trust import AuthorityFiles
from agencykit.runtime import Runtime
from agencykit.storage import Database
from agencykit.telemetry import Telemetry
from clearance.gateway.v1 import partner_service_pb2 as pb
from gateway.domain.breaker import Breaker
from gateway.domain.unavailability import in_force
from gateway.operations.bundle_watch import BundleWatch
from gateway.operations.context import Context
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.notices import standing_notices
from gateway.operations.partner_keeper import PartnerKeeper
from gateway.operations.partners import Description, Partners
from gateway.operations.settings import GatewaySettings
from gateway.rpc.district_service import GATEWAY, DistrictServicer, Find, Read, district_service
from gateway.rpc.movement_delivery import Mailroom
from gateway.rpc.notices import write_notice
from gateway.rpc.others import Others
from gateway.rpc.outside_cases import OutsideCases
from gateway.rpc.partner_gate import PartnerGate
from gateway.rpc.partner_port import TransportPartner
from gateway.rpc.partner_service import PartnerServicer
from gateway.rpc.times import timestamp
from gateway.rpc.verification.port import VerificationPort
from gateway.rpc.visibility import Visibility

CALLERS = ("operator/*",)

# Makes the transport to one agency or partner: (its name, its address, the identity it must prove).
Connect = Callable[[str, str, Identity], Transport]


class Federation:
    """`authorities` vouch for whoever calls; `ways` lead to partners, by district, once `join` was called."""

    def __init__(
        self,
        settings: GatewaySettings,
        runtime: Runtime,
        log: Log,
        database: Database,
        context: Callable[[], Context],
        others: Others,
    ) -> None:
        """Raises SettingsError where a bundle is none."""
        self._settings, self._runtime, self._log, self._others = settings, runtime, log, others
        self._clock = clock = runtime.clock
        self._database, self._context = database, context
        self._own_bundle = settings.own_bundle()
        self.authorities = Partners(AuthorityFiles(settings.authorities), settings.pinned(), database, log)
        self._watch = BundleWatch(self.authorities, self._own_bundle, clock.now, log)
        self._keepers: list[PartnerKeeper] = []
        self.ways: dict[str, Transport] = {}

    def tls(self, identity: Identity) -> TlsMaterial:
        """The own certificate, and who vouches for that identity."""
        own = TlsFiles.of(self._settings)
        partner = identity.district in self._settings.partners
        return PartnerTls(own, self.authorities, identity.trust_domain) if partner else own

    def join(self, connect: Connect) -> None:
        """Makes the ways."""
        for district in self._settings.partners:
            self.ways[district] = self._way(district, connect)

    def _way(self, district: str, connect: Connect) -> PartnerGate:
        settings, partner = self._settings, self.authorities.by_district[district]
        transport = connect(district, partner.address, Identity.of_district(district, GATEWAY))
        heard, shown = partial(self._others.heard, district), partial(self._others.signed.sheets, district)
        port = TransportPartner(transport, district, settings.limits.call_budget, self._clock, heard, shown)
        code = partner.bundle.code
        every = settings.partner_interval_ms / 1000
        shared = (settings.contract_versions, every, self._clock.now, self._context, self._log)
        self._keepers.append(PartnerKeeper(partner, code, self.authorities, port, *shared))
        return PartnerGate(transport, self._keepers[-1], Breaker(settings.limits.breaker), self._runtime)

    def services(
        self,
        ledger: Transport | None,
        keeper: Transport | None,
        mailroom: Mailroom,
        read: Read,
        find: Find,
        port: VerificationPort,
    ) -> list[Service]:
        """For partners, whose calls go on to these agencies and to transit, and for operators."""
        settings, stored = self._settings, (self._database, self._context)
        codes = {trust_domain(name): each.customs_district_code for name, each in settings.partners.items()}
        own = (settings.district, settings.customs_district_code, settings.contract_versions)
        described = Description(*own, version("tongguan-gateway"), 0)
        for_partners = DistrictServicer(
            *(ledger, keeper, mailroom, codes, settings.limits.call_budget, described, self._own_bundle),
            *(*stored, read, find, Visibility(settings.visibility()), port),
        )
        for_operators = PartnerServicer(self._keepers, self._own_bundle, self._clock.now, *stored)
        descriptor = pb.DESCRIPTOR.services_by_name["PartnerService"]
        return [district_service(for_partners), Service(for_operators, descriptor, CALLERS)]

    @property
    def cases(self) -> OutsideCases:
        """Of partners."""
        codes = {each.customs_district_code: name for name, each in self._settings.partners.items()}
        settings = self._settings
        return OutsideCases(codes, settings.offices, self.ways, settings.officers, settings.limits.call_budget)

    async def absence(self, district: str) -> pb.PartnerAbsence | None:
        """Why a partner gives no answer; None where it does, or is none."""
        partner = self.authorities.by_district.get(district)
        if partner is None:
            return None
        context = self._context()
        standing = await self._database.read(standing_notices, context)
        told = pb.PartnerAbsence(district=district)
        if partner.standing.unreached_since is not None:
            told.unreached_since_time.CopyFrom(timestamp(partner.standing.unreached_since))
        if (notice := in_force(standing.of(district), context.now)) is not None:
            told.notice.CopyFrom(write_notice(notice))
        return told if told.HasField("unreached_since_time") or told.HasField("notice") else None

    @property
    def loops(self) -> list[Loop]:
        """What keeps in touch."""
        return [self._watch.loop, *(each.loop for each in self._keepers)]


def over_sockets(
    federation: Federation, runtime: Runtime, telemetry: Telemetry, _name: str, address: str, identity: Identity
) -> Transport:
    """Mutual-TLS connections to one agency or partner: to each of its replicas one."""
    tls = federation.tls(identity)
    ways = [GrpcTransport(each, tls, identity, telemetry, runtime.clock) for each in address.split(",")]
    return replicated(ways, runtime.clock)
