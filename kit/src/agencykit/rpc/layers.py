"""The layers every call passes, whether it came by a socket or in process.

    error boundary → telemetry → identity → authorisation → deadline → admission → decoding → validation → faults

Outermost first, and why in this order: whatever fails is translated (boundary) and told (telemetry). Then the cheapest
question that can refuse comes before the dearer one: who calls, whether he may, whether there is time, whether there is
room; only then are bytes decoded, form examined and work begun. A caller who may not call learns nothing of form.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import aclosing
from typing import Any, Never

from google.protobuf.message import DecodeError, Message

from agencykit.refusals import FaultInjected, Malformed
from agencykit.rpc.admission import Admission
from agencykit.rpc.admittance import Authorisation, Deadline, Identification
from agencykit.rpc.boundary import ErrorBoundary, Observation
from agencykit.rpc.call import Call
from agencykit.rpc.exchange import DeadlinePassed, Exchange, Layer
from agencykit.rpc.peer import Peer
from agencykit.rpc.service import Method, Service
from agencykit.rpc.transport import Written
from agencykit.rpc.validation import validate, warm_up
from agencykit.rpc.within import answering
from agencykit.runtime import Clock, Randomness, Runtime
from agencykit.settings import ServiceSettings
from agencykit.telemetry import Telemetry


class Decoding(Layer):
    """Here and not in gRPC's deserialiser, whose failure reaches the peer as UNKNOWN with internals in its text."""

    name = "decoding"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def enter(self, exchange: Exchange) -> None:
        try:
            exchange.request = exchange.method.request_type.FromString(exchange.request_bytes)
        except DecodeError:
            raise Malformed from None
        if exchange.identity is None or exchange.span is None:
            raise TypeError("decoding comes after identity and telemetry")
        exchange.call = Call(
            identity=exchange.identity,
            method=exchange.method.path,
            deadline=exchange.deadline,
            trace=exchange.span.name,
            clock=self._clock,
            request_bytes=exchange.request_bytes,
        )


# What a page size of 0 means everywhere in the contract.
DEFAULT_PAGE = 100


class Validation(Layer):
    """Every violation of form at once, and nothing of the request is stored before. Pages are cut to the setting."""

    name = "validation"

    def __init__(self, settings: ServiceSettings) -> None:
        self._most = settings.max_page_size

    def enter(self, exchange: Exchange) -> None:
        validate(exchange.request)
        if exchange.method.paged:
            exchange.request.page_size = min(exchange.request.page_size or DEFAULT_PAGE, self._most)


class Faults(Layer):
    """The fault switches, for anybody's tests: AssessConsignments is held up, or fails at a given rate."""

    name = "faults"

    def __init__(self, settings: ServiceSettings, randomness: Randomness) -> None:
        self._delay, self._rate = settings.fault_assess_delay_ms / 1000, settings.fault_error_rate
        self._randomness = randomness

    def enter(self, exchange: Exchange) -> None:
        if exchange.method.name != "AssessConsignments":
            return
        if self._rate and self._randomness.uniform(0, 1) < self._rate:
            raise FaultInjected
        exchange.delay_seconds = self._delay


class Layers:
    """All layers over some services. `order` names them, outermost first."""

    def __init__(
        self, settings: ServiceSettings, runtime: Runtime, services: Iterable[Service], telemetry: Telemetry
    ) -> None:
        self.services = tuple(services)
        self.methods = {path: method for service in self.services for path, method in service.methods.items()}
        self.identification = Identification(settings, runtime.clock, telemetry.log)
        self.authorisation = Authorisation(settings, self.services)
        self._admission = Admission(settings, runtime.clock)
        self._layers: tuple[Layer, ...] = (
            ErrorBoundary(telemetry, runtime.ids),
            Observation(telemetry, runtime.clock),
            self.identification,
            self.authorisation,
            Deadline(settings, runtime.clock),
            self._admission,
            Decoding(runtime.clock),
            Validation(settings),
            Faults(settings, runtime.randomness),
        )
        self.order = tuple(layer.name for layer in self._layers)
        # Looked up once: a call passes all of them, and most do something on one way only.
        self._enters = tuple(None if _inherited(layer, "enter") else layer.enter for layer in self._layers)
        leaves = [(place, layer) for place, layer in enumerate(self._layers) if not _inherited(layer, "leave")]
        self._leaves = tuple((place, layer.leave) for place, layer in reversed(leaves))
        self._waiting: set[asyncio.Timeout] = set()

    def warm_up(self) -> None:
        """Compiles what the first call would else wait for."""
        warm_up(method.request_type for method in self.methods.values())

    @property
    def in_flight(self) -> int:
        """Calls and streams under way."""
        return self._admission.in_flight + self._admission.streams

    def drain(self) -> None:
        """Refuses new calls and ends streams, whose followers go on elsewhere; calls under way are left alone."""
        self._admission.draining = True
        for scope in self._waiting:
            scope.reschedule(asyncio.get_running_loop().time())

    async def invoke(
        self, path: str, request_bytes: bytes, peer: Peer, timeout_seconds: float | None, metadata: Mapping[str, str]
    ) -> bytes:
        """Answers a unary call. Raises a Refusal, DeadlinePassed or CancelledError, never anything else."""
        exchange = Exchange(self.methods[path], request_bytes, peer, timeout_seconds, metadata)
        try:
            self._enter(exchange)
            answer = await self._handle(exchange)
        except BaseException as error:
            self._fail(exchange, error)
        self._leave(exchange, None)
        return answer

    async def stream(
        self, path: str, request_bytes: bytes, peer: Peer, timeout_seconds: float | None, metadata: Mapping[str, str]
    ) -> AsyncGenerator[bytes, None]:
        """Answers a call with a stream, which ends at the deadline or when draining begins. Raises as `invoke`."""
        exchange = Exchange(self.methods[path], request_bytes, peer, timeout_seconds, metadata)
        try:
            self._enter(exchange)
            async with aclosing(exchange.method.handler(exchange.request, _call(exchange))) as answers:
                while (answer := await self._next(exchange, answers)) is not None:
                    yield answer
        except BaseException as error:
            self._fail(exchange, error)
        self._leave(exchange, None)

    def _enter(self, exchange: Exchange) -> None:
        for enter in self._enters:
            if enter is not None:
                enter(exchange)
            exchange.entered += 1

    def _leave(self, exchange: Exchange, error: BaseException | None) -> BaseException | None:
        entered = exchange.entered
        for place, leave in self._leaves:
            if place < entered:
                error = leave(exchange, error)
        return error

    def _fail(self, exchange: Exchange, error: BaseException) -> Never:
        left = self._leave(exchange, error)
        if left is None or left is error:
            raise error
        # The cause is in the log and goes no further.
        raise left from None

    async def _handle(self, exchange: Exchange) -> bytes:
        call = _call(exchange)
        try:
            async with asyncio.timeout(call.remaining()) as scope:
                if exchange.delay_seconds:
                    await asyncio.sleep(exchange.delay_seconds)
                with answering(call):
                    answer = await exchange.method.handler(exchange.request, call)
                return _serialised(exchange.method, answer)
        except TimeoutError:
            if scope.expired():
                raise DeadlinePassed from None
            raise

    async def _next(self, exchange: Exchange, answers: AsyncIterator[Any]) -> bytes | None:
        """The next answer; None when there is none, the deadline has come, or the service drains."""
        call = _call(exchange)
        if self._admission.draining or not call.remaining():
            return None
        try:
            async with asyncio.timeout(call.remaining()) as scope:
                self._waiting.add(scope)
                try:
                    return _serialised(exchange.method, await anext(answers))
                finally:
                    self._waiting.discard(scope)
        except StopAsyncIteration:
            return None
        except TimeoutError:
            if scope.expired():
                return None
            raise


def _inherited(layer: Layer, name: str) -> bool:
    return getattr(type(layer), name) is getattr(Layer, name)


def _call(exchange: Exchange) -> Call:
    if exchange.call is None:
        raise TypeError("no call before decoding")
    return exchange.call


def _serialised(method: Method, answer: Message | Written) -> bytes:
    """What stands in wire form already is not parsed to be looked at: that costs more than to write it."""
    if isinstance(answer, Written):
        return answer.content
    if not isinstance(answer, method.response_type):
        raise TypeError(f"{method.path} answers {method.response_type.__name__}, not {type(answer).__name__}")
    return answer.SerializeToString()
