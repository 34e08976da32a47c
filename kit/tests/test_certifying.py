"""A district's certificates over their life, as its operator acts on their files."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from agencykit.certifying.__main__ import main
from agencykit.certifying.denied import read_denied, read_since, revoke
from agencykit.evidence.certificates import identity_of
from agencykit.pki import load

BROKER = "spiffe://ningbo.clearance/broker/3104980001"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Holds an authority, customs and a broker."""
    done("init", tmp_path)
    done("issue", tmp_path, "customs", "broker/3104980001", "--dns", "customs.internal")
    return tmp_path


def done(deed: str, folder: Path, *more: str) -> None:
    assert main([deed, "--folder", str(folder), *more]) == 0


def refused(capsys: pytest.CaptureFixture[str], deed: str, folder: Path, *more: str) -> str:
    capsys.readouterr()
    assert main([deed, "--folder", str(folder), *more]) == 1
    return capsys.readouterr().err


def shown(capsys: pytest.CaptureFixture[str], folder: Path, *more: str) -> dict[str, Any]:
    capsys.readouterr()
    done("show", folder, *more)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {row["file"]: row for row in rows}


def names(certificate: x509.Certificate) -> set[str]:
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(found.get_values_for_type(x509.DNSName))


def test_an_authority_that_exists_is_never_made_anew(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (folder / "ca.pem").read_bytes()
    assert "holds an authority already" in refused(capsys, "init", folder)
    assert (folder / "ca.pem").read_bytes() == before


def test_whoever_has_a_certificate_is_issued_no_second_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "has a certificate" in refused(capsys, "issue", folder, "port", "customs")
    assert not (folder / "port.pem").exists()


def test_a_rotated_certificate_has_another_key_and_serial_and_the_same_names(folder: Path) -> None:
    before = load(folder / "customs.pem", folder / "customs.key")
    done("rotate", folder, "customs", "--days", "90")
    after = load(folder / "customs.pem", folder / "customs.key")
    assert after.certificate.public_key() == after.key.public_key() != before.key.public_key()
    assert after.certificate.serial_number != before.certificate.serial_number
    assert names(after.certificate) == names(before.certificate) >= {"customs.internal", "customs.ningbo.clearance"}
    assert after.certificate.not_valid_after_utc - datetime.now(UTC) < timedelta(days=90, minutes=1)
    assert stat.S_IMODE((folder / "customs.key").stat().st_mode) == 0o600


def test_a_signing_key_is_rotated_by_itself_and_the_districts_own_is_not(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [folder / f"customs{kind}" for kind in (".pem", ".key", "-signing.pem", "-signing.key")]
    before, former = [file.read_bytes() for file in files], load(*files[2:])
    done("rotate", folder, "customs", "--signing", "--days", "90")
    after = load(*files[2:])
    assert [file.read_bytes() == was for file, was in zip(files, before, strict=True)] == [True, True, False, False]
    assert after.certificate.public_key() == after.key.public_key() != former.key.public_key()
    assert identity_of(after.certificate) == identity_of(former.certificate)
    assert stat.S_IMODE(files[3].stat().st_mode) == 0o600
    assert "by its bundle" in refused(capsys, "rotate", folder, "district", "--signing")
    assert "no such certificate" in refused(capsys, "rotate", folder, "customs", "broker/3104980001", "--signing")
    assert files[2].read_bytes() == after.certificate_pem


def test_rotation_exchanges_all_or_none(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (folder / "customs.pem").read_bytes()
    assert "issue one" in refused(capsys, "rotate", folder, "customs", "port")
    assert (folder / "customs.pem").read_bytes() == before


def test_who_is_revoked_stands_in_the_list_with_the_reason_and_those_before_stay(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    serial = shown(capsys, folder)["customs.pem"]["serial"]
    done("revoke", folder, "broker/3104980001", "--reason", "key lost 遗失")
    done("revoke", folder, "--serial", serial.upper(), "--reason", "laptop stolen")
    assert read_denied(folder / "denied.toml") == ({BROKER}, {serial})
    assert "key lost 遗失" in (folder / "denied.toml").read_text("utf-8")
    states = {file: row["state"] for file, row in shown(capsys, folder).items()}
    assert (states["broker-3104980001.pem"], states["customs.pem"]) == ("revoked", "revoked")
    assert states["customs-signing.pem"] == "in force"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (["--serial", "xyz", "--reason", "odd"], "in hexadecimal"),
        (["customs", "--serial", "5f", "--reason", "odd"], "name identities, or a serial number"),
        (["customs", "port", "customs/../port", "--reason", "odd"], "role"),
        (["../customs", "--reason", "odd"], "role"),
        (["customs", "--reason", "one line\nand another"], "one line"),
    ],
)
def test_a_revocation_that_makes_no_sense_changes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], given: list[str], why: str
) -> None:
    before = (folder / "denied.toml").read_bytes()
    assert why in refused(capsys, "revoke", folder, *given)
    assert (folder / "denied.toml").read_bytes() == before


def test_several_are_revoked_at_once(folder: Path) -> None:
    done("revoke", folder, "broker/3104980001", "customs", "--reason", "the office was broken into")
    assert read_denied(folder / "denied.toml") == ({BROKER, "spiffe://ningbo.clearance/customs"}, set())


def test_a_serial_number_is_taken_as_openssl_prints_it(folder: Path) -> None:
    done("revoke", folder, "--serial", "0A:5F:00", "--reason", "laptop stolen")
    (folder / "other.toml").write_text('serials = ["0A:5F:00", "0a5f00"]')
    assert read_denied(folder / "denied.toml") == read_denied(folder / "other.toml") == (set(), {"a5f00"})


@pytest.mark.parametrize(
    "content",
    [
        f'identities = "{BROKER}"',
        'identities = ["broker/3104980001"]',
        'identities = ["spiffe://ningbo.clearance/broker/*"]',
        'serials = "5f"',
        'serials = ["0x5f"]',
        'serials = [""]',
        f'identity = ["{BROKER}"]',
        f'reasons = "lost"\nidentities = ["{BROKER}"]',
    ],
)
def test_a_list_that_would_shut_nobody_out_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "denied.toml").write_text(content)
    with pytest.raises((ValueError, TypeError)):
        read_denied(tmp_path / "denied.toml")


@pytest.mark.parametrize("deed", ["issue", "rotate"])
@pytest.mark.parametrize("name", ["ca", "customs-signing", "broker/3104980001-signing"])
def test_what_is_no_partys_certificate_for_calls_is_neither_issued_nor_rotated(
    folder: Path, capsys: pytest.CaptureFixture[str], deed: str, name: str
) -> None:
    """A signing key that is gone is gone: what it signed from then on is believed by nobody."""
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert "is no party's certificate for calls" in refused(capsys, deed, folder, "customs", name)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_a_party_whose_file_is_anothers_is_not_rotated(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (folder / "broker-3104980001.pem").read_bytes()
    assert f"the certificate of {BROKER}" in refused(capsys, "rotate", folder, "broker-3104980001")
    assert (folder / "broker-3104980001.pem").read_bytes() == before
    assert "shares broker-a-b.pem" in refused(capsys, "issue", folder, "broker/a-b", "broker-a/b")


def test_a_list_that_cannot_be_read_is_not_written_over(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "denied.toml").write_text("identities = [")
    assert "mend it first" in refused(capsys, "revoke", folder, "customs", "--reason", "odd")
    assert (folder / "denied.toml").read_text() == "identities = ["


def test_what_ends_within_30_days_is_shown_as_such(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done("issue", folder, "port", "--days", "29")
    rows = shown(capsys, folder, "port", "customs")
    assert {file: row["state"] for file, row in rows.items()} == {
        "port.pem": "ends soon",
        "port-signing.pem": "ends soon",
        "customs.pem": "in force",
        "customs-signing.pem": "in force",
    }


def test_a_list_says_since_when_each_is_shut_out_and_of_what_was_written_by_hand_since_ever(tmp_path: Path) -> None:
    file, day = tmp_path / "denied.toml", datetime(2004, 11, 17, 8, 30, tzinfo=UTC)
    revoke(file, serial="5F:0A", reason="the key was lost", now=day)
    revoke(file, identities=["spiffe://ningbo.clearance/port"], reason="moved", now=day)
    assert read_since(file) == {"5f0a": day, "spiffe://ningbo.clearance/port": day}
    file.write_text('identities = []\nserials = ["5F:0B", "5f0c"]\n[reasons]\n"5F:0B" = "2004-11-17T08:30Z stolen"\n')
    assert read_since(file) == {"5f0b": day, "5f0c": datetime(1970, 1, 1, tzinfo=UTC)}
