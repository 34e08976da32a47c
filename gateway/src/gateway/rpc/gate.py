"""The port's gate over its own service: what left, in the port's order."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from agencykit.rpc.transport import Transport
from agencykit.runtime import Clock
from clearance.port.v1.gate_out_feed_service_pb2 import FollowGateOutsRequest, FollowGateOutsResponse
from clearance.port.v1.release_pb2 import GateOut
from gateway.domain.exit import Exit
from gateway.operations.ports import ExitPart
from gateway.rpc.streams import stream_parts
from gateway.rpc.times import micros

METHOD = "/clearance.port.v1.GateOutFeedService/FollowGateOuts"


@dataclass(frozen=True, slots=True)
class TransportGate:
    """See GatePort."""

    transport: Transport
    clock: Clock

    async def exits(self, position: int) -> AsyncGenerator[ExitPart, None]:
        """See GatePort."""
        request = FollowGateOutsRequest(position=position)
        stream = stream_parts(self.transport, self.clock, METHOD, request, FollowGateOutsResponse)
        async with aclosing(stream) as parts:
            async for part in parts:
                yield ExitPart([_exit(left) for left in part.gate_outs], part.position)


def _exit(left: GateOut) -> Exit:
    return Exit(
        number=left.clearance_number,
        position=left.position,
        version=left.version,
        order_number=left.order_number,
        container=left.container_number,
        way=int(left.way),
        exit_time=micros(left.exit_time),
        last=left.last,
    )
