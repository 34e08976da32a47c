"""ExaminationService: the scanner's queue, as officers see it. Results are WorkService's."""

from agencykit.agency import AgencyParts
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from clearance.customs.v1 import examination_service_pb2 as pb
from customs.domain.queue import Place, places
from customs.domain.reference import Reference
from customs.rpc.consignments import read_bytes
from customs.storage.queue import waiting

CALLERS = ("operator/*",)
PAGE = 100


class ExaminationServicer:
    """Only reads."""

    def __init__(self, parts: AgencyParts, reference: Reference) -> None:
        self._database, self._clock = parts.database, parts.runtime.clock
        self._examining = reference.examining

    async def ListScannerQueue(self, request: pb.ListScannerQueueRequest, call: Call) -> pb.ListScannerQueueResponse:
        queue = await self._database.read(waiting, read_bytes)
        now = self._clock.now()
        ordered = places(queue, self._examining, now)
        answer = pb.ListScannerQueueResponse(
            places=[_message(each) for each in ordered[: request.limit or PAGE]],
            clearances=len(ordered),
            containers=sum(len(each.container_numbers) for each in queue),
            images_per_hour=self._examining.images_per_hour,
            longest_wait_seconds=max((int((now - each.since).total_seconds()) for each in queue), default=0),
        )
        return answer


def _message(place: Place) -> pb.QueuePlace:
    one = place.waiting
    message = pb.QueuePlace(
        position=place.position,
        work_id=one.work_id,
        clearance_number=one.clearance_number,
        container_numbers=one.container_numbers,
        taken=one.taken,
        containers_ahead=place.ahead,
    )
    message.since_time.FromDatetime(one.since)
    message.expected_time.FromDatetime(place.expected)
    return message


def examination_service(parts: AgencyParts, reference: Reference) -> Service:
    """The service with its default callers."""
    servicer = ExaminationServicer(parts, reference)
    return Service(servicer, pb.DESCRIPTOR.services_by_name["ExaminationService"], CALLERS)
