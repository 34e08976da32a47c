"""Cases of other districts: a number tells whose it is, and that district's gateway is asked, for the caller's role."""

from collections.abc import Mapping
from dataclasses import dataclass

from google.protobuf.message import Message

from agencykit.identity import Identity
from agencykit.refusals import NotFound, PartnerUnavailable, Refusal
from agencykit.rpc.transport import Response, Transport, Unreachable
from clearance.district.v1 import district_service_pb2 as pb
from clearance.gateway.v1.clearance_pb2 import Clearance
from clearance.gateway.v1.transit_service_pb2 import Movement
from gateway.domain.transit.numbers import is_mrn
from gateway.domain.transit.offices import Offices
from gateway.rpc.guarantee_ledger import PARTNER
from gateway.rpc.shown_cases import as_clearance
from gateway.rpc.shown_movements import as_movement

_CODE_LENGTH = 4


@dataclass(frozen=True, slots=True)
class OutsideCases:
    """`districts` are partners by the code with which their numbers begin, `officers` agencies by the path of who acts
    for them (`operator/officer-customs`).
    """

    districts: Mapping[str, str]
    offices: Offices
    ways: Mapping[str, Transport]
    officers: Mapping[str, str]
    budget_seconds: float

    def district_of(self, number: str) -> str:
        """The partner whose clearance it is; empty where it is none's."""
        return self.districts.get(number[:_CODE_LENGTH], "")

    def departure_of(self, mrn: str) -> str:
        """The partner where a movement began; empty where it is none's."""
        district = (self.offices.district_of_number(mrn) or "") if is_mrn(mrn) else ""
        return district if district in self.ways else ""

    async def get(self, number: str, asker: Identity, seconds: float) -> Clearance:
        """As far as that district shows it to the asker's role. NotFound, or PartnerUnavailable, which names it."""
        district, request = self.district_of(number), pb.QueryClearanceRequest(number=number, role=self._role(asker))
        told = await self._asked(district, "Clearance", request, pb.QueryClearanceResponse, number, seconds)
        if told.clearance.number not in ("", number):
            raise PartnerUnavailable(district)
        return as_clearance(told.clearance, number, district)

    async def movement(self, mrn: str, asker: Identity, seconds: float) -> Movement:
        """Likewise."""
        district, request = self.departure_of(mrn), pb.QueryMovementRequest(mrn=mrn, role=self._role(asker))
        told = await self._asked(district, "Movement", request, pb.QueryMovementResponse, mrn, seconds)
        if told.movement.mrn not in ("", mrn):
            raise PartnerUnavailable(district)
        return as_movement(told.movement, mrn, district)

    def _role(self, asker: Identity) -> str:
        return self.officers.get(asker.path, asker.role)

    async def _asked(
        self, district: str, what: str, request: Message, answer: type[Response], number: str, seconds: float
    ) -> Response:
        method, budget = f"{PARTNER.service}/Query{what}", min(seconds, self.budget_seconds)
        try:
            return await self.ways[district].unary(method, request, answer, timeout_seconds=budget)
        except NotFound:
            raise NotFound(what.lower(), number) from None
        except (Refusal, Unreachable) as error:
            raise PartnerUnavailable(district) from error
