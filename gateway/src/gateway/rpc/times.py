"""Timestamps as microseconds since 1970."""

from google.protobuf.timestamp_pb2 import Timestamp


def timestamp(micros: int) -> Timestamp:
    """The message of so many microseconds since 1970."""
    seconds, rest = divmod(micros, 1_000_000)
    return Timestamp(seconds=seconds, nanos=rest * 1000)


def micros(stamp: Timestamp) -> int:
    """Microseconds since 1970; finer parts are cut off."""
    return int(stamp.seconds) * 1_000_000 + stamp.nanos // 1000
