"""Releases by hand, by one identity."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

from clearance.gateway.v1 import manual_release_service_pb2 as pb
from tongguan.channels import Peer
from tongguan.clearances import request_id

_SERVICE = "/clearance.gateway.v1.ManualReleaseService/"


class ManualReleases:
    """ManualReleaseService."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def list(self, number: str = "", emergency: str = "") -> Iterator[pb.ManualRelease]:
        """Of one clearance, of one emergency, or all that are not reconciled."""
        request = pb.ListManualReleasesRequest(number=number, emergency_number=emergency)
        yield from self._peer.pages(f"{_SERVICE}ListManualReleases", request, pb.ListManualReleasesResponse, "releases")

    def table(self) -> pb.ManualReleaseTable:
        """The published table."""
        request = pb.DescribeManualReleasesRequest()
        return self._peer.call(f"{_SERVICE}DescribeManualReleases", request, pb.DescribeManualReleasesResponse).table

    def order(self, number: str, said: Mapping[str, Any]) -> pb.ManualRelease:
        """Proposes it, or orders it where another officer has; repeated before anything has changed, it is one act."""
        ended = sum(each.state != pb.ManualRelease.STATE_PROPOSED for each in self.list(number))
        request = pb.OrderManualReleaseRequest(number=number, **said)
        act = request_id("manual release", number, ended, request.SerializeToString(deterministic=True).hex())
        request.request_id = act
        return self._peer.call(f"{_SERVICE}OrderManualRelease", request, pb.OrderManualReleaseResponse).release

    def withdraw(self, number: str, reason: str) -> pb.ManualRelease:
        """Takes back what was proposed or ordered."""
        request = pb.WithdrawManualReleaseRequest(request_id=str(uuid4()), number=number, reason=reason)
        return self._peer.call(f"{_SERVICE}WithdrawManualRelease", request, pb.WithdrawManualReleaseResponse).release

    def settle(self, number: str, reason: str) -> pb.ManualRelease:
        """Records how a conflict was settled."""
        request = pb.SettleManualReleaseRequest(request_id=str(uuid4()), number=number, reason=reason)
        return self._peer.call(f"{_SERVICE}SettleManualRelease", request, pb.SettleManualReleaseResponse).release
