"""The development authority: files, their rights, and that a second run changes nothing."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.verification import PolicyBuilder, Store

from agencykit.pki import create_authority, equip, issue_tls, load, main

ARGUMENTS = ["--district", "ningbo", "--identity", "customs", "--identity", "broker/3104980001", "--identity", "tax"]


def made(folder: Path, *more: str) -> dict[str, bytes]:
    assert main(["--out", str(folder), *ARGUMENTS, *more]) == 0
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def uris(certificate: x509.Certificate) -> list[str]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return names.get_values_for_type(x509.UniformResourceIdentifier)


def test_each_identity_gets_its_files_and_who_signs_gets_a_signing_pair(tmp_path: Path) -> None:
    files = made(tmp_path, "--signing", "tax")
    stems = {name.rpartition(".")[0] for name in files}
    assert stems == {"ca", "customs", "customs-signing", "broker-3104980001", "tax", "tax-signing"}
    assert len(files) == 2 * len(stems)


def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    made(tmp_path)
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.glob("*.key")} == {0o600}


def test_a_second_run_keeps_what_exists_and_adds_what_is_missing(tmp_path: Path) -> None:
    before = made(tmp_path)
    after = made(tmp_path, "--identity", "port")
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"port.pem", "port.key", "port-signing.pem", "port-signing.key"}


def test_certificates_carry_the_identity_as_uri_name_and_as_dns_name(tmp_path: Path) -> None:
    made(tmp_path)
    issued = load(tmp_path / "broker-3104980001.pem", tmp_path / "broker-3104980001.key")
    names = issued.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert uris(issued.certificate) == ["spiffe://ningbo.clearance/broker/3104980001"]
    assert set(names.get_values_for_type(x509.DNSName)) == {"3104980001.broker.ningbo.clearance", "localhost"}
    assert isinstance(issued.key, ec.EllipticCurvePrivateKey)


def test_signing_is_apart_from_tls(tmp_path: Path) -> None:
    made(tmp_path)
    signing = load(tmp_path / "customs-signing.pem", tmp_path / "customs-signing.key")
    assert isinstance(signing.key, ed25519.Ed25519PrivateKey)
    assert uris(signing.certificate) == ["spiffe://ningbo.clearance/customs"]
    with pytest.raises(x509.ExtensionNotFound):
        signing.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)


def test_a_leaf_is_in_force_for_a_year_from_five_minutes_ago_and_verifies_under_its_authority() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    authority = create_authority("ningbo", now)
    leaf = issue_tls(authority, [], dns_names=["customs.ningbo.clearance"], now=now)
    assert leaf.certificate.not_valid_before_utc == now - timedelta(minutes=5)
    assert leaf.certificate.not_valid_after_utc == now + timedelta(days=365)
    verifier = PolicyBuilder().store(Store([authority.certificate])).time(now)
    verifier.build_server_verifier(x509.DNSName("customs.ningbo.clearance")).verify(leaf.certificate, [])


def test_serial_numbers_differ() -> None:
    authority = create_authority("ningbo")
    assert len({issue_tls(authority, []).certificate.serial_number for _ in range(5)}) == 5


def test_a_bad_identity_is_bad_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--out", str(tmp_path), "--identity", "../customs"])
    assert ended.value.code == 2
    assert "role" in capsys.readouterr().err


def test_the_district_has_a_key_for_signing_and_none_for_tls(tmp_path: Path) -> None:
    equip(tmp_path, "ningbo", ["district"])
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {"ca.pem", "ca.key", "district-signing.pem", "district-signing.key"}
