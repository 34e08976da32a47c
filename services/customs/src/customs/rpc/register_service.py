"""RegisterService: officers of customs enter enterprises, brokers, licences and carriers."""

from agencykit.agency import AgencyParts
from agencykit.lodging import lodge
from agencykit.refusals import NotFound
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from agencykit.storage import to_micros
from clearance.customs.v1 import register_service_pb2 as pb
from customs.domain.consignment import folded_identifier
from customs.operations import registering
from customs.rpc import entries
from customs.rpc.register_messages import broker_answer, carrier_answer, enterprise_answer
from customs.storage import register_reads

CALLERS = ("operator/*",)


class RegisterServicer:
    """Each call is carried out once for its request id, and wakes whoever waits for what it brings."""

    def __init__(self, parts: AgencyParts) -> None:
        self._parts = parts

    async def RegisterEnterprises(
        self, request: pb.RegisterEnterprisesRequest, call: Call
    ) -> pb.RegisterEnterprisesResponse:
        rows = [entries.enterprise_entry(enterprise) for enterprise in request.enterprises]
        store, now = registering.register_enterprises, to_micros(self._parts.runtime.clock.now())
        await lodge(self._parts, call, request.request_id, call.request_bytes, store, rows, now)
        return pb.RegisterEnterprisesResponse(enterprises=request.enterprises)

    async def RegisterBrokers(self, request: pb.RegisterBrokersRequest, call: Call) -> pb.RegisterBrokersResponse:
        rows = [entries.broker_entry(broker) for broker in request.brokers]
        given = [entries.mandates_given(broker) for broker in request.brokers]
        mandates = {row["licence"]: identifiers for row, identifiers in zip(rows, given, strict=True)}
        await lodge(
            self._parts, call, request.request_id, call.request_bytes, registering.register_brokers, rows, mandates
        )
        return pb.RegisterBrokersResponse(brokers=request.brokers)

    async def RegisterLicences(self, request: pb.RegisterLicencesRequest, call: Call) -> pb.RegisterLicencesResponse:
        rows = [entries.licence_entry(licence) for licence in request.licences]
        await lodge(self._parts, call, request.request_id, call.request_bytes, registering.register_licences, rows)
        return pb.RegisterLicencesResponse(licences=request.licences)

    async def GetEnterprise(self, request: pb.GetEnterpriseRequest, call: Call) -> pb.GetEnterpriseResponse:
        identifier = folded_identifier(request.identifier)
        found = await self._parts.database.read(register_reads.enterprise, identifier)
        if found is None:
            raise NotFound("enterprise", identifier)
        return enterprise_answer(*found)

    async def GetBroker(self, request: pb.GetBrokerRequest, call: Call) -> pb.GetBrokerResponse:
        licence = folded_identifier(request.licence)
        found = await self._parts.database.read(register_reads.broker, licence)
        if found is None:
            raise NotFound("broker", licence)
        return broker_answer(*found)

    async def RegisterCarriers(self, request: pb.RegisterCarriersRequest, call: Call) -> pb.RegisterCarriersResponse:
        rows = [entries.carrier_entry(carrier) for carrier in request.carriers]
        own = [entries.vehicles(carrier) for carrier in request.carriers]
        vehicles = {row["identifier"]: of_it for row, of_it in zip(rows, own, strict=True)}
        await lodge(
            self._parts, call, request.request_id, call.request_bytes, registering.register_carriers, rows, vehicles
        )
        return pb.RegisterCarriersResponse(carriers=request.carriers)

    async def GetCarrier(self, request: pb.GetCarrierRequest, call: Call) -> pb.GetCarrierResponse:
        identifier = folded_identifier(request.identifier)
        found = await self._parts.database.read(register_reads.carrier, identifier)
        if found is None:
            raise NotFound("carrier", identifier)
        return carrier_answer(*found)


def register_service(parts: AgencyParts) -> Service:
    """The service with its default callers."""
    return Service(RegisterServicer(parts), pb.DESCRIPTOR.services_by_name["RegisterService"], CALLERS)
