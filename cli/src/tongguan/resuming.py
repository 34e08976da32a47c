"""Streams that a service ends now and then, and that go on where they ended."""

import time
from collections.abc import Iterator
from typing import TypeVar

from google.protobuf.message import Message
from google.rpc.code_pb2 import Code

from tongguan.channels import Peer
from tongguan.failures import Unavailable

STREAM_SECONDS = 25.0  # no longer than a service keeps a stream
PATIENCE_SECONDS = 30.0
PAUSE_SECONDS = 0.5

Response = TypeVar("Response", bound=Message)


def resumed(
    peer: Peer, method: str, request: Message, response: type[Response], place: str, seconds: float
) -> Iterator[Response]:
    """Answers of a server stream for so many seconds (0 means for ever).

    `place` is the field that every answer carries and the next request takes up. An outage is ridden out for
    `PATIENCE_SECONDS`.
    """
    end = time.monotonic() + seconds if seconds else float("inf")
    heard = time.monotonic()
    while (left := end - time.monotonic()) > 0:
        begun = time.monotonic()
        try:
            for answer in peer.stream(method, request, response, min(left, STREAM_SECONDS)):
                heard = time.monotonic()
                setattr(request, place, getattr(answer, place))
                yield answer
            if time.monotonic() - begun < PAUSE_SECONDS:  # a service that is about to stop ends streams at once
                time.sleep(PAUSE_SECONDS)
        except Unavailable as failure:
            late = failure.status is not None and failure.status.code == Code.DEADLINE_EXCEEDED
            if not late and time.monotonic() - heard > PATIENCE_SECONDS:
                raise
            time.sleep(0 if late else PAUSE_SECONDS)
