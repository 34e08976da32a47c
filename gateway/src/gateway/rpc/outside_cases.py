"""Cases of other districts: a number tells whose it is, and that district's gateway is asked, for the caller's role."""

from collections.abc import Mapping
from dataclasses import dataclass

from agencykit.identity import Identity
from agencykit.refusals import NotFound, PartnerUnavailable, Refusal
from agencykit.rpc.transport import Transport, Unreachable
from clearance.district.v1 import district_service_pb2 as pb
from clearance.gateway.v1.clearance_pb2 import Clearance
from gateway.rpc.guarantee_ledger import PARTNER
from gateway.rpc.shown_cases import as_clearance

_CODE_LENGTH = 4


@dataclass(frozen=True, slots=True)
class OutsideCases:
    """`districts` are partners by the code with which their numbers begin, `officers` agencies by the path of who acts
    for them (`operator/officer-customs`).
    """

    districts: Mapping[str, str]
    ways: Mapping[str, Transport]
    officers: Mapping[str, str]
    budget_seconds: float

    def district_of(self, number: str) -> str:
        """The partner whose case it is; empty where it is none's."""
        return self.districts.get(number[:_CODE_LENGTH], "")

    async def get(self, number: str, asker: Identity, seconds: float) -> Clearance:
        """As far as that district shows it to the asker's role. NotFound, or PartnerUnavailable, which names it."""
        district = self.district_of(number)
        request = pb.QueryClearanceRequest(number=number, role=self.officers.get(asker.path, asker.role))
        method, answer = f"{PARTNER.service}/QueryClearance", pb.QueryClearanceResponse
        try:
            budget = min(seconds, self.budget_seconds)
            told = await self.ways[district].unary(method, request, answer, timeout_seconds=budget)
        except NotFound:
            raise NotFound("clearance", number) from None
        except (Refusal, Unreachable) as error:
            raise PartnerUnavailable(district) from error
        if told.clearance.number not in ("", number):
            raise PartnerUnavailable(district)
        return as_clearance(told.clearance, number, district)
