"""Carries transfers of inspection at origin (电子转单) from the own inspection to a partner's gateway."""

from collections.abc import Mapping
from dataclasses import dataclass

from agencykit.rpc.transport import Transport
from agencykit.runtime import Randomness
from agencykit.storage import Database
from clearance.district.v1 import district_service_pb2 as district
from clearance.inspection.v1 import transfer_service_pb2 as inspection
from gateway.operations.duties import Duties
from gateway.operations.log import Log
from gateway.operations.transfer_carrier import TransferCarrier
from gateway.rpc.guarantee_ledger import called

EXCHANGE = "/clearance.inspection.v1.TransferExchangeService"
DELIVER = "/clearance.district.v1.DistrictService/DeliverTransfers"


@dataclass(frozen=True, slots=True)
class TransportTransfers:
    """See TransferPort."""

    own: Transport
    partner: Transport
    # District of the partner.
    destination: str
    budget_seconds: float

    async def carry(self, request_id: str) -> int:
        """See TransferPort."""
        asked = inspection.DispatchTransfersRequest(request_id=request_id, destination_district=self.destination)
        method, response = f"{EXCHANGE}/DispatchTransfers", inspection.DispatchTransfersResponse
        packages = (await called(self.own, method, asked, response, self.budget_seconds)).packages
        if packages:
            brought = district.DeliverTransfersRequest(request_id=request_id, packages=packages)
            await called(self.partner, DELIVER, brought, district.DeliverTransfersResponse, self.budget_seconds)
        return len(packages)


def carriers(
    district: str,
    own: Transport | None,
    partners: Mapping[str, Transport],
    budget_seconds: float,
    shared: tuple[Database, Duties, Randomness, Log],
) -> list[TransferCarrier]:
    """One to each partner, where an agency here keeps transfers."""
    if own is None:
        return []
    ways = {name: TransportTransfers(own, partner, name, budget_seconds) for name, partner in partners.items()}
    return [TransferCarrier(district, name, way, *shared) for name, way in ways.items()]
