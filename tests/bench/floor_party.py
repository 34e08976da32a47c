"""An empty agency, or an empty gateway over the agencies named: no TLS, no database, no traces.

`python floor_party.py PORT [AGENCY_PORT …]`
"""

import asyncio
import sys
from typing import Any

import floor_pb2 as messages
import floor_pb2_grpc as rpc
import grpc


class Agency(rpc.AgencyServicer):  # type: ignore[misc]
    async def Ask(self, request: Any, context: Any) -> Any:
        return messages.Answer(id=request.id, verdict=1)

    async def AskMany(self, request: Any, context: Any) -> Any:
        return messages.Answers(answers=[messages.Answer(id=one.id, verdict=1) for one in request.questions])


class Gateway(rpc.GatewayServicer):  # type: ignore[misc]
    def __init__(self, ports: list[str]) -> None:
        self.agencies = [rpc.AgencyStub(grpc.aio.insecure_channel(f"127.0.0.1:{port}")) for port in ports]

    async def Clear(self, request: Any, context: Any) -> Any:
        answers = await asyncio.gather(*[agency.Ask(request, timeout=5) for agency in self.agencies])
        return messages.Answer(id=request.id, verdict=min(answer.verdict for answer in answers))

    async def ClearMany(self, request: Any, context: Any) -> Any:
        replies = await asyncio.gather(*[agency.AskMany(request, timeout=5) for agency in self.agencies])
        together = zip(*[reply.answers for reply in replies], strict=True)
        return messages.Answers(
            answers=[messages.Answer(id=row[0].id, verdict=min(a.verdict for a in row)) for row in together]
        )


async def serve(port: str, agency_ports: list[str]) -> None:
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    if agency_ports:
        rpc.add_GatewayServicer_to_server(Gateway(agency_ports), server)
    else:
        rpc.add_AgencyServicer_to_server(Agency(), server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


asyncio.run(serve(sys.argv[1], sys.argv[2:]))
