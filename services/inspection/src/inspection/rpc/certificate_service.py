"""CertificateService: officers of inspection lodge certificates, see their use, and keep the registers."""

from agencykit.agency import AgencyParts
from agencykit.lodging import lodge
from agencykit.refusals import NotFound
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from agencykit.storage import to_micros
from clearance.inspection.v1 import certificate_service_pb2 as pb
from inspection.operations import lodging
from inspection.operations.recalling import register_recalls
from inspection.rpc import entries
from inspection.storage.uses import certificate_use, exemption_use

CALLERS = ("operator/*",)


class CertificateServicer:
    """Each call is carried out once for its request id, and wakes whoever waits for what it brings."""

    def __init__(self, parts: AgencyParts) -> None:
        self._parts = parts

    async def LodgeCertificates(self, request: pb.LodgeCertificatesRequest, call: Call) -> pb.LodgeCertificatesResponse:
        rows = [entries.certificate_entry(certificate) for certificate in request.certificates]
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.lodge_certificates, rows)
        return pb.LodgeCertificatesResponse(certificates=request.certificates)

    async def RegisterExemptions(
        self, request: pb.RegisterExemptionsRequest, call: Call
    ) -> pb.RegisterExemptionsResponse:
        rows = [entries.exemption_entry(exemption) for exemption in request.exemptions]
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.register_exemptions, rows)
        return pb.RegisterExemptionsResponse(exemptions=request.exemptions)

    async def RegisterProducers(self, request: pb.RegisterProducersRequest, call: Call) -> pb.RegisterProducersResponse:
        rows = [entries.producer_entry(producer) for producer in request.producers]
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.register_producers, rows)
        return pb.RegisterProducersResponse(producers=request.producers)

    async def RegisterRecalls(self, request: pb.RegisterRecallsRequest, call: Call) -> pb.RegisterRecallsResponse:
        rows = entries.recall_entries(request.recalls)
        now = to_micros(self._parts.runtime.clock.now())
        await lodge(self._parts, call, request.request_id, call.request_bytes, register_recalls, rows, now)
        return pb.RegisterRecallsResponse(recalls=request.recalls)

    async def GetCertificate(self, request: pb.GetCertificateRequest, call: Call) -> pb.GetCertificateResponse:
        used = await self._parts.database.read(certificate_use, request.number.strip())
        if used is None:
            raise NotFound("certificate", request.number)
        return entries.certificate_use_message(used)

    async def GetExemption(self, request: pb.GetExemptionRequest, call: Call) -> pb.GetExemptionResponse:
        used = await self._parts.database.read(exemption_use, request.number.strip())
        if used is None:
            raise NotFound("exemption", request.number)
        return entries.exemption_use_message(used)


def certificate_service(parts: AgencyParts) -> Service:
    """The service with its default callers."""
    return Service(CertificateServicer(parts), pb.DESCRIPTOR.services_by_name["CertificateService"], CALLERS)
