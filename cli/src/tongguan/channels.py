"""Connections by mutual TLS: every call has a deadline, every failed one becomes a Failure that carries its Status.

One thread may use a Peer at a time or many: gRPC's channels are safe for threads.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message

from tongguan import statuses
from tongguan.endpoints import Credentials
from tongguan.failures import Misused

CALL_SECONDS = 10.0
PAGE = 500
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
    """One service as one identity sees it. `name` and `advice` go into the failure when it does not answer."""

    def __init__(self, name: str, address: str, credentials: Credentials, advice: str = "") -> None:
        self.name, self.address, self.advice = name, address, advice
        self.certificate = credentials.cert
        self._channel = connect(address, credentials)

    def close(self) -> None:
        """Ends the connection."""
        self._channel.close()

    def call(self, method: str, request: Message, response: type[Response], seconds: float = CALL_SECONDS) -> Response:
        """Calls `/package.Service/Method`; raises a Failure with the Status of what went wrong."""
        function: Any = self._channel.unary_unary(method, _bytes_of, response.FromString)
        try:
            answer: Response = function(request, timeout=seconds)
        except grpc.RpcError as error:
            raise self._failure(error) from error
        return answer

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
        function: Any = self._channel.unary_stream(method, _bytes_of, response.FromString)
        answers = function(request, timeout=seconds)
        try:
            yield from answers
        except grpc.RpcError as error:
            raise self._failure(error) from error
        finally:
            answers.cancel()

    def _failure(self, error: grpc.RpcError) -> Exception:
        return statuses.to_failure(statuses.of_error(error), f"{self.name} at {self.address}", self.advice)


def _bytes_of(message: Message) -> bytes:
    return message.SerializeToString()
