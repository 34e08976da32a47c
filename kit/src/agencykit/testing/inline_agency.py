"""An agency in the test's own process, called through the very layers but without sockets; any runtime will do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from agencykit.decisions.app import AgencyApp
from agencykit.evidence import Verifier
from agencykit.identity import Identity
from agencykit.rpc.layers import Layers
from agencykit.runtime import Runtime
from agencykit.settings import ServiceSettings
from agencykit.telemetry import Telemetry
from agencykit.testing.authority import DISTRICT
from agencykit.testing.inline import Hook, InlineTransport, no_hook
from agencykit.testing.running import Build, Caller


@dataclass
class InlineAgency:
    """A started agency and its callers."""

    app: AgencyApp
    layers: Layers
    telemetry: Telemetry
    runtime: Runtime
    verifier: Verifier

    def caller(self, path: str, hook: Hook = no_hook) -> Caller:
        """A party of the district: `gateway`, `operator/port-office`."""
        identity = Identity.of_district(DISTRICT, path)
        return Caller(InlineTransport(self.layers, identity, self.telemetry, hook), self.runtime)

    @property
    def gateway(self) -> Caller:
        return self.caller("gateway")

    @property
    def operator(self) -> Caller:
        return self.caller("operator/port-office")


@asynccontextmanager
async def inline_agency(
    build: Build, settings: ServiceSettings, role: str, runtime: Runtime
) -> AsyncIterator[InlineAgency]:
    """Starts the agency and stops it; the database stays as it is, so that a second one can go on with it."""
    telemetry = Telemetry(settings, role, runtime)
    app = build(settings, runtime, telemetry)
    try:
        await app.start()
        verifier = Verifier.trusting(Identity.of_district(DISTRICT, role), settings.ca_file.read_bytes())
        agency = InlineAgency(app, Layers(settings, runtime, app.services, telemetry), telemetry, runtime, verifier)
        for certificate in (await agency.gateway.describe()).signing_certificates:
            verifier.admit(certificate.certificate)
        yield agency
    finally:
        await app.stop()
        telemetry.close()
