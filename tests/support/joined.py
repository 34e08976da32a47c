"""Two districts on real sockets, each with an authority of its own: Hangzhou uses the guarantees that Ningbo keeps.

Customs is each one's only agency, and theirs the only approval that is required.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from guaranteed import GRN, Guaranteed
from simulated import CODES, CUSTOMS_ALONE, QUIET, SimulatedDistrict

from agencykit.bundles import issue_next
from agencykit.identity import Identity
from agencykit.pki import equip, file_name
from agencykit.rpc.certificates import TlsFiles
from agencykit.rpc.channel import GrpcTransport
from agencykit.rpc.server import Server
from agencykit.runtime import Runtime, real_runtime
from agencykit.settings import ServiceSettings
from agencykit.telemetry import Telemetry
from customs.app import CustomsSettings
from customs.app import build as build_customs
from gateway.app import GatewayApp
from gateway.operations.settings import GatewaySettings


@dataclass(kw_only=True)
class RealDistrict(SimulatedDistrict):
    """As the simulated one is spoken to. `ports` are those of its services."""

    folder: Path
    stack: AsyncExitStack
    telemetry: Telemetry
    ports: dict[str, int] = field(default_factory=dict)
    # Of its services, as `/package.Service/Method`.
    methods: dict[str, list[str]] = field(default_factory=dict)

    def transport(self, party: str, caller: str, district: str = "") -> Any:
        """A connection of its own, with a certificate of this district's authority."""
        expected = Identity.of_district(self.name, party)
        files, address = files_of(self.folder, self.name, caller), f"127.0.0.1:{self.ports[party]}"
        made = GrpcTransport(address, files, expected, self.telemetry, self.runtime.clock)
        self.stack.push_async_callback(made.close)
        return made

    async def lodge(self, lines: Iterable[dict[str, Any]]) -> None:
        """What is for customs."""
        await super().lodge(line for line in lines if next(iter(line)) in ("enterprise", "broker", "licence"))


def files_of(folder: Path, district: str, path: str) -> TlsFiles:
    """A party's TLS files, made when they are first asked for."""
    equip(folder, district, [path])
    name = file_name(Identity.of_district(district, path))
    return TlsFiles(folder / "ca.pem", folder / f"{name}.pem", folder / f"{name}.key")


def _fields(folder: Path, district: str, role: str) -> dict[str, Any]:
    files = files_of(folder, district, role)
    return {
        "district": district,
        "customs_district_code": CODES[district],
        "database_url": f"sqlite+pysqlite:///{folder / role}.db",
        "ca_file": files.ca,
        "cert_file": files.cert,
        "key_file": files.key,
        "signing_cert_file": folder / f"{role}-signing.pem",
        "signing_key_file": folder / f"{role}-signing.key",
    }


@asynccontextmanager
async def real_district(folder: Path, runtime: Runtime, name: str, partners: Any) -> AsyncIterator[RealDistrict]:
    """Customs and gateway, serving."""
    async with AsyncExitStack() as stack:
        own = Telemetry(ServiceSettings(), name, runtime)
        stack.callback(own.close)
        district = RealDistrict(name, runtime, {}, {}, folder=folder, stack=stack, telemetry=own)

        async def serve(role: str, build: Callable[..., Any], settings: ServiceSettings) -> None:
            telemetry = Telemetry(settings, role, runtime)
            stack.callback(telemetry.close)
            app = build(settings, runtime, telemetry)
            stack.push_async_callback(app.stop)
            server = Server(settings, runtime, app.services, telemetry, getattr(app, "authorities", None))
            district.ports[role] = server.bind()
            district.methods[role] = list(server.layers.methods)
            await app.start()
            await server.start()
            stack.push_async_callback(server.stop, 1.0)

        await serve("customs", build_customs, CustomsSettings(**_fields(folder, name, "customs"), **QUIET))
        (folder / "policy.toml").write_text(CUSTOMS_ALONE)
        settings = GatewaySettings(
            **_fields(folder, name, "gateway"),
            agencies={"customs": f"127.0.0.1:{district.ports['customs']}"},
            policy_file=folder / "policy.toml",
            partners=partners,
            bundle_file=folder / "bundle.json",
        )
        await serve("gateway", GatewayApp, settings)
        yield district


@asynccontextmanager
async def joined(folder: Path) -> AsyncIterator[tuple[Guaranteed, Guaranteed]]:
    """Hangzhou and Ningbo. Ningbo is not told where Hangzhou's gateway is, which it has no need to know."""
    runtime = real_runtime()
    folders = {name: folder / name for name in ("hangzhou", "ningbo")}
    for name, each in folders.items():
        equip(each, name, ["gateway", "district"])
        issue_next(each, each / "bundle.json", name, CODES[name], runtime.clock.now())

    def partner(name: str, port: int, *offices: str) -> Any:
        bundle, code = folders[name] / "bundle.json", CODES[name]
        fields = {"address": f"127.0.0.1:{port}", "bundle_file": bundle, "customs_district_code": code}
        return {name: fields | {"guarantee_offices": offices}}

    async with AsyncExitStack() as stack:
        stack.callback(runtime.executor.close)
        opened = real_district(folders["ningbo"], runtime, "ningbo", partner("hangzhou", 1))
        ningbo = await stack.enter_async_context(opened)
        there = partner("ningbo", ningbo.ports["gateway"], GRN[4:8])
        opened = real_district(folders["hangzhou"], runtime, "hangzhou", there)
        hangzhou = await stack.enter_async_context(opened)
        yield Guaranteed(hangzhou), Guaranteed(ningbo)


async def eventually(holds: Callable[[], Awaitable[bool]], seconds: float = 20.0) -> None:
    """Asks again and again until it is so."""
    until = asyncio.get_running_loop().time() + seconds
    while not await holds():
        assert asyncio.get_running_loop().time() < until, "it never came true"
        await asyncio.sleep(0.02)
