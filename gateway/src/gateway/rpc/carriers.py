"""Customs' register of carriers over its CarrierService."""

from dataclasses import dataclass

from agencykit.rpc.transport import Transport
from clearance.customs.v1 import carrier_service_pb2 as pb
from clearance.district.v1.movement_pb2 import TransitDeclaration
from gateway.operations.ports import CallFailed
from gateway.operations.transit.carriage import Carried
from gateway.rpc.guarantee_ledger import called

CHECK = "/clearance.customs.v1.CarrierService/CheckCarriers"
NOBODY = "(nobody)"


@dataclass(frozen=True, slots=True)
class TransportCarriers:
    """See CarrierPort. `transport` is None where who keeps the register is not configured."""

    transport: Transport | None
    budget_seconds: float

    async def carried(self, declaration: bytes, trace: str, *, leaving: bool) -> Carried:
        """See CarrierPort."""
        if self.transport is None:
            raise CallFailed("NO_REGISTER")
        said = TransitDeclaration.FromString(declaration)
        carrier = said.carrier if said.HasField("carrier") else said.holder
        there = leaving or not said.pre_lodged
        carriage = pb.Carriage(carrier_identifier=carrier.identifier, transport=said.transport, leaving=there)
        request = pb.CheckCarriersRequest(carriages=[carriage])
        answer = await called(self.transport, CHECK, request, pb.CheckCarriersResponse, self.budget_seconds, trace)
        if len(answer.standings) != 1 or answer.standings[0] not in pb.CarrierStanding.values():
            raise CallFailed("GARBLED")
        standing = pb.CarrierStanding.Name(answer.standings[0]).removeprefix("CARRIER_STANDING_")
        return Carried(carrier.identifier or carrier.name or NOBODY, standing)
