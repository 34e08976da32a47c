"""RegisterService: officers of customs enter enterprises, brokers and licences."""

from agencykit.agency import AgencyParts
from agencykit.lodging import lodge
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from clearance.customs.v1 import register_service_pb2 as pb
from customs.operations import registering
from customs.rpc import entries

CALLERS = ("operator/*",)


class RegisterServicer:
    """Each call is carried out once for its request id, and wakes whoever waits for what it brings."""

    def __init__(self, parts: AgencyParts) -> None:
        self._parts = parts

    async def RegisterEnterprises(
        self, request: pb.RegisterEnterprisesRequest, call: Call
    ) -> pb.RegisterEnterprisesResponse:
        rows = [entries.enterprise_entry(enterprise) for enterprise in request.enterprises]
        await lodge(self._parts, call, request.request_id, call.request_bytes, registering.register_enterprises, rows)
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


def register_service(parts: AgencyParts) -> Service:
    """The service with its default callers."""
    return Service(RegisterServicer(parts), pb.DESCRIPTOR.services_by_name["RegisterService"], CALLERS)
