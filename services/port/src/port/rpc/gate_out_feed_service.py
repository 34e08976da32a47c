"""GateOutFeedService: what left the port, for the gateway, which ends clearances by it."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from sqlalchemy import Connection

from agencykit.decisions.followers import Followers
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from clearance.port.v1 import gate_out_feed_service_pb2 as pb
from port.operations.gate import LIST
from port.rpc.messages import gate_out_message
from port.storage.releases import GateOut, exits_after

CALLERS = ("gateway", "operator/*")
PAGE = 256


class GateOutFeedServicer:
    """One list, read by anybody from anywhere in it."""

    def __init__(self, gate_outs: Followers) -> None:
        self._gate_outs = gate_outs

    async def FollowGateOuts(
        self, request: pb.FollowGateOutsRequest, call: Call
    ) -> AsyncGenerator[pb.FollowGateOutsResponse, None]:
        await self._gate_outs.check(LIST, request.position)
        async with aclosing(self._gate_outs.pages(_after, request.position, call)) as pages:
            async for exits, position in pages:
                gate_outs = [gate_out_message(each) for each in exits]
                yield pb.FollowGateOutsResponse(gate_outs=gate_outs, position=position)


def _after(connection: Connection, position: int) -> tuple[Sequence[GateOut], int, bool]:
    exits = exits_after(connection, position, PAGE)
    return exits, exits[-1].position if exits else position, len(exits) == PAGE


def gate_out_feed_service(gate_outs: Followers) -> Service:
    """The service with its default callers."""
    descriptor = pb.DESCRIPTOR.services_by_name["GateOutFeedService"]
    return Service(GateOutFeedServicer(gate_outs), descriptor, CALLERS)
