"""How one party calls another, whether over a socket or in process."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol, TypeVar

import grpc
from google.protobuf.message import Message
from opentelemetry.trace import SpanContext

from agencykit.refusals import Refusal

__all__ = ["Refusal", "Request", "SpanContext", "Transport", "Unreachable", "Written"]

Response = TypeVar("Response", bound=Message)


class Unreachable(Exception):
    """The peer gave no answer of the contract: it is away, late, cut off, or talks garbage. The outcome is unknown.

    `code` is the gRPC code seen; `detail` says more and is for the log only.
    """

    def __init__(self, code: grpc.StatusCode, detail: str) -> None:
        super().__init__(f"{code.name}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Written:
    """A request or an answer that stands in wire form already, put together from parts that were written before."""

    content: bytes

    def SerializeToString(self) -> bytes:
        """As a message does it."""
        return self.content


Request = Message | Written


class Transport(Protocol):
    """One peer. `method` is `/package.Service/Method`; both kinds of call raise a Refusal or Unreachable.

    A Refusal says that the peer understood and refused. Where `refusal.transient` is true, nothing was decided and the
    same request may be sent again.
    """

    async def unary(
        self,
        method: str,
        request: Request,
        response_type: type[Response],
        *,
        timeout_seconds: float,
        trace: SpanContext | None = None,
    ) -> Response:
        """Calls and returns the answer. `trace` is the caller's span, under which the call's own span stands."""
        ...

    def stream(
        self,
        method: str,
        request: Request,
        response_type: type[Response],
        *,
        timeout_seconds: float,
        trace: SpanContext | None = None,
    ) -> AsyncGenerator[Response, None]:
        """Calls and yields the answers; ends when the server ends the stream. Close it (`aclosing`) to cancel."""
        ...

    async def close(self) -> None:
        """Ends the connection; calls under way fail with Unreachable."""
        ...
