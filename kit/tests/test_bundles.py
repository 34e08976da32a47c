"""Trust bundles: a district says whom to believe, and nobody else can say it, nor say it again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from agencykit.bundles import Bundle, BundleInvalid, follow, issue, issue_next, read, read_file
from agencykit.bundles.__main__ import main
from agencykit.evidence.seal import Signer, load_signer
from agencykit.identity import Identity
from agencykit.pki import Issued, create_authority, equip, issue_signing, issue_tls
from clearance.common.v1.trust_bundle_pb2 import SignedTrustBundle

NOW = datetime(2004, 11, 1, 8, tzinfo=UTC)
CODES = {"shanghai": "2200", "nanjing": "2300"}


def signing(authority: Issued, name: str, path: str = "district") -> Signer:
    """A key of a district, certified by this authority."""
    made = issue_signing(authority, Identity.of_district(name, path), now=NOW)
    return Signer(made.key, made.certificate.public_bytes(Encoding.DER))  # type: ignore[arg-type]


@dataclass
class District:
    """An authority and a key of a district."""

    name: str

    def __post_init__(self) -> None:
        self.authority = create_authority(self.name, NOW)
        self.signer = signing(self.authority, self.name)

    def bundle(self, version: int = 1, **other: Any) -> Bundle:
        """As the district issues it, but for what is said otherwise."""
        signer = other.pop("signer", self.signer)
        usual = {
            "district": self.name,
            "code": CODES[self.name],
            "version": version,
            "authorities_pem": self.authority.certificate_pem,
            "keys": [signer.certificate],
            "now": NOW,
        }
        return issue(signer, **usual | other)


@pytest.fixture(scope="module")
def shanghai() -> District:
    return District("shanghai")


@pytest.fixture(scope="module")
def nanjing() -> District:
    return District("nanjing")


def refused(flaw: str) -> Any:
    return pytest.raises(BundleInvalid, match=flaw)


def test_what_was_issued_is_read_as_it_was_issued(shanghai: District) -> None:
    made = shanghai.bundle(7)
    assert read(made.signed) == made
    assert (made.district, made.code, made.version, made.trust_domain) == ("shanghai", "2200", 7, "shanghai.clearance")
    assert made.authorities_pem == shanghai.authority.certificate_pem


def test_one_changed_byte_is_noticed(shanghai: District) -> None:
    signed = SignedTrustBundle.FromString(shanghai.bundle().signed)
    signed.bundle = signed.bundle.replace(b"2200", b"2300", 1)
    with refused("its signature does not hold"):
        read(signed.SerializeToString())


def test_a_higher_version_by_a_key_that_is_held_takes_the_place(shanghai: District) -> None:
    follow(shanghai.bundle(1), shanghai.bundle(2), NOW)


@pytest.mark.parametrize("version", [1, 2])
def test_the_same_version_or_an_older_one_does_not(version: int, shanghai: District) -> None:
    with refused("not above 2, which is held"):
        follow(shanghai.bundle(2), shanghai.bundle(version, lifetime=timedelta(days=9)), NOW)


def test_an_expired_one_does_not(shanghai: District) -> None:
    with refused("expired"):
        follow(shanghai.bundle(1), shanghai.bundle(2, lifetime=timedelta(days=9)), NOW + timedelta(days=9))


def test_a_key_that_is_not_held_does_not_though_the_districts_authority_made_it(shanghai: District) -> None:
    stranger = signing(shanghai.authority, "shanghai")
    with refused("a key that the bundle held does not name"):
        follow(shanghai.bundle(1), shanghai.bundle(2, signer=stranger), NOW)


def test_shanghai_cannot_speak_for_nanjing(shanghai: District, nanjing: District) -> None:
    with refused("it is of shanghai"):
        follow(nanjing.bundle(1), shanghai.bundle(2), NOW)
    with refused("one of its keys is not the district's"):
        shanghai.bundle(2, district="nanjing", code="2300")
    forged = nanjing.bundle(
        2, signer=signing(shanghai.authority, "nanjing"), authorities_pem=shanghai.authority.certificate_pem
    )
    with refused("a key that the bundle held does not name"):
        follow(nanjing.bundle(1), forged, NOW)


def test_a_district_that_takes_another_code_is_not_followed(shanghai: District) -> None:
    with refused("it is of shanghai .2300., not of shanghai .2200."):
        follow(shanghai.bundle(1), shanghai.bundle(2, code="2300"), NOW)


def test_a_key_of_the_gateway_cannot_name_authorities(shanghai: District) -> None:
    with refused("one of its keys is not the district's"):
        shanghai.bundle(signer=signing(shanghai.authority, "shanghai", "gateway"))


def test_what_is_no_authority_is_not_taken_for_one(shanghai: District) -> None:
    leaf = issue_tls(shanghai.authority, [Identity.of_district("shanghai", "gateway")], now=NOW)
    both = shanghai.authority.certificate_pem + leaf.certificate_pem
    with refused("may not issue certificates"):
        shanghai.bundle(authorities_pem=both)


@pytest.mark.parametrize("signed", [b"", b"\xff\xff", b"x" * 200_000], ids=["nothing", "noise", "far too much"])
def test_what_is_no_bundle_is_refused(signed: bytes) -> None:
    with pytest.raises(BundleInvalid):
        read(signed)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    equip(tmp_path, "shanghai", ["district"])
    return tmp_path


def issued(folder: Path, now: datetime | None = None) -> Bundle:
    return issue_next(folder, folder / "bundle.json", "shanghai", "2200", now or datetime.now(UTC))


def test_each_bundle_of_a_folder_follows_the_one_before_through_a_change_of_authority_and_key(folder: Path) -> None:
    first = issued(folder)
    old, new = folder / "ca.pem", create_authority("shanghai")
    old.write_bytes(new.certificate_pem + old.read_bytes())
    key = issue_signing(new, Identity.of_district("shanghai", "district"))
    key.write(folder / "district-signing-2.pem", folder / "district-signing-2.key")
    both = issued(folder)
    for part in ("pem", "key"):
        (folder / f"district-signing.{part}").unlink()
    old.write_bytes(new.certificate_pem)
    last = issued(folder)
    for held, following in ((first, both), (both, last)):
        follow(held, following, held.issue_time)
    assert [each.version for each in (first, both, last)] == [1, 2, 3]
    assert (len(both.authorities), len(last.authorities)) == (2, 1)
    assert read_file(folder / "bundle.json") == last


def test_a_folder_whose_key_partners_do_not_know_issues_nothing(folder: Path) -> None:
    first = issued(folder)
    for part in ("pem", "key"):
        (folder / f"district-signing.{part}").unlink()
    equip(folder, "shanghai", ["district"])
    assert load_signer(folder / "district-signing.pem", folder / "district-signing.key").certificate not in first.keys
    with refused("is one that partners know"):
        issued(folder)
    assert read_file(folder / "bundle.json") == first


def test_the_command_keeps_a_bundle_that_says_the_same_and_lasts(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "bundle.json"
    given = ["--folder", str(folder), "--file", str(file), "--district", "shanghai", "--code", "2200"]
    assert main(["issue", *given]) == main(["issue", "--if-needed", *given]) == 0
    assert read_file(file).version == 1
    # Twice as long: less than half of it is left.
    assert main(["issue", "--if-needed", "--days", "400", *given]) == 0
    assert read_file(file).version == 2
    assert main(["check", "--file", str(file)]) == 0
    assert main(["check", "--file", str(file), "--after", str(file)]) == 1
    assert "not above 2" in capsys.readouterr().err
