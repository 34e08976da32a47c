"""Who may call what: the page says what the services do, cell by cell, with real certificates over real sockets."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import grpc
import pytest

from agencykit.identity import Identity
from agencykit.pki import Issued, equip, file_name, issue_tls, load
from agencykit.refusals import CallerNotListed, DeadlineMissing, IdentityMissing
from agencykit.rpc.server import Server
from agencykit.rpc.trailer import refusal_of
from agencykit.telemetry import Telemetry
from agencykit.telemetry.log import LogWriter

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("gateway", "customs", "inspection", "border", "port")
# Certificates that the handshake takes and that name nobody: what they hold, and whose authority made them.
NOBODY = {
    "two agencies": (["spiffe://ningbo.clearance/gateway", "spiffe://ningbo.clearance/customs"], "ningbo"),
    "a domain that nobody trusts": (["spiffe://shanghai.clearance/gateway"], "ningbo"),
    "no name": ([], "ningbo"),
    "forged by the partner": (["spiffe://ningbo.clearance/gateway"], "hangzhou"),
}


class Walk:
    """One service that serves at a socket, and what its log says of whom it has turned away."""

    def __init__(self, server: Server, telemetry: Telemetry, log: Path, folder: Path) -> None:
        self.server, self._telemetry, self._log, self._folder = server, telemetry, log, folder

    async def outcomes(self, held: Issued) -> dict[str, Any]:
        """What each method answers to a call without a deadline, which is looked at right after who calls."""
        credentials = grpc.ssl_channel_credentials(
            (self._folder / "ningbo" / "ca.pem").read_bytes(), held.key_pem, held.certificate_pem
        )
        options = [("grpc.ssl_target_name_override", "localhost"), ("grpc.use_local_subchannel_pool", 1)]
        async with grpc.aio.secure_channel(f"127.0.0.1:{self.server.port}", credentials, options) as channel:
            methods = self.server.layers.methods.values()
            found = await asyncio.gather(*(_outcome(channel, each.path, each.streaming) for each in methods))
        return dict(zip(self.server.layers.methods, found, strict=True))

    def told(self) -> list[tuple[str, str, str]]:
        """(who, which method, why) of all that was refused, as the log has it."""
        self._telemetry.flush()
        lines = [json.loads(line) for line in self._log.read_text().splitlines()]
        refused = [line for line in lines if line["event"] == "caller.refused"]
        assert all(line["serial"] for line in refused)
        return sorted((line["identity"], line["method"], line["reason"]) for line in refused)


async def _outcome(channel: grpc.aio.Channel, path: str, streaming: bool) -> Any:
    try:
        if streaming:
            await anext(aiter(channel.unary_stream(path)(b"")))
        else:
            await channel.unary_unary(path)(b"")
    except grpc.aio.AioRpcError as error:
        return type(refusal_of(error.trailing_metadata(), error.code()))
    return None


@asynccontextmanager
async def served(name: str, parties: Any, folder: Path, log: Path) -> AsyncIterator[Walk]:
    party = parties[name]
    async with AsyncExitStack() as stack:
        telemetry = Telemetry(party.settings, name, party.runtime, LogWriter(log))
        stack.callback(telemetry.close)
        server = Server(party.settings, party.runtime, party.services, telemetry, party.authorities)
        await server.start()
        stack.push_async_callback(server.stop, 0)
        yield Walk(server, telemetry, log, folder)


def held(folder: Path, identity: Identity) -> Issued:
    """The certificate of one who stands in the matrix, by his own district's authority."""
    own = folder / identity.district
    equip(own, identity.district, [identity.path])
    stem = own / file_name(identity)
    return load(stem.with_name(f"{stem.name}.pem"), stem.with_name(f"{stem.name}.key"))


def odd(folder: Path, names: Sequence[str], district: str) -> Issued:
    """A certificate with these names and no other."""
    authority = load(folder / district / "ca.pem", folder / district / "ca.key")
    return issue_tls(authority, names)


def test_the_page_is_what_the_services_say_of_themselves(matrix: ModuleType, parties: Any, page: str) -> None:
    assert matrix.written(page, matrix.tables(parties)) == page, "run `make generate`"


@pytest.mark.parametrize("name", ["security", "reliability"])
def test_every_test_that_a_page_points_at_is_there(name: str) -> None:
    page = (ROOT / "docs" / f"{name}.md").read_text()
    named = set(re.findall(r"`([\w/.]*(?:tests/[\w/]*/?|test_\w+\.py))`", page))
    assert len(named) > 20
    folders = ("tests", "kit/tests", "gateway/tests", "cli/tests", *(f"services/{name}/tests" for name in SERVICES))
    known = {path.name for folder in folders for path in (ROOT / folder).rglob("test_*.py")}
    lost = {each for each in named if not ((ROOT / each).exists() if "/" in each else each in known)}
    assert lost == set()


def test_whoever_a_list_of_callers_names_has_a_column(matrix: ModuleType, parties: Any) -> None:
    patterns = {pattern for party in parties.values() for service in party.services for pattern in service.callers}
    standing: Iterable[Identity] = matrix.CALLERS.values()
    unknown = {each for each in patterns if not any(one.matches(each, "ningbo.clearance") for one in standing)}
    assert unknown - {"spiffe://hangzhou.clearance/gateway"} == set()


@pytest.mark.parametrize("service", SERVICES)
async def test_each_cell_of_the_matrix_is_as_it_is_written_and_whoever_is_refused_is_told_of(
    service: str, matrix: ModuleType, parties: Any, folder: Path, page: str, tmp_path: Path
) -> None:
    wanted = matrix.cells(page)[service]
    expected = []
    async with served(service, parties, folder, tmp_path / "log") as walk:
        for who, identity in matrix.CALLERS.items():
            if identity.district == "hangzhou" and service != "gateway":
                # No agency has partners: their authority is nobody's in its handshake.
                assert not any(may for (_, partner), may in wanted.items() if partner == who)
                assert set((await walk.outcomes(held(folder, identity))).values()) == {type(None)}
                continue
            for method, outcome in (await walk.outcomes(held(folder, identity))).items():
                assert outcome is (DeadlineMissing if wanted[method, who] else CallerNotListed), (method, who)
                if outcome is CallerNotListed:
                    expected.append((str(identity), method, "CALLER_NOT_LISTED"))
        assert {method for method, _ in wanted} == set(walk.server.layers.methods)
        assert walk.told() == sorted(expected)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_certificate_that_names_nobody_reaches_no_method_and_is_told_of(
    service: str, parties: Any, folder: Path, tmp_path: Path
) -> None:
    async with served(service, parties, folder, tmp_path / "log") as walk:
        for names, district in NOBODY.values():
            if district == "ningbo" or service == "gateway":
                found = await walk.outcomes(odd(folder, names, district))
                assert set(found.values()) == {IdentityMissing}
        reasons = {(who, reason) for who, _, reason in walk.told()}
        assert reasons == {
            (" ".join(names), "IDENTITY_MISSING")
            for names, district in NOBODY.values()
            if district == "ningbo" or service == "gateway"
        }
