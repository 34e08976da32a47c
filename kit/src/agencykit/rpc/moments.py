"""Looks whether the times of a message are within the calendar, years 1 to 9999, as Timestamp itself demands.

No rule of the contract says it and protovalidate does not look; a time beyond could neither be computed with nor kept.
"""

from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from agencykit.refusals import Violation
from agencykit.rpc.text import leaves

_FIRST, _END = -62_135_596_800, 253_402_300_800


def moment_violations(message: Message) -> list[Violation]:
    """Every time that no calendar has."""
    return [
        Violation(path, "timestamp.range", "is not a time of the years 1 to 9999", "message")
        for path, value in leaves(message)
        if isinstance(value, Timestamp) and not in_calendar(value, [], [])
    ]


def in_calendar(message: Any, ascii_texts: list[str], texts: list[str]) -> bool:
    """The quick look (see quick_form) of Timestamp."""
    seconds: int = message.seconds
    nanos: int = message.nanos
    return _FIRST <= seconds < _END and 0 <= nanos < 1_000_000_000
