"""Carries transfers of inspection at origin (电子转单) from the own inspection to a partner's gateway."""

from dataclasses import dataclass

from agencykit.rpc.transport import Transport
from clearance.district.v1 import district_service_pb2 as district
from clearance.inspection.v1 import transfer_service_pb2 as inspection
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
