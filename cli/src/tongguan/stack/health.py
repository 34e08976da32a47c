"""Whether a service answers as healthy, by gRPC's own health protocol over mutual TLS."""

import time
from collections.abc import Callable

from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from tongguan.channels import Peer
from tongguan.endpoints import Credentials
from tongguan.failures import Failure

ASK_SECONDS = 1.0
PAUSE_SECONDS = 0.1
_METHOD = "/grpc.health.v1.Health/Check"


def healthy(peer: Peer, seconds: float = ASK_SECONDS) -> bool:
    """Asks once."""
    try:
        answer = peer.call(_METHOD, HealthCheckRequest(), HealthCheckResponse, seconds)
    except Failure:  # not up, not yet, or not for us: in each case not healthy as far as can be seen
        return False
    return bool(answer.status == HealthCheckResponse.SERVING)


def wait_until_healthy(
    address: str, credentials: Credentials, seconds: float, still: Callable[[], bool] = lambda: True
) -> bool:
    """Asks until it is healthy, the time is over, or `still` says that waiting is of no use."""
    deadline = time.monotonic() + seconds
    peer = Peer("service", address, credentials)
    try:
        while still():
            if healthy(peer):
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(PAUSE_SECONDS)
        return False
    finally:
        peer.close()
