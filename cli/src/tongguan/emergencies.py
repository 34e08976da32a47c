"""Emergencies, by one identity."""

from collections.abc import Sequence
from uuid import uuid4

from clearance.gateway.v1 import emergency_service_pb2 as pb
from tongguan.channels import Peer

_SERVICE = "/clearance.gateway.v1.EmergencyService/"


class Emergencies:
    """EmergencyService."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def plan(self) -> pb.EmergencyPlan:
        """The plan in force."""
        request, answer = pb.DescribeEmergencyPlanRequest(), pb.DescribeEmergencyPlanResponse
        return self._peer.call(f"{_SERVICE}DescribeEmergencyPlan", request, answer).plan

    def list(self) -> Sequence[pb.Emergency]:
        """The newest first."""
        request = pb.ListEmergenciesRequest()
        return self._peer.call(f"{_SERVICE}ListEmergencies", request, pb.ListEmergenciesResponse).emergencies

    def declare(self, measure: str, reason: str) -> pb.Emergency:
        """Proposes it, or declares it where another officer has proposed it."""
        request = pb.DeclareEmergencyRequest(request_id=str(uuid4()), measure_id=measure, reason=reason)
        return self._peer.call(f"{_SERVICE}DeclareEmergency", request, pb.DeclareEmergencyResponse).emergency

    def end(self, number: str, reason: str) -> pb.Emergency:
        """Proposes to end it, or ends it where another officer has proposed that."""
        request = pb.EndEmergencyRequest(request_id=str(uuid4()), number=number, reason=reason)
        return self._peer.call(f"{_SERVICE}EndEmergency", request, pb.EndEmergencyResponse).emergency

    def withdraw(self, number: str) -> pb.Emergency:
        """Takes back what is proposed of it."""
        request = pb.WithdrawEmergencyRequest(request_id=str(uuid4()), number=number)
        return self._peer.call(f"{_SERVICE}WithdrawEmergency", request, pb.WithdrawEmergencyResponse).emergency
