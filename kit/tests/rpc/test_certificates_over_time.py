"""Certificates that are exchanged, end or are shut out while calls are under way."""

import asyncio
import json
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from agencykit.certifying.acts import rotate
from agencykit.identity import Identity
from agencykit.pki import issue_signing, issue_tls
from agencykit.refusals import IdentityMissing
from agencykit.rpc.certificates import TlsFiles, check_signing_key
from agencykit.rpc.denied import DenyList
from agencykit.rpc.expiry import ExpiryWatch
from agencykit.runtime.real import SystemClock
from agencykit.settings import ServiceSettings, SettingsError
from agencykit.telemetry.log import Log, LogWriter
from clearance.agency.v1 import work_service_pb2 as work

LIST = "/clearance.agency.v1.WorkService/ListWork"
LI_WEI = Identity.of_district("ningbo", "operator/li-wei")


async def list_work(caller: Any) -> Any:
    return await caller.unary(LIST, work.ListWorkRequest(), work.ListWorkResponse, timeout_seconds=5)


def presented(port: int, files: TlsFiles) -> int:
    """Serial number of the certificate that a server shows at a handshake of this moment."""
    context = ssl.create_default_context(cafile=str(files.ca))
    context.load_cert_chain(files.cert, files.key)
    context.set_alpn_protocols(["h2"])
    plain = socket.create_connection(("127.0.0.1", port), 5)
    with context.wrap_socket(plain, server_hostname="localhost") as secure:
        shown = secure.getpeercert(binary_form=True)
    assert shown is not None
    return x509.load_der_x509_certificate(shown).serial_number


async def test_both_sides_exchange_their_certificates_under_load_and_no_call_fails(
    open_house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agencykit.rpc.channel._LOOK_SECONDS", 0.02)
    async with open_house(max_connection_age_ms=200) as house:
        caller, ended, answered = house.caller(), asyncio.Event(), 0
        files, folder = house.district.files("operator/li-wei"), house.district.folder

        async def load() -> int:
            count = 0
            while not ended.is_set():
                await list_work(caller)
                count += 1
            return count

        loads = [asyncio.create_task(load()) for _ in range(8)]
        seen = set()
        for paths in (["customs"], ["operator/li-wei"], ["customs", "operator/li-wei"]):
            await asyncio.to_thread(rotate, folder, "ningbo", paths, 90, datetime.now(UTC))
            # Longer than the connection age, so that both sides have shaken hands anew.
            await asyncio.sleep(0.4)
            seen.add(await asyncio.to_thread(presented, house.server.port, files))
        ended.set()
        answered = sum(await asyncio.gather(*loads))
        assert answered > 100
        assert x509.load_pem_x509_certificate((folder / "customs.pem").read_bytes()).serial_number in seen
        assert len(seen) == 2


async def test_between_the_new_key_and_its_certificate_a_client_goes_on_with_the_old_ones(
    open_house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agencykit.rpc.channel._LOOK_SECONDS", 0.0)
    async with open_house() as house:
        caller, files = house.caller(), house.district.files("operator/li-wei")
        await list_work(caller)
        made = issue_tls(house.district.authority, [LI_WEI])
        files.key.write_bytes(made.key_pem)
        await list_work(caller)
        files.cert.write_bytes(made.certificate_pem)
        await list_work(caller)
        assert len(house.office.calls) == 3


async def test_a_certificate_that_ends_on_an_open_connection_is_nobodys_from_that_moment(open_house: Any) -> None:
    async with open_house() as house:
        issued = issue_tls(house.district.authority, [LI_WEI], lifetime=timedelta(seconds=1.5))
        caller = house.caller(files=house.district.files("operator/brief", issued))
        await list_work(caller)
        left = issued.certificate.not_valid_after_utc - datetime.now(UTC)
        await asyncio.sleep(left.total_seconds() + 0.05)
        with pytest.raises(IdentityMissing):
            await list_work(caller)


async def test_keys_that_others_may_read_keep_a_service_from_starting(open_house: Any, district: Any) -> None:
    district.files("customs").key.chmod(0o640)
    with pytest.raises(SettingsError, match=r"customs\.key has mode 0640; a key is its owner's alone"):
        async with open_house():
            pass


def test_a_signing_key_that_others_may_read_is_refused_too(tmp_path: Path, authority: Any) -> None:
    made = issue_signing(authority, Identity.of_district("ningbo", "customs"))
    made.write(tmp_path / "signing.pem", tmp_path / "signing.key")
    settings = ServiceSettings(signing_cert_file=tmp_path / "signing.pem", signing_key_file=tmp_path / "signing.key")
    check_signing_key(settings)
    (tmp_path / "signing.key").chmod(0o604)
    with pytest.raises(SettingsError, match=r"signing_key_file: .* has mode 0604"):
        check_signing_key(settings)


class Day:
    """A clock whose hand the test moves."""

    def __init__(self) -> None:
        self.time, self.seconds = datetime.now(UTC), 0.0

    def now(self) -> datetime:
        return self.time

    def now_ns(self) -> int:
        return int(self.time.timestamp() * 1e9)

    def monotonic(self) -> float:
        return self.seconds


class Book:
    """A log in a file."""

    def __init__(self, file: Path) -> None:
        self.file, self.writer = file, LogWriter(file)
        self.log = Log(self.writer, "customs", SystemClock())

    def told(self, event: str) -> list[dict[str, Any]]:
        self.writer.flush()
        lines = [json.loads(line) for line in self.file.read_text("utf-8").splitlines()]
        return [line for line in lines if line["event"] == event]


@pytest.fixture
def book(tmp_path: Path) -> Any:
    made = Book(tmp_path / "customs.log")
    yield made
    made.writer.close()


def test_from_30_days_before_its_end_a_certificate_is_told_of_once_a_day_until_another_is_there(
    district: Any, authority: Any, book: Book
) -> None:
    settings, day = district.settings(), Day()
    customs = Identity.of_district("ningbo", "customs")
    issue_tls(authority, [customs], lifetime=timedelta(days=31)).write(settings.cert_file, settings.key_file)
    watch = ExpiryWatch(settings, day, book.log)
    watch.look()
    assert book.told("certificate.ends") == []
    for _ in range(2):
        day.time += timedelta(days=2)
        watch.look()
        watch.look()
    warned = book.told("certificate.ends")
    assert [(line["level"], line["kind"], round(line["days_left"])) for line in warned] == [
        ("warning", "tls", 29),
        ("warning", "tls", 27),
    ]
    day.time += timedelta(days=28)
    watch.look()
    assert book.told("certificate.ends")[-1]["level"] == "error"
    issue_tls(authority, [customs], now=day.time).write(settings.cert_file, settings.key_file)
    day.time += timedelta(days=1)
    watch.look()
    assert len(book.told("certificate.ends")) == 3


def test_a_faulty_list_of_who_is_shut_out_leaves_the_last_good_one_and_is_told_of(tmp_path: Path, book: Book) -> None:
    file, day = tmp_path / "denied.toml", Day()
    file.write_text('serials = ["00AB"]')
    denied = DenyList(file, day, book.log)
    assert denied.denies("spiffe://ningbo.clearance/port", "ab")
    for faulty in ('serials = ["', "serials = [17]", 'serials = "00AB"', None):
        file.unlink() if faulty is None else file.write_text(faulty)
        day.seconds += 10
        assert denied.denies("spiffe://ningbo.clearance/port", "ab")
    assert len(book.told("denied_file.faulty")) == 4
    file.write_text("")
    day.seconds += 10
    assert not denied.denies("spiffe://ningbo.clearance/port", "ab")


def test_a_list_of_who_is_shut_out_that_is_not_there_lets_nobody_begin(tmp_path: Path, book: Book) -> None:
    with pytest.raises(SettingsError, match=r"denied_file: .* cannot be read"):
        DenyList(tmp_path / "denied.toml", Day(), book.log)
    (tmp_path / "denied.toml").write_text('identity = ["spiffe://ningbo.clearance/port"]')
    with pytest.raises(SettingsError, match=r"denied_file: .* it has no identity, but identities, serials and reasons"):
        DenyList(tmp_path / "denied.toml", Day(), book.log)
