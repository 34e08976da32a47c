"""The scanner's queue in words."""

from clearance.customs.v1 import examination_service_pb2 as service
from tongguan.console import PlainConsole
from tongguan.scanner import queue_lines


def test_a_queue_tells_its_places_and_how_long_it_is() -> None:
    queue = service.ListScannerQueueResponse(clearances=7, containers=9, images_per_hour=20, longest_wait_seconds=4_320)
    queue.places.add(position=1, clearance_number="310420041122AAAA", container_numbers=["CSQU3054383"], taken=True)
    console = PlainConsole(width=160)
    with console.capture() as told:
        console.print(*queue_lines(queue))
    text = told.get()
    assert "310420041122AAAA" in text
    assert "TAKEN" in text
    assert "7 clearances with 9 containers wait, the longest 72 minutes; 20 images an hour" in text


def test_an_empty_queue_says_so() -> None:
    assert queue_lines(service.ListScannerQueueResponse()) == ("nobody waits for the scanner",)
