"""Calls go round replicas that do not answer, and trouble is not multiplied."""

from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from tongguan import channels
from tongguan.endpoints import Credentials
from tongguan.failures import Unavailable


class Away(grpc.RpcError):
    """Nobody listens there."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNAVAILABLE

    def details(self) -> str:
        return "connection refused"

    def trailing_metadata(self) -> tuple[()]:
        return ()


class Silent:
    """A channel to a replica that nobody reaches."""

    def __init__(self) -> None:
        self.calls = 0

    def unary_unary(self, *_method: Any) -> Any:
        def call(_request: Any, timeout: float) -> None:
            self.calls += 1
            raise Away

        return call


def test_replicas_that_are_all_away_get_three_attempts_a_call_and_a_tenth_more_calls_in_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replicas = [Silent() for _ in range(4)]
    waiting = iter(replicas)
    monkeypatch.setattr(channels, "connect", lambda _address, _credentials: next(waiting))
    here = str(Path(__file__))
    peer = channels.Peer("gateway", "a:1,b:1,c:1,d:1", Credentials(here, here, here))

    def asked(calls: int) -> int:
        before = sum(replica.calls for replica in replicas)
        for _ in range(calls):
            with pytest.raises(Unavailable):
                peer.call("/grpc.health.v1.Health/Check", HealthCheckRequest(), HealthCheckResponse)
        return sum(replica.calls for replica in replicas) - before

    assert asked(1) == channels.ATTEMPTS == 3
    assert asked(499) <= 550 + channels.SPARED
