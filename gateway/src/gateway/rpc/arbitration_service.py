"""ArbitrationService: agencies learn what binds them (仲裁), and receipt it."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from agencykit.rpc.call import Call
from agencykit.storage import Database
from clearance.gateway.v1 import complaint_service_pb2 as pb
from gateway.domain.arbitration import Arbitration
from gateway.domain.bulletin import PORT_OFFICE
from gateway.operations.arbitrations import followed_arbitrations, receipt
from gateway.operations.context import Context
from gateway.rpc.acting import Acting
from gateway.rpc.complaint_messages import arbitration_message
from gateway.rpc.following import Following
from gateway.rpc.sight import is_person


@dataclass(frozen=True, slots=True)
class ArbitrationServicer:
    """Answers agencies' officers and the port office's, and agencies themselves by their own certificates."""

    database: Database
    context: Callable[[], Context]
    # Identity of an agency -> its name.
    agencies: dict[str, str]
    acting: Acting
    following: Following

    async def FollowArbitrations(
        self, request: pb.FollowArbitrationsRequest, call: Call
    ) -> AsyncIterator[pb.FollowArbitrationsResponse]:
        """What was decided, and is from now on; what binds others is passed over."""
        party = self._party(call)

        async def read(position: int) -> list[Arbitration]:
            return await self.database.read(followed_arbitrations, position)

        async for found, position in self.following.looks(call, read, request.position, _end):
            own = [each for each in found if party in (PORT_OFFICE, *each.bound)]
            told = [arbitration_message(each, to_officer=True) for each in own]
            yield pb.FollowArbitrationsResponse(arbitrations=told, position=position)

    async def ReceiptArbitration(
        self, request: pb.ReceiptArbitrationRequest, call: Call
    ) -> pb.ReceiptArbitrationResponse:
        """Receipted for the agency whom the caller acts for, or is."""
        about = (request.number, self._party(call), str(call.identity))
        made = await self.database.write(receipt, *about, self.context())
        return pb.ReceiptArbitrationResponse(arbitration=arbitration_message(made, to_officer=True))

    def _party(self, call: Call) -> str:
        if is_person(call):
            return self.acting.party(call)
        return self.agencies[str(call.identity)]


def _end(found: Sequence[Arbitration]) -> int | None:
    return found[-1].position if found else None
