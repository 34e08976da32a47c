"""Whether there is anybody to talk to, found out before work begins: later outages are ridden out, this one is not."""

import time

from google.rpc.code_pb2 import Code
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from tongguan.failures import Failure, Unavailable
from tongguan.session import Session

PAUSE_SECONDS = 0.2
_METHOD = "/grpc.health.v1.Health/Check"


def require_gateway(session: Session, seconds: float) -> None:
    """Raises Unavailable when the gateway does not answer within so many seconds; any answer will do."""
    peer = session.peer("gateway", "broker")
    end = time.monotonic() + seconds
    while True:
        try:
            peer.call(_METHOD, HealthCheckRequest(), HealthCheckResponse, 1.0)
        except Unavailable:
            if time.monotonic() > end:
                raise
            time.sleep(PAUSE_SECONDS)
        except Failure as failure:
            # It answers, though it does not tell its health to us: what we came for may still be ours to ask.
            if failure.status is None or failure.status.code == Code.UNAUTHENTICATED:
                raise
            return
        else:
            return
