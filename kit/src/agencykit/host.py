"""What `python -m <service>` does: read settings, say what is wrong with them, serve, drain on a signal.

    --config FILE      TOML beneath the environment
    --print-settings   every setting with its source
    --migrate          bring the database to the newest form
    --check-health     ask the running service; exit code 0 only when it serves
    --purge            say what is past its retention period; with --yes remove it

One JSON line `listening` on standard error (or in the log file) says that the service serves, and where.
"""

import argparse
import asyncio
import gc
import inspect
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from agencykit.descriptors import room
from agencykit.runtime import Runtime, real_runtime
from agencykit.settings import ServiceSettings, SettingsError, load_settings, print_settings
from agencykit.streams import keep_standard_streams, say

# gRPC's own lines on standard error are neither JSON nor ours to vouch for; what matters in them is in our log.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

if TYPE_CHECKING:
    from agencykit.retention.declared import Keeping
    from agencykit.rpc.service import Service
    from agencykit.rpc.trust import Authorities
    from agencykit.storage import Database
    from agencykit.telemetry import Telemetry

EXIT_FAILED = 1
EXIT_FAULTY = 2
EXIT_UNHEALTHY = 3
_HEALTH_SECONDS = 5.0


class Failed(Exception):
    """The service ended by an error, which is in the log."""


class Bereft(Exception):
    """The service ended because its database or its name was taken from it. The text says what to do."""


class App(Protocol):
    """A service put together by its composition root."""

    services: "list[Service]"

    def migrate(self) -> None:
        """Brings the database to the newest form. Blocks."""
        ...

    async def start(self) -> None:
        """Opens storage and begins background work; calls are answered after it."""
        ...

    async def drain(self) -> None:
        """Ends what would hold a graceful stop up. Calls are still answered."""
        ...

    async def stop(self) -> None:
        """Ends background work and closes storage, after the last call."""
        ...


# The composition root: `def build(settings: CustomsSettings, runtime: Runtime, telemetry: Telemetry) -> App`. The
# annotation of `settings` says which settings are read.
AppFactory = Callable[[Any, Runtime, "Telemetry"], App]


def run_service(
    factory: AppFactory, service: str, arguments: Sequence[str] | None = None, *, keeping: "Keeping | None" = None
) -> None:
    """Runs a service as a process and exits. `keeping` says how long it keeps what, so that it can be purged.

    0 after a drain, 1 by an error (the log tells), 2 for bad settings, 3 where --check-health fails.
    """
    keep_standard_streams()
    sys.exit(_run(factory, service, _arguments(service, arguments), keeping))


def _run(factory: AppFactory, service: str, given: argparse.Namespace, keeping: "Keeping | None") -> int:
    try:
        settings = load_settings(_settings_class(factory), service, given.config)
        if given.print_settings:
            print_settings(settings)
            return 0
        if given.check_health:
            return asyncio.run(_check_health(settings))
        if given.purge:
            from agencykit.retention.command import purge

            return purge(settings, service, keeping, given, real_runtime())
        if given.migrate:
            return _migrate(factory, settings, service)
        with asyncio.Runner(loop_factory=event_loop) as runner:
            runner.run(_serve(factory, settings, service))
    except SettingsError as error:
        say(f"{service}: cannot start: {'; '.join(error.faults)}")
        return EXIT_FAULTY
    except Failed as error:
        say(f"{service}: ended by {error}; the log tells where")
        return EXIT_FAILED
    except Bereft as error:
        say(f"{service}: ended: {error}")
        return EXIT_FAILED
    return 0


def _arguments(service: str, arguments: Sequence[str] | None) -> argparse.Namespace:
    epilogue = (
        f"Settings are read from TONGGUAN_{service.upper()}__<FIELD> over the TOML file; --print-settings lists them."
    )
    parser = argparse.ArgumentParser(f"python -m {service}", description=f"Runs {service}.", epilog=epilogue)
    parser.add_argument("--config", type=Path, metavar="FILE", help="TOML file with settings")
    deed = parser.add_mutually_exclusive_group()
    deed.add_argument("--print-settings", action="store_true", help="list all settings with their sources and end")
    deed.add_argument("--migrate", action="store_true", help="bring the database to the newest form and end")
    deed.add_argument("--check-health", action="store_true", help="ask the running service; exit code 0 if it serves")
    deed.add_argument("--purge", action="store_true", help="say what is past its retention period and end")
    parser.add_argument("--yes", action="store_true", help="with --purge: remove it")
    parser.add_argument("--by", default="", metavar="NAME", help="with --purge: who does it, for the audit")
    parser.add_argument("--json", action="store_true", help="with --purge: JSON Lines")
    parser.add_argument(
        "--vacuum-mb", type=int, default=128, metavar="N", help="with --purge: SQLite files up to N MB are written anew"
    )
    return parser.parse_args(arguments)


def _settings_class(factory: AppFactory) -> type[ServiceSettings]:
    annotation = next(iter(inspect.signature(factory).parameters.values())).annotation
    if not (isinstance(annotation, type) and issubclass(annotation, ServiceSettings)):
        raise TypeError(f"{factory!r} must annotate its first parameter with the class of its settings")
    return annotation


def _migrate(factory: AppFactory, settings: ServiceSettings, service: str) -> int:
    runtime = real_runtime()
    telemetry = _telemetry(settings, service, runtime)
    try:
        factory(settings, runtime, telemetry).migrate()
        telemetry.log.info("migrated")
    finally:
        telemetry.close()
    return 0


def _telemetry(settings: ServiceSettings, service: str, runtime: Runtime) -> "Telemetry":
    import logging

    from agencykit.telemetry import Telemetry
    from agencykit.telemetry.log import LibraryHandler, LogWriter

    telemetry = Telemetry(settings, service, runtime, LogWriter(settings.log_file))
    logging.basicConfig(handlers=[LibraryHandler(telemetry.log)], level=logging.WARNING, force=True)
    return telemetry


async def _serve(factory: AppFactory, settings: ServiceSettings, service: str) -> None:
    """(1) put together, (2) take port and database, (3) start storage and loops, (4) serve, (5) wait, (6) drain,
    (7) close.

    Port and database come before storage: a second copy by mistake must not take the decision log from the first.
    """
    from agencykit.rpc.certificates import check_signing_key
    from agencykit.rpc.server import Server
    from agencykit.storage.replica import ReplicaHold
    from agencykit.storage.single import Hold
    from agencykit.storage.watch import watched

    check_signing_key(settings)
    runtime = real_runtime()
    telemetry = _telemetry(settings, service, runtime)
    hold, name = None, ReplicaHold.of(settings, runtime)
    try:
        app = factory(settings, runtime, telemetry)  # (1)
        # Only a service with partners knows of more authorities than its settings' files.
        authorities: Authorities | None = getattr(app, "authorities", None)
        conditions = getattr(app, "conditions", None)
        server = Server(_roomy(settings, telemetry), runtime, app.services, telemetry, authorities, conditions)
        port = server.bind()  # (2)
        hold = Hold.take(settings.database_url)
        if name:
            await name.take()
        signalled = _signals()
        try:
            await app.start()  # (3)
            if hold:
                hold.made()
            await server.start()  # (4)
            _spare_the_collector()
            telemetry.log.info("listening", address=f"{settings.host}:{port}", pid=os.getpid())
            database: Database | None = getattr(app, "database", None)
            async with watched(database, name, runtime.clock, telemetry.log, server.storage) as taken:
                ends: list[asyncio.Future[str]] = [signalled, taken]
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)  # (5)
            if not signalled.done():
                raise Bereft(taken.result())
            telemetry.log.info("draining", signal=signalled.result(), pending=server.layers.in_flight)
            await app.drain()  # (6)
        finally:
            await server.stop()
            await app.stop()  # (7)
            telemetry.log.info("stopped")
    except (SettingsError, Bereft):
        raise
    except Exception as error:
        telemetry.log.error("failed", error=error)
        raise Failed(type(error).__name__) from None
    finally:
        if name:
            await name.release()
        runtime.executor.close()
        telemetry.close()
        if hold:
            hold.release()


def _roomy(settings: ServiceSettings, telemetry: "Telemetry") -> ServiceSettings:
    """No more connections than the system has descriptors for."""
    there = room(settings.max_connections)
    if there < settings.max_connections:
        telemetry.log.warning("connections.few", count=there, limit=settings.max_connections)
    return settings.model_copy(update={"max_connections": there})


def event_loop() -> asyncio.AbstractEventLoop:
    """The loop a service runs on. A call passes it a score of times; uvloop takes three quarters of asyncio's time.

    Where uvloop does not exist (Windows, PyPy), asyncio's own does the same more slowly.
    """
    try:
        from uvloop import new_event_loop
    except ImportError:
        return asyncio.new_event_loop()
    return new_event_loop()


def _signals() -> "asyncio.Future[str]":
    """Resolves with the first SIGTERM or SIGINT; a second one ends the process at once."""
    loop = asyncio.get_running_loop()
    came: asyncio.Future[str] = loop.create_future()

    def come(number: signal.Signals) -> None:
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(each)
        came.set_result(number.name)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, come, number)
    return came


def _spare_the_collector() -> None:
    """What start has made lives for ever: kept out of every collection, it gave back about 20 % of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(250_000, 20, 100)


async def _check_health(settings: ServiceSettings) -> int:
    """Asks with the service's own certificate, as any peer would."""
    from grpc_health.v1 import health_pb2

    from agencykit.rpc.certificates import TlsFiles, check_files, own_identity
    from agencykit.rpc.channel import GrpcTransport
    from agencykit.rpc.transport import Refusal, Unreachable
    from agencykit.telemetry import Telemetry

    runtime = real_runtime()
    files = TlsFiles.of(settings)
    check_files(files, runtime.clock.now())
    silent = settings.model_copy(update={"span_store": None, "metrics_port": 0})
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    address = f"{host}:{settings.port}"
    transport = GrpcTransport(address, files, own_identity(files), Telemetry(silent, "health", runtime), runtime.clock)
    try:
        answer = await transport.unary(
            "/grpc.health.v1.Health/Check",
            health_pb2.HealthCheckRequest(),
            health_pb2.HealthCheckResponse,
            timeout_seconds=_HEALTH_SECONDS,
        )
        state = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
    except (Refusal, Unreachable) as error:
        state = f"unreachable ({error})"
    finally:
        await transport.close()
    print(f"{address}: {state}")
    return 0 if state == "SERVING" else EXIT_UNHEALTHY
