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


# What health tells of a service that answers and cannot do all -> how `status` has it.
CONDITIONS = {
    "tongguan.terms": "its clock is wrong: terms stand still",
    "tongguan.records": "held as an old copy",
}


def troubles(address: str, credentials: Credentials) -> list[str]:
    """What does not hold of one that serves. One that is older than the question has none."""
    peer = Peer("service", address, credentials)
    try:
        return [said for name, said in CONDITIONS.items() if _fails(peer, name)]
    finally:
        peer.close()


def _fails(peer: Peer, condition: str) -> bool:
    try:
        answer = peer.call(_METHOD, HealthCheckRequest(service=condition), HealthCheckResponse, ASK_SECONDS)
    except Failure:
        return False
    return bool(answer.status == HealthCheckResponse.NOT_SERVING)


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
