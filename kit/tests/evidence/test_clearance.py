"""Evidence that was exported: what holds is said to hold, and each way to bend it is named."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from google.protobuf.json_format import MessageToJson

from agencykit.certifying.denied import revoke
from agencykit.evidence import Signer, seal_batch, sign_orders
from agencykit.evidence.__main__ import main
from agencykit.evidence.certificates import key_id_of
from agencykit.evidence.chain import EMPTY_HEAD
from agencykit.evidence.clearance import Verdict, verify_clearance
from agencykit.evidence.sheets import Head, sealed_head, sign_sheet
from agencykit.identity import Identity
from agencykit.pki import Issued, create_authority, issue_signing
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import ClearanceEvidence, SignedDecision, SignedOrder
from clearance.common.v1.order_pb2 import ManualBasis, ReleaseOrder

NUMBER = "31002004HAIPHONG0017"
NOW = datetime(2004, 11, 17, 8, tzinfo=UTC)
DAY = timedelta(days=1)
GATEWAY = Identity.of_district("ningbo", "gateway")
CONSIGNMENT = sha256(b"17 crates of looms").digest()
AUTHORITY = create_authority("ningbo", NOW - 400 * DAY)


def signer_of(path: str, authority: Issued = AUTHORITY, now: datetime = NOW, days: int = 365) -> Signer:
    issued = issue_signing(authority, Identity.of_district("ningbo", path), now=now, lifetime=days * DAY)
    return Signer(issued.key, issued.certificate.public_bytes(Encoding.DER))  # type: ignore[arg-type]


CUSTOMS, PORT, SIGNING = signer_of("customs"), signer_of("port"), signer_of("gateway")


def decided(agency: str, signer: Signer, seal_time: datetime = NOW, **changes: object) -> SignedDecision:
    """The first of two decisions that its agency sealed together."""
    fields: dict[str, object] = {
        "agency": agency,
        "district": "ningbo",
        "clearance_number": NUMBER,
        "version": 1,
        "consignment_digest": CONSIGNMENT,
        "revision": 1,
        "verdict": Decision.VERDICT_APPROVED,
        "log": f"{agency}/1",
        "sequence": 1,
    }
    both = (fields | changes, fields | {"clearance_number": "31002004B", "sequence": 2})
    contents = [Decision(**said).SerializeToString() for said in both]  # type: ignore[arg-type]
    batch = seal_batch(
        signer,
        agency=agency,
        district="ningbo",
        log=f"{agency}/1",
        first_sequence=1,
        previous_head=EMPTY_HEAD,
        decisions=contents,
        seal_time=seal_time,
    )
    return SignedDecision.FromString(batch.signed(contents)[0])


@dataclass
class Story:
    """What is exported of one clearance: customs and the port said yes, and it was released."""

    decisions: list[SignedDecision] = field(
        default_factory=lambda: [decided("customs", CUSTOMS), decided("port", PORT)]
    )
    certificates: list[bytes] = field(default_factory=lambda: [each.certificate for each in (CUSTOMS, PORT, SIGNING)])
    order: dict[str, object] = field(default_factory=dict)
    gateway: Signer = SIGNING
    countersign_time: datetime = NOW
    heads: list[Head] = field(default_factory=list)
    # Digests that the order names instead of its decisions' own.
    digests: dict[str, bytes] = field(default_factory=dict)

    def evidence(self) -> ClearanceEvidence:
        heads = self.heads or [sealed_head(each.seal, "ningbo") for each in self.decisions]
        sheet, signature = sign_sheet(
            self.gateway, gateway=GATEWAY, replica="1", number=1, previous=b"", heads=heads, now=self.countersign_time
        )
        told = ClearanceEvidence(clearance_number=NUMBER, district="ningbo", decisions=self.decisions)
        told.sheets.add(sheet=sheet, signature=signature)
        for each in self.certificates:
            told.certificates.add(certificate=each, key_id=key_id_of(each))
        told.orders.append(self._ordered())
        return told

    def _ordered(self) -> SignedOrder:
        fields: dict[str, object] = {
            "clearance_number": NUMBER,
            "number": 1,
            "kind": ReleaseOrder.KIND_RELEASE,
            "version": 1,
            "consignment_digest": CONSIGNMENT,
            "gateway": str(GATEWAY),
            "key_id": self.gateway.key_id,
        }
        order = ReleaseOrder(**(fields | self.order))  # type: ignore[arg-type]
        order.issue_time.FromDatetime(NOW)
        for signed in self.decisions:
            said = Decision.FromString(signed.decision)
            digest = self.digests.get(said.agency, sha256(signed.decision).digest())
            order.decisions.add(
                agency=said.agency, version=1, revision=1, log=said.log, sequence=1, decision_digest=digest
            )
        content = order.SerializeToString()
        return SignedOrder(order=content, signature=sign_orders(self.gateway, [content])[0])


def found(evidence: ClearanceEvidence) -> Verdict:
    return verify_clearance(evidence, {"ningbo": [AUTHORITY.certificate]})


def test_what_was_decided_and_ordered_holds_by_the_authoritys_certificate_alone() -> None:
    verdict = found(Story().evidence())
    assert verdict.faults == []
    assert verdict.sound == [
        "customs, version 1, revision 1 APPROVED (log customs/1, sequence 1), countersigned 2004-11-17 08:00:00 UTC",
        "port, version 1, revision 1 APPROVED (log port/1, sequence 1), countersigned 2004-11-17 08:00:00 UTC",
        "order 1, release, rests on 2 decisions",
    ]


WEI, FANG = "spiffe://ningbo.clearance/operator/li-wei", "spiffe://ningbo.clearance/operator/wang-fang"


@pytest.mark.parametrize(
    ("second", "fault"), [(FANG, ""), (WEI, "one officer"), ("spiffe://ningbo.clearance/gateway", "two officers")]
)
def test_an_order_by_hand_tells_whose_word_it_is_and_holds_only_on_that_of_two_officers(
    second: str, fault: str
) -> None:
    manual = ManualBasis(proposer=WEI, confirmer=second, reason_code="RELIEF", paper_order_number="NB-88")
    manual.absent_agencies.append("border")
    for moment in (manual.propose_time, manual.confirm_time):
        moment.FromDatetime(NOW)
    verdict = found(Story(order={"manual": manual, "district": "ningbo"}).evidence())
    if fault:
        assert fault in verdict.faults[0]
        return
    assert verdict.faults == []
    assert verdict.sound[-1].endswith(f"2 decisions, and without an answer of border on the word of {WEI} and {FANG}")


def test_what_a_key_signed_before_it_was_rotated_holds_beside_what_the_next_one_signs() -> None:
    """The old certificate ended the day after; the head above was countersigned before that."""
    old = signer_of("customs", now=NOW - 364 * DAY)
    story = Story([decided("customs", old), decided("port", PORT)])
    story.certificates = [*story.certificates, old.certificate]
    assert found(story.evidence()).faults == []


def test_a_key_that_is_used_after_its_end_is_found_by_the_countersigned_time_whatever_the_signer_says() -> None:
    """Somebody found customs' old key, and dates his seal back to when it was in force."""
    stolen = signer_of("customs", now=NOW - 30 * DAY, days=10)
    story = Story([decided("customs", stolen, NOW - 25 * DAY), decided("port", PORT)])
    story.certificates = [*story.certificates, stolen.certificate]
    [fault, order] = found(story.evidence()).faults
    assert fault.endswith("the certificate was not in force when a head above it was countersigned")
    assert fault.startswith("customs, version 1, revision 1")
    assert order.startswith("order 1: it names customs's decision")


def bent(evidence: ClearanceEvidence, what: str) -> ClearanceEvidence:
    first = evidence.decisions[0]
    if what == "bytes":
        said = Decision.FromString(first.decision)
        said.verdict = Decision.VERDICT_REFUSED
        first.decision = said.SerializeToString()
    elif what == "signature":
        first.signature = bytes(64)
    elif what == "proof":
        first.proof.siblings[0] = bytes(32)
    elif what == "sheet":
        evidence.sheets[0].signature = bytes(64)
    elif what == "order":
        evidence.orders[0].order += ReleaseOrder(policy_version="2099").SerializeToString()
    return evidence


CUSTOMS_SAYS = "customs, version 1, revision 1 APPROVED (log customs/1, sequence 1)"


@pytest.mark.parametrize(
    ("what", "fault"),
    [
        ("bytes", f"{CUSTOMS_SAYS}: the decision is not in the sealed batch".replace("APPROVED", "REFUSED")),
        ("signature", f"{CUSTOMS_SAYS}: the signature is not the key's"),
        ("proof", f"{CUSTOMS_SAYS}: the decision is not in the sealed batch"),
        ("sheet", "sheet of heads: the signature is not the key's"),
        ("order", "order 1: the signature is not the key's"),
    ],
)
def test_whatever_is_changed_is_named(what: str, fault: str) -> None:
    assert found(bent(Story().evidence(), what)).faults[0] == fault


def foreign() -> Story:
    """Customs' key, by the certificate of another district's authority."""
    other = signer_of("customs", create_authority("hangzhou", NOW - DAY))
    theirs = [other.certificate, PORT.certificate, SIGNING.certificate]
    return Story([decided("customs", other), decided("port", PORT)], theirs)


def late() -> Story:
    """The gateway goes on with a key whose certificate has ended."""
    ended = signer_of("gateway", now=NOW - 9 * DAY, days=5)
    return Story(certificates=[CUSTOMS.certificate, PORT.certificate, ended.certificate], gateway=ended)


@pytest.mark.parametrize(
    ("story", "fault"),
    [
        pytest.param(foreign, "no trusted authority issued it", id="another district's certificate"),
        pytest.param(lambda: Story(certificates=[SIGNING.certificate]), "unknown key", id="no certificate"),
        pytest.param(lambda: Story([decided("customs", PORT)]), "unknown key", id="another agency's key"),
        pytest.param(
            lambda: Story(digests={"port": bytes(32)}),
            "order 1: it names port's decision, version 1, revision 1 by a digest that no sound decision here has",
            id="another digest",
        ),
        pytest.param(
            lambda: Story(order={"gateway": "spiffe://hangzhou.clearance/gateway"}),
            "it is of another gateway",
            id="another gateway's order",
        ),
        pytest.param(
            lambda: Story(order={"consignment_digest": bytes(32)}),
            "which is about another consignment",
            id="another consignment",
        ),
        pytest.param(
            lambda: Story([decided("customs", CUSTOMS, verdict=Decision.VERDICT_HOLD)]),
            "which is no yes",
            id="a release without a yes",
        ),
        pytest.param(
            lambda: Story([decided("customs", CUSTOMS, clearance_number="31002004B")]),
            "it is about another clearance",
            id="another clearance's decision",
        ),
        pytest.param(lambda: Story(heads=[Head(1, "customs/1", 2, b"\x07" * 32)]), "the log was forked", id="a fork"),
        pytest.param(
            lambda: Story(heads=[Head(1, "customs/1", 9, b"\x07" * 32)]),
            "no countersigned head stands above it",
            id="not countersigned",
        ),
        pytest.param(late, "was not in force when it was signed", id="the gateway's key after its end"),
    ],
)
def test_what_does_not_belong_together_is_named(story: Callable[[], Story], fault: str) -> None:
    assert any(fault in each for each in found(story().evidence()).faults)


def test_an_order_whose_number_is_not_above_the_one_before_is_named() -> None:
    evidence = Story().evidence()
    evidence.orders.append(evidence.orders[0])
    assert found(evidence).faults == ["order 1: its number is not above that of the order before"]


def test_the_command_says_what_holds_and_its_exit_code_whether_all_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ca, file = tmp_path / "ca.pem", tmp_path / "looms.json"
    ca.write_bytes(AUTHORITY.certificate_pem)
    file.write_text(MessageToJson(Story().evidence()), "utf-8")
    assert main([str(file), "--ca", str(ca)]) == 0
    assert capsys.readouterr().out.endswith(f"{NUMBER}: holds\n")
    file.write_text(MessageToJson(bent(Story().evidence(), "bytes")), "utf-8")
    assert main([str(file), "--ca", str(ca)]) == 1
    file.write_text("<evidence/>")
    assert main([str(file), "--ca", str(ca)]) == 2


def test_a_key_that_was_revoked_later_is_told_of_and_what_it_signed_before_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exported, authority, denied = (tmp_path / name for name in ("story.json", "ca.pem", "denied.toml"))
    exported.write_text(MessageToJson(Story().evidence()), "utf-8")
    authority.write_bytes(AUTHORITY.certificate_pem)
    serial = f"{x509.load_der_x509_certificate(CUSTOMS.certificate).serial_number:x}"
    given = [str(exported), "--ca", str(authority), "--revoked", str(denied)]
    revoke(denied, serial=serial, reason="the key was lost", now=NOW + DAY)
    assert main(given) == 0
    assert (
        f"revoked: the key {CUSTOMS.key_id.hex()[:16]} of spiffe://ningbo.clearance/customs" in capsys.readouterr().out
    )
    for before in (NOW, NOW - DAY):
        denied.unlink()
        revoke(denied, serial=serial, reason="the key was lost", now=before)
        assert main(given) == 1
        assert "does not hold: customs, version 1" in (told := capsys.readouterr().out)
        assert "its key was revoked 2004-11-1" in told
    denied.write_text(f'identities = ["{GATEWAY}"]\nserials = []\n', "utf-8")
    assert main(given) == 1
    assert "does not hold: sheet of heads: its key was revoked 1970-01-01" in capsys.readouterr().out
