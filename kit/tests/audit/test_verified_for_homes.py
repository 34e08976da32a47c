"""What a gateway decided for homes elsewhere is a log like an agency's: the homes' gateways countersign it."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from agencykit.audit.__main__ import main
from agencykit.evidence import Signer, seal_batch
from agencykit.evidence.chain import EMPTY_HEAD
from agencykit.evidence.sheets import DECISIONS, Head, sign_sheet
from agencykit.identity import Identity
from agencykit.pki import Issued, create_authority, issue_signing
from clearance.common.v1.decision_pb2 import Decision

from .conftest import AUTHORITY, NOW, SIGNING, Archive

Out = pytest.CaptureFixture[str]
LOG = "gateway/hangzhou"
HANGZHOU = Identity.of_district("hangzhou", "gateway")
HANGZHOU_AUTHORITY = create_authority("hangzhou", NOW)
_TABLES = """
CREATE TABLE verification_logs (home TEXT, sequence INTEGER, head BLOB);
CREATE TABLE verification_decisions (home TEXT, sequence INTEGER, signed BLOB);
"""


def hangzhou_signer(authority: Issued) -> Signer:
    issued = issue_signing(authority, HANGZHOU, now=NOW)
    return Signer(issued.key, issued.certificate.public_bytes(Encoding.DER))  # type: ignore[arg-type]


@pytest.fixture
def said(archive: Archive) -> Archive:
    """Ningbo's gateway said three things to Hangzhou, and Hangzhou's countersigned that, and an order beside."""
    contents = [
        Decision(agency="gateway", district="ningbo", clearance_number=number, log=LOG, sequence=place)
        for place, number in enumerate(("33002004A", "33002004B", "33002004C"), start=1)
    ]
    decisions = [each.SerializeToString() for each in contents]
    sealed = seal_batch(
        SIGNING,
        agency="gateway",
        district="ningbo",
        log=LOG,
        first_sequence=1,
        previous_head=EMPTY_HEAD,
        decisions=decisions,
        seal_time=NOW,
    )
    archive.change(_TABLES, "gateway")
    with archive.opened("gateway") as opened:
        opened.execute("INSERT INTO verification_logs VALUES ('hangzhou', 3, ?)", (sealed.head,))
        for place, signed in enumerate(sealed.signed(decisions), start=1):
            opened.execute("INSERT INTO verification_decisions VALUES ('hangzhou', ?, ?)", (place, signed))
    signer = hangzhou_signer(HANGZHOU_AUTHORITY)
    order = Head(DECISIONS, "ningbo:gateway/3100200400000000017", 1, b"\x11" * 32)
    heads = [Head(DECISIONS, f"ningbo:{LOG}", 3, sealed.head), order]
    sheet = sign_sheet(signer, gateway=HANGZHOU, replica="1", number=1, previous=b"", heads=heads, now=NOW)
    with archive.opened("hangzhou") as opened:
        opened.execute("INSERT INTO signing_keys VALUES (?, 0, ?)", (signer.certificate, signer.key_id))
        opened.execute("INSERT INTO head_sheets VALUES ('1', 1, ?, ?)", sheet)
    return archive


def verified(archive: Archive, capsys: Out) -> tuple[int, list[str]]:
    """The export of Ningbo's gateway by what Hangzhou's keeps."""
    archive.verified(capsys)
    (archive.folder / "ca.pem").write_bytes(AUTHORITY.certificate_pem)
    (archive.folder / "hangzhou.pem").write_bytes(HANGZHOU_AUTHORITY.certificate_pem)
    files = [str(archive.folder / f"{name}.jsonl") for name in ("gateway", "hangzhou")]
    authorities = [
        f"{name}={archive.folder / file}" for name, file in (("ningbo", "ca.pem"), ("hangzhou", "hangzhou.pem"))
    ]
    code = main(["verify", *files, "--ca", authorities[0], "--ca", authorities[1]])
    return code, [line for line in capsys.readouterr().out.splitlines() if LOG in line or "gateway/3" in line]


def test_what_a_gateway_said_to_a_home_is_compared_with_what_the_home_countersigned(said: Archive, capsys: Out) -> None:
    assert verified(said, capsys) == (0, [f"holds: ningbo {LOG}: 3 decisions, 1 countersigned heads agree"])


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("DELETE FROM verification_decisions WHERE sequence = 2", "2: its decision was deleted"),
        (
            "DELETE FROM verification_decisions WHERE sequence > 0; DELETE FROM verification_logs",
            "1: the export has none of it, and 3 was countersigned at 2004-11-17 08:00:00 UTC",
        ),
    ],
    ids=["a deletion", "the whole log"],
)
def test_what_was_done_to_it_is_named_with_its_first_bad_sequence(
    said: Archive, capsys: Out, script: str, fault: str
) -> None:
    said.change(script, "gateway")
    assert verified(said, capsys) == (1, [f"does not hold: ningbo {LOG}: first bad sequence {fault}"])
