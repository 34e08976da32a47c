"""The client side: one peer over mutual TLS, whose certificate must carry the identity expected of it.

No retries here: the gateway's durable queue is the one layer that sends again. Comments say which behaviour of gRPC
each option mends.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from opentelemetry.trace import SpanContext

from agencykit.certifying.terms import out_of_force
from agencykit.identity import Identity
from agencykit.refusals import DeadlineTooShort, Refusal
from agencykit.rpc.admittance import LEAST_SECONDS
from agencykit.rpc.boundary import outcome_of
from agencykit.rpc.certificates import TlsMaterial, belongs
from agencykit.rpc.trailer import refusal_of
from agencykit.rpc.transport import Request, Response, Unreachable
from agencykit.rpc.within import within
from agencykit.runtime import Clock
from agencykit.telemetry import Telemetry
from agencykit.telemetry.rpc_span import RpcSpan

_LOOK_SECONDS = 5.0
_CLOSE_SECONDS = 30.0
# So many calls in a row run into their deadline, and the connection they went out on is given up.
_SILENT_CALLS = 3
_CONNECT_MS = 5000  # as long as a server waits for the handshake


class GrpcTransport:
    """A connection to one party at `address` (`host:port`), which must prove to be `expected`.

    The connection is made with the first call, remade under a back-off of 0.2 to 3 s, and remade with new credentials
    when the own certificate or whoever vouches for the party has changed. An attempt may take 5 s, as at the server:
    parties may be far away, and busy. A connection that stands and on which nothing is answered any more, because
    something between has forgotten it, is given up after three calls; the keepalive would take 30 s to notice.
    """

    def __init__(
        self,
        address: str,
        files: TlsMaterial,
        expected: Identity,
        telemetry: Telemetry,
        clock: Clock,
        max_message_bytes: int = 32 * 2**20,
    ) -> None:
        self._address, self._files, self._expected = address, files, expected
        self._telemetry, self._clock = telemetry, clock
        self._options = _options(address, expected, max_message_bytes)
        self._channel: grpc.aio.Channel | None = None
        self._calls: dict[str, Any] = {}
        self._seen: Hashable = ()
        self._certificate = b""
        self._next_look = 0.0
        # Calls in a row that were not answered in time, on the present channel.
        self._unanswered = 0
        self._closing: set[asyncio.Task[None]] = set()

    async def unary(
        self,
        method: str,
        request: Request,
        response_type: type[Response],
        *,
        timeout_seconds: float,
        trace: SpanContext | None = None,
    ) -> Response:
        """See Transport."""
        with self._observed(method, trace) as span:
            timeout_seconds = within(timeout_seconds)
            check_timeout(timeout_seconds)
            call = self._call(method, streaming=False)
            metadata = trace_metadata(span)
            with self._listening():
                answer = await call(request.SerializeToString(), timeout=timeout_seconds, metadata=metadata)
            return parsed(answer, response_type)

    async def stream(
        self,
        method: str,
        request: Request,
        response_type: type[Response],
        *,
        timeout_seconds: float,
        trace: SpanContext | None = None,
    ) -> AsyncGenerator[Response, None]:
        """See Transport."""
        with self._observed(method, trace) as span:
            check_timeout(timeout_seconds)
            call = self._call(method, streaming=True)
            answers = call(request.SerializeToString(), timeout=timeout_seconds, metadata=trace_metadata(span))
            try:
                async for answer in answers:
                    yield parsed(answer, response_type)
            finally:
                # Left early, the call would else stay open until its deadline.
                answers.cancel()

    async def close(self) -> None:
        """See Transport."""
        for task in self._closing:
            task.cancel()
        if self._channel:
            channel, self._channel = self._channel, None
            await channel.close()

    @contextmanager
    def _observed(self, method: str, trace: SpanContext | None) -> Iterator[RpcSpan]:
        """One client span around the call, ended as it ended, and every error as a Refusal or Unreachable."""
        span = self._telemetry.rpc_span("client", method, trace)
        span.peer = (self._expected.role, str(self._expected))
        error: BaseException | None = None
        try:
            yield span
        except BaseException as raised:
            error = self._explained(translated(raised))
            if error is raised:
                raise
            raise error from raised
        finally:
            span.end(*outcome_of(error))

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Counts calls that nothing is heard of. A peer that refuses is heard; one that streams may be deaf all the
        same, so that streams say nothing here.
        """
        channel = self._channel
        try:
            yield
        except grpc.aio.AioRpcError as error:
            silent = error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
            if channel is self._channel:
                self._unanswered = self._unanswered + 1 if silent else 0
            raise
        if channel is self._channel:
            self._unanswered = 0

    def _given_up(self, channel: grpc.aio.Channel) -> bool:
        """Whether nothing is answered on a connection that stands. One that is still being made is waited for."""
        return self._unanswered >= _SILENT_CALLS and channel.get_state() is grpc.ChannelConnectivity.READY

    def _explained(self, error: BaseException) -> BaseException:
        """A peer that takes our certificate for none hangs up like one that is away. Ours we can look at."""
        if not isinstance(error, Unreachable) or not self._certificate:
            return error
        flaw = out_of_force(self._certificate, self._clock.now())
        return Unreachable(error.code, f"the own certificate {flaw}; {error.detail}") if flaw else error

    def _call(self, method: str, streaming: bool) -> Callable[..., Any]:
        """The channel's callable for a method, on a channel with the current credentials."""
        channel = self._channel
        if channel is None or self._clock.monotonic() >= self._next_look or self._given_up(channel):
            channel = self._renew(channel)
        call = self._calls.get(method)
        if call is None:
            call = channel.unary_stream(method) if streaming else channel.unary_unary(method)
            self._calls[method] = call
        return call

    def _renew(self, current: grpc.aio.Channel | None) -> grpc.aio.Channel:
        """A client channel cannot change its credentials: it is made anew, and the old one ends with its calls."""
        self._next_look = self._clock.monotonic() + _LOOK_SECONDS
        try:
            changed = self._files.changed()
            if current is not None and changed == self._seen and not self._given_up(current):
                return current
            ca, cert, key = self._files.read()
            if not belongs(cert, key):
                raise OSError("the own key is not the certificate's")
        except OSError as error:
            if current is not None:
                # Certificate and key are being replaced, one after the other: looked at again soon.
                return current
            raise Unreachable(grpc.StatusCode.UNAVAILABLE, f"own certificate cannot be read: {error}") from error
        if current is not None:
            task = asyncio.create_task(current.close(_CLOSE_SECONDS))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        credentials = grpc.ssl_channel_credentials(ca, key, cert)
        self._channel = grpc.aio.secure_channel(self._address, credentials, self._options)
        self._calls, self._seen, self._certificate, self._unanswered = {}, changed, cert, 0
        return self._channel


def _options(address: str, expected: Identity, max_message_bytes: int) -> list[tuple[str, int | str]]:
    return [
        # gRPC for Python shows a client nothing of the server's certificate, and compares only DNS names with the one
        # it expects. So the authority that vouches for the identity puts it into the certificate in this form too.
        ("grpc.ssl_target_name_override", expected.host_name),
        ("grpc.default_authority", address),
        # The default back-off reaches two minutes, long after the peer is back.
        ("grpc.initial_reconnect_backoff_ms", 200),
        ("grpc.max_reconnect_backoff_ms", 3000),
        # Despite its name no back-off: how long one attempt may take, from connecting to the end of the handshake.
        ("grpc.min_reconnect_backoff_ms", _CONNECT_MS),
        # A peer that is gone without a word is noticed in 30 s; more often, and servers answer "too many pings".
        ("grpc.keepalive_time_ms", 20_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.max_receive_message_length", max_message_bytes),
        ("grpc.max_send_message_length", -1),
        ("grpc.max_metadata_size", 8192),
        ("grpc.absolute_max_metadata_size", 16_384),
        # Channels to one address would else share a connection, also with other credentials' sessions.
        ("grpc.use_local_subchannel_pool", 1),
    ]


def check_timeout(timeout_seconds: float) -> None:
    """What cannot be finished is not sent."""
    if timeout_seconds < LEAST_SECONDS:
        raise DeadlineTooShort(max(round(timeout_seconds * 1000), 0))


def trace_metadata(span: RpcSpan) -> tuple[tuple[str, str], ...]:
    return (("traceparent", span.name.traceparent),)


def parsed(answer: bytes, response_type: type[Response]) -> Response:
    try:
        return response_type.FromString(answer)
    except DecodeError:
        raise Unreachable(grpc.StatusCode.UNKNOWN, "the answer is not a message of the contract") from None


def translated(error: BaseException) -> BaseException:
    """What gRPC raised, as a Refusal where the peer refused, else as Unreachable."""
    if isinstance(error, grpc.aio.AioRpcError):
        refusal: Refusal | None = refusal_of(error.trailing_metadata(), error.code())
        return refusal or Unreachable(error.code(), error.details() or "no details")
    task = asyncio.current_task()
    if isinstance(error, asyncio.CancelledError) and task is not None and not task.cancelling():
        # Not we were cancelled but the call, because its channel was closed.
        return Unreachable(grpc.StatusCode.CANCELLED, "the connection was closed")
    return error
