"""The example agency keeps every promise of the suite."""

from typing import ClassVar

from agencykit.decisions.app import AgencyApp
from agencykit.identity import Identity
from agencykit.rpc.call import Call
from agencykit.runtime import Runtime
from agencykit.settings import ServiceSettings
from agencykit.telemetry import Telemetry
from agencykit.testing import example_agency
from agencykit.testing.agency_suite import AgencySuite
from agencykit.testing.consignments import sea_import
from agencykit.testing.running import Caller
from clearance.common.v1.consignment_pb2 import Consignment

OFFICE = Identity.parse("spiffe://ningbo.clearance/operator/port-office")


class TestWeighbridge(AgencySuite):
    role, definition = "weighbridge", example_agency.DEFINITION
    # The weighbridge has no service of its own: its notes are lodged beside the socket.
    apps: ClassVar[list[AgencyApp]] = []

    @staticmethod
    def build(settings: ServiceSettings, runtime: Runtime, telemetry: Telemetry) -> AgencyApp:
        TestWeighbridge.apps.append(example_agency.build(settings, runtime, telemetry))
        return TestWeighbridge.apps[-1]

    def awaiting(self, reference: str) -> Consignment:
        return sea_import(reference)

    async def supply(self, operator: Caller, consignment: Consignment) -> None:
        await self.note(operator, consignment, consignment.total_gross_mass_kg)

    def for_officers(self, reference: str) -> Consignment:
        return sea_import(reference)

    async def supply_for_officers(self, operator: Caller, consignment: Consignment) -> None:
        await self.note(operator, consignment, 2 * consignment.total_gross_mass_kg)

    async def note(self, operator: Caller, consignment: Consignment, mass_kg: float) -> None:
        parts = self.apps[-1].parts
        clock = parts.runtime.clock
        call = Call(OFFICE, "/example/NoteWeights", clock.monotonic() + 10, None, clock)
        masses = {consignment.transport_document_number: mass_kg}
        assert await example_agency.note_weights(parts, call, parts.runtime.ids.uuid(), masses)
