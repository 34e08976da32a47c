"""CarrierService: the gateway asks who may move goods under customs control."""

from agencykit.agency import AgencyParts
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from clearance.customs.v1 import carrier_service_pb2 as pb
from customs.domain.carriers import Carriage, folded_vehicle, standing
from customs.domain.consignment import folded_identifier
from customs.storage.register_reads import known_carriers

CALLERS = ("gateway",)


class CarrierServicer:
    """Only reads."""

    def __init__(self, parts: AgencyParts) -> None:
        self._database, self._clock = parts.database, parts.runtime.clock

    async def CheckCarriers(self, request: pb.CheckCarriersRequest, call: Call) -> pb.CheckCarriersResponse:
        asked, now = [_carriage(each) for each in request.carriages], self._clock.now()
        named = {each.carrier_identifier for each in asked if each.carrier_identifier}
        known = await self._database.read(known_carriers, named)
        found = [standing(known.get(each.carrier_identifier), each, now) for each in asked]
        return pb.CheckCarriersResponse(standings=[pb.CarrierStanding.ValueType(each) for each in found])


def _carriage(message: pb.Carriage) -> Carriage:
    by = message.transport
    carrier, vehicle = folded_identifier(message.carrier_identifier), folded_vehicle(by.identification)
    return Carriage(carrier, by.mode, vehicle, message.leaving)


def carrier_service(parts: AgencyParts) -> Service:
    """The service with its default callers."""
    return Service(CarrierServicer(parts), pb.DESCRIPTOR.services_by_name["CarrierService"], CALLERS)
