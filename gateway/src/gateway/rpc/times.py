"""Timestamps as microseconds since 1970."""

from functools import lru_cache

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp


@lru_cache(maxsize=4096)
def timestamp(micros: int) -> Timestamp:
    """The message of so many microseconds since 1970, to be copied: cases of one convoy share their moments."""
    seconds, rest = divmod(micros, 1_000_000)
    return Timestamp(seconds=seconds, nanos=rest * 1000)


def micros(stamp: Timestamp) -> int:
    """Microseconds since 1970; finer parts are cut off."""
    return int(stamp.seconds) * 1_000_000 + stamp.nanos // 1000


def set_duration(written: Duration, micros: int) -> None:
    """So many microseconds, which are not negative, into an empty message; nothing is written as such."""
    seconds, rest = divmod(micros, 1_000_000)
    written.SetInParent()
    written.seconds, written.nanos = seconds, rest * 1000
