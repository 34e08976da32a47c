"""Customs' scanner queue, asked for and in words."""

from collections.abc import Sequence

from rich.console import RenderableType

from clearance.customs.v1 import examination_service_pb2 as service
from tongguan.channels import Peer
from tongguan.report.names import clock
from tongguan.report.tables import table

_METHOD = "/clearance.customs.v1.ExaminationService/ListScannerQueue"


def scanner_queue(peer: Peer, limit: int) -> service.ListScannerQueueResponse:
    """The head of the queue, and how long the whole is."""
    return peer.call(_METHOD, service.ListScannerQueueRequest(limit=limit), service.ListScannerQueueResponse)


def queue_lines(queue: service.ListScannerQueueResponse) -> Sequence[RenderableType]:
    """A table of places and a line about the whole."""
    if not queue.clearances:
        return ("nobody waits for the scanner",)
    made = table("", "place", "clearance", "containers", "waits since", "about", "state", "work")
    for one in queue.places:
        state = "TAKEN" if one.taken else "OPEN"
        containers = ", ".join(one.container_numbers)
        times = clock(one.since_time), clock(one.expected_time)
        made.add_row(str(one.position), one.clearance_number, containers, *times, state, one.work_id)
    minutes = queue.longest_wait_seconds // 60
    whole = (
        f"{queue.clearances} clearances with {queue.containers} containers wait, the longest {minutes} minutes; "
        f"{queue.images_per_hour} images an hour"
    )
    return (made, whole)
