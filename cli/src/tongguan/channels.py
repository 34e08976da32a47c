"""Connections by mutual TLS: every call has a deadline, every failed one becomes a Failure that carries its Status.

One thread may use a Peer at a time or many: gRPC's channels are safe for threads.
"""

import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message

from tongguan import statuses
from tongguan.endpoints import Credentials
from tongguan.failures import Misused

CALL_SECONDS = 10.0
PAGE = 500
# Replicas that one call may be put to, and how long one that did not answer is asked last.
ATTEMPTS, AWAY_SECONDS = 3, 5.0
# A tenth of the calls to a service may be put to another replica, and ten beside: trouble is not multiplied.
SPARED, OF_CALLS = 10.0, 0.1
_OPTIONS = (
    # Answers to a batch of 256 large consignments carry these and their signed decisions.
    ("grpc.max_receive_message_length", 64 * 2**20),
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.min_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 3000),
    ("grpc.enable_retries", 0),  # one retrying layer only, and it is ours
)

Response = TypeVar("Response", bound=Message)


def connect(address: str, credentials: Credentials) -> grpc.Channel:
    """Opens a channel; nothing is sent before the first call. Raises Misused when a file cannot be read."""
    try:
        ca, key, cert = (Path(file).read_bytes() for file in (credentials.ca, credentials.key, credentials.cert))
    except OSError as error:
        raise Misused(f"{error.filename}: {error.strerror}", "check --ca, --cert and --key, or --state") from error
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(ca, key, cert), options=_OPTIONS)


class Peer:
    """One service as one identity sees it. `name` and `advice` go into the failure when it does not answer.

    `address` lists its replicas (`host:port,host:port`): calls are shared among them. One that met nobody, or whose
    share of the time ran out, goes on to the next replica; requests carry ids, so nothing is done twice.
    """

    def __init__(self, name: str, address: str, credentials: Credentials, advice: str = "") -> None:
        self.name, self.address, self.advice = name, address, advice
        self.certificate = credentials.cert
        self._credentials = credentials
        self._channels = [(each, connect(each, credentials)) for each in address.split(",")]
        # Given up; calls of other threads may still be under way on them.
        self._left: list[grpc.Channel] = []
        # Address -> until when it is asked last, because it did not answer.
        self._away: dict[str, float] = {}
        self._retries_left = SPARED

    def close(self) -> None:
        """Ends the connections."""
        for channel in [*self._left, *(channel for _address, channel in self._channels)]:
            channel.close()

    def call(self, method: str, request: Message, response: type[Response], seconds: float = CALL_SECONDS) -> Response:
        """Calls `/package.Service/Method`; raises a Failure with the Status of what went wrong."""
        turn = self._turn()
        self._retries_left = min(self._retries_left + OF_CALLS, SPARED)
        for address, channel in turn:
            function: Any = channel.unary_unary(method, _bytes_of, response.FromString)
            try:
                answer: Response = function(request, timeout=seconds / len(turn))
            except grpc.RpcError as error:
                failure = self._failure(address, error)
                self._doubt(address, channel, error)
                if not self._goes_on(address, error) or address == turn[-1][0] or not self._may_retry():
                    raise failure from error
            else:
                self._away.pop(address, None)
                return answer
        raise AssertionError("unreachable")

    def pages(self, method: str, request: Any, response: type[Response], items: str, limit: int = 0) -> Iterator[Any]:
        """What a List method tells in the field `items`, over as many pages as that takes; `limit` 0 means all."""
        told = 0
        while True:
            request.page_size = min(PAGE, limit - told) if limit else PAGE
            answer: Any = self.call(method, request, response)
            found = getattr(answer, items)
            yield from found
            told += len(found)
            if not answer.next_page_token or told == limit:
                return
            request.page_token = answer.next_page_token

    def stream(self, method: str, request: Message, response: type[Response], seconds: float) -> Iterator[Response]:
        """Calls a server stream and yields its answers; leaving the loop ends the call. Fails as `call` does."""
        address, channel = self._turn()[0]
        function: Any = channel.unary_stream(method, _bytes_of, response.FromString)
        answers = function(request, timeout=seconds)
        try:
            yield from answers
        except grpc.RpcError as error:
            self._goes_on(address, error)
            raise self._failure(address, error) from error
        finally:
            answers.cancel()

    def _turn(self) -> Sequence[tuple[str, grpc.Channel]]:
        """The replicas to try, in this order: whoever answers before whoever did not a moment ago."""
        now = time.monotonic()
        shuffled = random.sample(self._channels, len(self._channels))
        return sorted(shuffled, key=lambda each: self._away.get(each[0], 0.0) > now)[:ATTEMPTS]

    def _goes_on(self, address: str, error: grpc.RpcError) -> bool:
        """Whether another replica may be asked: this one did not answer."""
        status = statuses.of_error(error)
        silent = error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
        if not silent or statuses.reason(status) not in ("", "UNAVAILABLE"):
            return False
        self._away[address] = time.monotonic() + AWAY_SECONDS
        return True

    def _may_retry(self) -> bool:
        permitted = self._retries_left >= 1
        self._retries_left -= permitted
        return permitted

    def _doubt(self, address: str, channel: grpc.Channel, error: grpc.RpcError) -> None:
        """After a call that nothing was heard of the next goes by a new connection: who sits between may have
        forgotten the old one, and then nothing more is heard on it.
        """
        if error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED or (address, channel) not in self._channels:
            return
        self._left.append(channel)
        made = connect(address, self._credentials)
        self._channels = [(each, made if old is channel else old) for each, old in self._channels]

    def _failure(self, address: str, error: grpc.RpcError) -> Exception:
        return statuses.to_failure(statuses.of_error(error), f"{self.name} at {address}", self.advice)


def _bytes_of(message: Message) -> bytes:
    return message.SerializeToString()
