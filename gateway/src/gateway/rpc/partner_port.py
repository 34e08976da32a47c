"""A partner's gateway, as whoever keeps in touch with it sees it."""

from collections.abc import Sequence
from dataclasses import dataclass

from agencykit.rpc.transport import Transport
from clearance.district.v1 import district_service_pb2 as pb
from gateway.operations.notices import ToTell
from gateway.operations.partners import Description
from gateway.rpc.guarantee_ledger import PARTNER, called
from gateway.rpc.notices import write_notice


@dataclass(frozen=True, slots=True)
class TransportPartner:
    """See PartnerPort. `transport` is the bare connection: nothing is agreed yet where these calls are made."""

    transport: Transport
    budget_seconds: float

    async def describe(self, contract_versions: Sequence[int]) -> Description:
        """See PartnerPort."""
        request = pb.DescribeDistrictRequest(contract_versions=contract_versions)
        method, seconds = f"{PARTNER.service}/DescribeDistrict", self.budget_seconds
        told = await called(self.transport, method, request, pb.DescribeDistrictResponse, seconds)
        who = (told.district, told.customs_district_code, tuple(told.contract_versions))
        return Description(*who, told.gateway_version[:64], told.bundle_version)

    async def bundle(self) -> bytes:
        """See PartnerPort."""
        method, request = f"{PARTNER.service}/GetTrustBundle", pb.GetTrustBundleRequest()
        told = await called(self.transport, method, request, pb.GetTrustBundleResponse, self.budget_seconds)
        return told.bundle.SerializeToString()

    async def tell(self, told: ToTell) -> int:
        """See PartnerPort."""
        notices = [write_notice(each) for each in told.notices]
        method = f"{PARTNER.service}/TellUnavailability"
        request = pb.TellUnavailabilityRequest(revision=told.revision, notices=notices)
        answer = await called(self.transport, method, request, pb.TellUnavailabilityResponse, self.budget_seconds)
        return answer.revision
