"""Records of what partners have confirmed, over the own customs' GuaranteeService."""

from collections.abc import Sequence
from dataclasses import dataclass

from agencykit.rpc.transport import Transport
from clearance.customs.v1 import guarantee_service_pb2 as pb
from gateway.domain.guarantee import GuaranteeRelease
from gateway.operations.ports import CallFailed
from gateway.rpc.answers import item_error
from gateway.rpc.guarantee_ledger import CUSTOMS, called, use_key


@dataclass(frozen=True, slots=True)
class TransportCovers:
    """See CoversPort."""

    transport: Transport
    budget_seconds: float

    async def record(self, releases: Sequence[GuaranteeRelease]) -> Sequence[str]:
        """See CoversPort."""
        request = pb.RecordOutsideCoversRequest()
        for each in releases:
            cover = request.covers.add(key=use_key(each), home_district=each.home, grns=each.grns)
            cover.amount.currency_code, cover.amount.minor_units = each.terms.currency_code, each.terms.units
        method = f"{CUSTOMS.service}/RecordOutsideCovers"
        response = await called(self.transport, method, request, pb.RecordOutsideCoversResponse, self.budget_seconds)
        if len(response.answers) != len(releases):
            raise CallFailed("GARBLED")
        return [_refusal(each) for each in response.answers]

    async def end(self, releases: Sequence[GuaranteeRelease]) -> None:
        """See CoversPort."""
        request = pb.EndOutsideCoversRequest(keys=[use_key(each) for each in releases])
        method = f"{CUSTOMS.service}/EndOutsideCovers"
        response = await called(self.transport, method, request, pb.EndOutsideCoversResponse, self.budget_seconds)
        if len(response.answers) != len(releases):
            raise CallFailed("GARBLED")
        for each in response.answers:
            if refusal := _refusal(each):
                raise CallFailed(refusal)


def _refusal(answer: pb.OutsideCoverAnswer) -> str:
    """Empty where it stands, or is ended as asked. Raises CallFailed where another time may bring another answer."""
    if answer.HasField("cover"):
        return ""
    refused = item_error(answer.error)
    if refused.transient:
        raise CallFailed(refused.reason)
    return refused.reason
