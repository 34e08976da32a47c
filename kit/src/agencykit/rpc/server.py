"""The gRPC server: mutual TLS always, raw bytes for the layers, health and reflection, a drain that loses nothing.

Comments say which behaviour of gRPC each setting mends; every one was seen to matter.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing
from typing import Any, TypeAlias

import grpc
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server
from grpc_reflection.v1alpha.reflection import SERVICE_NAME as REFLECTION
from grpc_reflection.v1alpha.reflection import enable_server_reflection

from agencykit.certifying.terms import days_left
from agencykit.refusals import IdentityMissing, Refusal
from agencykit.rpc.certificates import TlsFiles, check_files
from agencykit.rpc.exchange import DeadlinePassed
from agencykit.rpc.expiry import ExpiryWatch
from agencykit.rpc.health import SERVICE_NAME as HEALTH
from agencykit.rpc.health import Conditions, Health
from agencykit.rpc.layers import Layers
from agencykit.rpc.peer import Peer
from agencykit.rpc.service import Service
from agencykit.rpc.trailer import trailer
from agencykit.rpc.trust import Authorities, AuthorityFiles, Trust
from agencykit.runtime import Runtime
from agencykit.settings import ServiceSettings, SettingsError
from agencykit.telemetry import Telemetry

Context: TypeAlias = grpc.aio.ServicerContext[bytes, bytes]
Handler: TypeAlias = "grpc.RpcMethodHandler[bytes, bytes]"
PeerOf: TypeAlias = Callable[[Context], Peer]
_CERTIFICATE_SECONDS = 10.0


class Server:
    """Serves some services at `settings.host:port`. `start` returns the bound port; `stop` drains.

    `authorities` are whoever vouches for callers; by default the files that the settings name. `conditions` are told by
    health beside the services.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        runtime: Runtime,
        services: Iterable[Service],
        telemetry: Telemetry,
        authorities: Authorities | None = None,
        conditions: Conditions | None = None,
    ) -> None:
        self._settings, self._runtime, self._telemetry = settings, runtime, telemetry
        self._files = TlsFiles.of(settings)
        self._authorities = authorities or AuthorityFiles(settings.authorities)
        self._trust: Trust | None = None
        self.layers = Layers(settings, runtime, services, telemetry)
        self._health = Health((service.name for service in self.layers.services), self._admit, conditions)
        self._server = grpc.aio.server(options=_options(settings))
        self._watch: asyncio.Task[None] | None = None
        # What keeps it from serving; each says when it does no longer.
        self._ailing: set[str] = set()
        self.port = 0

    def bind(self) -> int:
        """Takes the address and returns the port; calls wait until `start`.

        Done before anything else of a service is touched, so that a second copy ends here and harms nothing. Raises
        SettingsError where certificates or address cannot be used.
        """
        check_files(self._files, self._runtime.clock.now())
        self._trust = Trust(self._authorities.read())
        address = f"{self._settings.host}:{self._settings.port}"
        try:
            self.port = self._server.add_secure_port(address, self._credentials())
        except RuntimeError as error:
            raise SettingsError([f"port: {address} is taken by another process, or is not an address here"]) from error
        return self.port

    async def start(self) -> int:
        """Serves; binds first where that was not done. Returns the bound port."""
        if not self.port:
            self.bind()
        self.layers.warm_up()
        self._server.add_generic_rpc_handlers((_Handlers(self.layers, self._peer),))
        add_HealthServicer_to_server(self._health, self._server)
        if not self._settings.production:
            names = [service.name for service in self.layers.services]
            enable_server_reflection([*names, HEALTH, REFLECTION], self._server)
        await self._server.start()
        await self._health.tell(not self._ailing)
        self._telemetry.metrics.watch(
            "tls.certificate.days_left", "d", "days until the own certificate ends", self._days_left
        )
        self._watch = asyncio.create_task(self._watch_certificate(), name="certificate watch")
        return self.port

    async def storage(self, well: bool) -> None:
        """Says by health whether what is decided here can be written."""
        await self._tell("storage", well)

    async def _tell(self, what: str, well: bool) -> None:
        (self._ailing.discard if well else self._ailing.add)(what)
        await self._health.tell(not self._ailing)

    async def stop(self, grace_seconds: float | None = None) -> None:
        """Says NOT_SERVING, refuses what is new, ends streams, and waits for calls under way, at most the grace."""
        grace = self._settings.drain_grace_ms / 1000 if grace_seconds is None else grace_seconds
        if self._watch:
            self._watch.cancel()
        # Before the drain, so that balancers look elsewhere while this server still answers.
        await self._health.stop()
        await asyncio.sleep(self._settings.drain_delay_ms / 1000)
        self.layers.drain()
        await self._server.stop(grace)

    def _credentials(self) -> grpc.ServerCredentials:
        """Mutual TLS that follows files and authorities at each handshake; while they are faulty, the last good ones.

        A client certificate is always required: without that, gRPC accepts one of an authority that nobody trusts, with
        an empty identity.
        """
        files, authorities = self._files, self._authorities
        seen = [(files.changed(), authorities.changed())]

        def configuration(trust: Trust) -> grpc.ServerCertificateConfiguration:
            _, cert, key = files.read()
            return grpc.ssl_server_certificate_configuration([(key, cert)], root_certificates=trust.bundle)

        def fetch() -> Any:
            # On a foreign thread, at each handshake. None keeps what is.
            try:
                # Before they are read: what changes meanwhile is read at the next handshake.
                changed = (files.changed(), authorities.changed())
                if changed == seen[0]:
                    return None
                check_files(files, self._runtime.clock.now())
                trust = Trust(authorities.read())
                made = configuration(trust)
                seen[0], self._trust = changed, trust
                return made
            except (OSError, SettingsError):
                return None

        first = configuration(self._trusted())
        return grpc.dynamic_ssl_server_credentials(first, fetch, require_client_authentication=True)

    def _trusted(self) -> Trust:
        if self._trust is None:
            raise TypeError("no trust before the port is taken")
        return self._trust

    def _peer(self, context: Context) -> Peer:
        for certificate in context.auth_context().get("x509_pem_cert", ()):
            return self._trusted().peer(certificate)
        return Peer(())

    async def _admit(self, context: Any) -> None:
        """Whoever has an identity may ask for health, which no list of callers names; nobody else, nor who is out."""
        try:
            self.layers.identification.identify(self._peer(context))
        except IdentityMissing as refused:
            await context.abort(*trailer(refused))

    def _days_left(self) -> float:
        return days_left(self._files.cert, self._runtime.clock.now())

    async def _watch_certificate(self) -> None:
        """An expired own certificate would look like an outage to every peer; health and log say what it is."""
        serving, expiry = True, ExpiryWatch(self._settings, self._runtime.clock, self._telemetry.log)
        while True:
            expiry.look()
            await asyncio.sleep(_CERTIFICATE_SECONDS)
            try:
                left = self._days_left()
            except (OSError, ValueError):
                # It is being replaced, or gone: what was read before goes on being used.
                continue
            if serving != (left > 0):
                serving = left > 0
                await self._tell("certificate", serving)
                outcome = "valid" if serving else "expired"
                self._telemetry.log.error("certificate", days_left=round(left, 2), outcome=outcome)


def _options(settings: ServiceSettings) -> list[tuple[str, int]]:
    return [
        # On by default, it lets a second server bind the same port and take half of the calls, silently.
        ("grpc.so_reuseport", 0),
        # A live connection outlives its certificate: let it end, so that revoked and expired ones are out.
        ("grpc.max_connection_age_ms", settings.max_connection_age_ms),
        # Streams end by themselves within this grace, so none is cut.
        ("grpc.max_connection_age_grace_ms", settings.max_stream_ms + 5000),
        ("grpc.max_concurrent_streams", settings.max_in_flight + settings.max_streams),
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.max_send_message_length", -1),
        # Between the soft and the hard limit gRPC refuses at random; with both alike it refuses predictably.
        ("grpc.max_metadata_size", settings.max_metadata_bytes),
        ("grpc.absolute_max_metadata_size", settings.max_metadata_bytes),
        # What is more is closed before its handshake, which is what costs.
        ("grpc.max_allowed_incoming_connections", settings.max_connections),
        # A socket that never finishes its handshake would stay for ever.
        ("grpc.server_handshake_timeout_ms", settings.handshake_timeout_ms),
        # Clients send a sign of life every 20 s; by default the server would kill them for it ("too many pings").
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 10_000),
    ]


class _Handlers(grpc.GenericRpcHandler):
    """Takes and gives raw bytes; decoding is a layer."""

    def __init__(self, layers: Layers, peer_of: PeerOf) -> None:
        self._handlers: dict[str, Handler] = {
            path: (
                grpc.unary_stream_rpc_method_handler(_streaming(layers, path, peer_of))
                if method.streaming
                else grpc.unary_unary_rpc_method_handler(_unary(layers, path, peer_of))
            )
            for path, method in layers.methods.items()
        }

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "Handler | None":
        return self._handlers.get(handler_call_details.method)


def _unary(layers: Layers, path: str, peer_of: PeerOf) -> Callable[[bytes, Context], Awaitable[bytes]]:
    async def answer(request: bytes, context: Context) -> bytes:
        try:
            return await layers.invoke(path, request, peer_of(context), context.time_remaining(), _metadata(context))
        except (Refusal, DeadlinePassed) as error:
            await _abort(context, error)
            raise

    return answer


def _streaming(layers: Layers, path: str, peer_of: PeerOf) -> Callable[[bytes, Context], AsyncIterator[bytes]]:
    async def answer(request: bytes, context: Context) -> AsyncIterator[bytes]:
        stream = layers.stream(path, request, peer_of(context), context.time_remaining(), _metadata(context))
        try:
            async with aclosing(stream):
                async for each in stream:
                    yield each
        except (Refusal, DeadlinePassed) as error:
            await _abort(context, error)
            raise

    return answer


async def _abort(context: Context, error: Refusal | DeadlinePassed) -> None:
    """Ends the call with the refusal's Status; what a handler raises itself, gRPC would send as text."""
    if isinstance(error, DeadlinePassed):
        await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "the deadline passed; the outcome is unknown")
    else:
        await context.abort(*trailer(error))


def _metadata(context: Context) -> dict[str, str]:
    return {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
