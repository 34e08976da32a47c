"""One call on its way through the layers, and what a layer is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agencykit.identity import Identity
from agencykit.rpc.call import Call
from agencykit.rpc.peer import Peer
from agencykit.rpc.service import Method
from agencykit.telemetry.rpc_span import RpcSpan


class DeadlinePassed(Exception):
    """The deadline passed while the handler worked. What it began may have been committed: the outcome is unknown."""


@dataclass(slots=True)
class Exchange:
    """What came, and what the layers make of it in turn."""

    method: Method
    request_bytes: bytes
    peer: Peer
    # As the caller set it; None where it set none.
    timeout_seconds: float | None
    metadata: Mapping[str, str]
    span: RpcSpan | None = None
    identity: Identity | None = None
    # Monotonic seconds.
    deadline: float = 0.0
    request: Any = None
    call: Call | None = None
    # How many layers it has entered.
    entered: int = 0
    # What it takes of the room, and since when (monotonic seconds).
    items: int = 1
    admitted: float = 0.0
    # How long a fault switch holds the call up.
    delay_seconds: float = 0.0


class Layer:
    """One named concern. `enter` goes inwards and may refuse; `leave` goes outwards and sees how it ended.

    `leave` is called exactly once for each layer whose `enter` returned, the innermost first, with the error so far.
    """

    name = ""

    def enter(self, exchange: Exchange) -> None:
        """Looks at the call, adds to it, or raises a Refusal."""

    def leave(self, exchange: Exchange, error: BaseException | None) -> BaseException | None:
        """Returns the error that goes on outwards."""
        return error
