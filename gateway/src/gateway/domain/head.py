"""Where a log ended: what the gateway countersigns."""

from enum import IntEnum
from typing import NamedTuple


class LogKind(IntEnum):
    """Numbers of clearance.common.v1.LogHead.Kind."""

    DECISIONS = 1
    AUDIT = 2


class LogHead(NamedTuple):
    """`log` is `customs/1` of decisions, `customs` or `gateway` of an audit; of others `hangzhou:gateway/1`."""

    kind: int
    log: str
    sequence: int
    head: bytes

    @property
    def place(self) -> tuple[str, int]:
        """Where it stands; one place has one head, unless somebody forked the log."""
        return self.log, self.sequence


def is_own(head: LogHead) -> bool:
    """Whether the log is of this district: of others' the newest is not followed, which their own gateways do."""
    return ":" not in head.log


def is_of(agency: str, told: LogHead) -> bool:
    """Whether an agency may tell this head: of its own logs, and well formed."""
    log = told.log
    own = log == agency if told.kind == LogKind.AUDIT else log.startswith(f"{agency}/") and len(log) <= 64
    known = told.kind in (LogKind.AUDIT, LogKind.DECISIONS)
    return known and own and told.sequence > 0 and len(told.head) == 32
