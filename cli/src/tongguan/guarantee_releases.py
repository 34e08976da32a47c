"""Release on guarantee, by one identity."""

from collections.abc import Iterable, Sequence
from uuid import uuid4

from clearance.gateway.v1 import guarantee_release_service_pb2 as pb
from tongguan.channels import Peer
from tongguan.clearances import request_id

_SERVICE = "/clearance.gateway.v1.GuaranteeReleaseService/"


class GuaranteeReleases:
    """GuaranteeReleaseService."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def list(self, number: str) -> Sequence[pb.GuaranteeRelease]:
        """Those of one clearance, by generation."""
        request = pb.ListGuaranteeReleasesRequest(number=number)
        return self._peer.call(f"{_SERVICE}ListGuaranteeReleases", request, pb.ListGuaranteeReleasesResponse).releases

    def request(self, number: str, named: Iterable[tuple[str, str]]) -> pb.GuaranteeRelease:
        """Asks with these guarantees (GRN, access code); repeated, it resumes what an outage interrupted."""
        guarantees = [pb.NamedGuarantee(grn=grn, access_code=code) for grn, code in named]
        under_way = (pb.GuaranteeRelease.STATE_ASKED, pb.GuaranteeRelease.STATE_HELD)
        settled = sum(each.state not in under_way for each in self.list(number))
        act = request_id("guarantee release", number, settled, *(each.grn for each in guarantees))
        request = pb.RequestGuaranteeReleaseRequest(request_id=act, number=number, guarantees=guarantees)
        answer = self._peer.call(f"{_SERVICE}RequestGuaranteeRelease", request, pb.RequestGuaranteeReleaseResponse)
        return answer.release

    def cancel(self, number: str) -> pb.GuaranteeRelease:
        """Takes the newest back that can be."""
        request = pb.CancelGuaranteeReleaseRequest(request_id=str(uuid4()), number=number)
        answer = self._peer.call(f"{_SERVICE}CancelGuaranteeRelease", request, pb.CancelGuaranteeReleaseResponse)
        return answer.release

    def claim(self, number: str, reason: str) -> pb.GuaranteeRelease:
        """Proposes to claim the newest that is confirmed, or claims it where another officer has proposed it."""
        request = pb.ClaimGuaranteeReleaseRequest(request_id=str(uuid4()), number=number, reason=reason)
        answer = self._peer.call(f"{_SERVICE}ClaimGuaranteeRelease", request, pb.ClaimGuaranteeReleaseResponse)
        return answer.release

    def withdraw_claim(self, number: str) -> pb.GuaranteeRelease:
        """Takes back what was proposed."""
        request = pb.WithdrawGuaranteeClaimRequest(request_id=str(uuid4()), number=number)
        answer = self._peer.call(f"{_SERVICE}WithdrawGuaranteeClaim", request, pb.WithdrawGuaranteeClaimResponse)
        return answer.release
