"""A decision counts only when its evidence leads to the very agency it is expected from."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agencykit.evidence import EvidenceInvalid, Verifier, load_signer, sign_orders, verify_order
from agencykit.evidence.certificates import CertificateInvalid
from agencykit.identity import Identity
from agencykit.pki import create_authority, issue_signing, issue_tls
from clearance.common.v1.evidence_pb2 import BatchSeal, OrderSignature, SignedDecision

from .conftest import WEIGHBRIDGE, Office, Seal, decision, der, signer_for


def changed(signed: SignedDecision, **fields: object) -> SignedDecision:
    copy = SignedDecision()
    copy.CopyFrom(signed)
    for name, value in fields.items():
        setattr(copy, name, value)
    return copy


def flaw(verifier: Verifier, signed: SignedDecision) -> str:
    with pytest.raises(EvidenceInvalid) as found:
        verifier.verify(signed)
    return found.value.flaw


def test_every_decision_of_a_batch_verifies_by_itself(office: Office, seal: Seal) -> None:
    for count in (1, 2, 3, 100, 256):
        batch = seal([decision(number) for number in range(1, count + 1)])
        verifier = office.verifier()
        assert [verifier.verify(signed).sequence for signed in batch] == list(range(1, count + 1))


def test_what_was_changed_does_not_verify(office: Office, seal: Seal) -> None:
    first, second = seal([decision(1), decision(2)])
    verifier = office.verifier()
    assert flaw(verifier, changed(first, decision=second.decision)) == "the decision is not in the sealed batch"
    assert flaw(verifier, changed(first, signature=bytes(64))) == "the signature is not the key's"
    assert flaw(verifier, changed(first, seal=b"\xff")) == "the seal cannot be read"
    seal_of_three = seal([decision(1), decision(2), decision(3)])[0]
    moved = changed(first, seal=seal_of_three.seal, signature=seal_of_three.signature)
    assert flaw(verifier, moved) == "the proof is of another batch"
    swapped = changed(first)
    swapped.proof.index = 1
    assert flaw(verifier, swapped) == "the decision is not in the sealed batch"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"agency": "customs"}, "the decision names another agency or log than its seal"),
        ({"district": "hangzhou"}, "the decision names another agency or log than its seal"),
        ({"log": "weighbridge/2"}, "the decision names another agency or log than its seal"),
        ({"sequence": 7}, "the decision names another place in the log than its seal"),
    ],
)
def test_a_sealed_decision_must_agree_with_its_seal(
    office: Office, seal: Seal, change: dict[str, object], expected: str
) -> None:
    [signed] = seal([decision(1, **change)])
    assert flaw(office.verifier(), signed) == expected


def test_bytes_that_are_no_decision_are_refused_even_when_sealed(office: Office, seal: Seal) -> None:
    [signed] = seal([b"\xff\xff"])
    assert flaw(office.verifier(), signed) == "the decision cannot be read"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"agency": "customs", "log": "customs/1"}, "the seal names another agency"),
        ({"district": "hangzhou"}, "the seal names another agency"),
        ({"log": "customs/1"}, "the seal names no place in a log of the agency"),
        ({"first_sequence": 0}, "the seal names no place in a log of the agency"),
        ({"seal_time": datetime(2003, 1, 1, tzinfo=UTC)}, "the certificate was not in force when the batch was sealed"),
    ],
)
def test_a_seal_must_be_the_agencys_own(office: Office, seal: Seal, change: dict[str, object], expected: str) -> None:
    [signed] = seal([decision(1)], **change)
    assert flaw(office.verifier(), signed) == expected


def test_a_key_that_was_not_admitted_proves_nothing(office: Office, seal: Seal, tmp_path: Path) -> None:
    other = signer_for(office.authority, WEIGHBRIDGE, tmp_path)
    [signed] = seal([decision(1)], other)
    verifier = office.verifier()
    assert flaw(verifier, signed) == "unknown key"
    assert not verifier.knows(BatchSeal.FromString(signed.seal).key_id)
    verifier.admit(other.certificate)
    assert verifier.verify(signed).sequence == 1


def test_only_a_signing_certificate_of_this_agency_from_a_trusted_authority_is_admitted(office: Office) -> None:
    verifier = Verifier(WEIGHBRIDGE, [office.authority.certificate])
    stranger = create_authority("ningbo")
    customs = Identity.of_district("ningbo", "customs")
    for certificate, why in (
        (der(issue_signing(stranger, WEIGHBRIDGE)), "no trusted authority"),
        (der(issue_signing(office.authority, customs)), "another party's"),
        (der(issue_tls(office.authority, [WEIGHBRIDGE])), "not Ed25519"),
        (der(issue_tls(office.authority, [WEIGHBRIDGE, customs])), "exactly one identity"),
        (b"no certificate", "not a certificate"),
    ):
        with pytest.raises(CertificateInvalid, match=why):
            verifier.admit(certificate)


def test_a_key_of_another_certificate_is_refused_at_start(office: Office, tmp_path: Path) -> None:
    issue_signing(office.authority, WEIGHBRIDGE).write(tmp_path / "a.pem", tmp_path / "a.key")
    issue_signing(office.authority, WEIGHBRIDGE).write(tmp_path / "b.pem", tmp_path / "b.key")
    with pytest.raises(CertificateInvalid, match="not the certificate's"):
        load_signer(tmp_path / "a.pem", tmp_path / "b.key")


def test_an_expired_certificate_still_proves_what_was_sealed_in_its_time(
    office: Office, tmp_path: Path, seal: Seal
) -> None:
    last_year = datetime.now(UTC) - timedelta(days=400)
    old = signer_for(office.authority, WEIGHBRIDGE, tmp_path, now=last_year)
    verifier = office.verifier()
    verifier.admit(old.certificate)
    [then] = seal([decision(1)], old, seal_time=last_year + timedelta(days=1))
    assert verifier.verify(then).sequence == 1
    [now] = seal([decision(1)], old)
    assert flaw(verifier, now) == "the certificate was not in force when the batch was sealed"


def test_a_release_order_is_signed_apart_from_batches(office: Office, tmp_path: Path) -> None:
    gateway = Identity.of_district("ningbo", "gateway")
    signer = signer_for(office.authority, gateway, tmp_path)
    verifier = Verifier(gateway, [office.authority.certificate])
    verifier.admit(signer.certificate)
    orders = [b"order %d" % number for number in range(1, 8)]
    signatures = sign_orders(signer, orders)
    for order, signature in zip(orders, signatures, strict=True):
        verify_order(verifier, order, signature, signer.key_id)
    [alone] = sign_orders(signer, orders[:1])
    verify_order(verifier, b"order 1", alone, signer.key_id)
    bent = OrderSignature.FromString(signatures[0])
    bent.proof.count = 6
    for order, signed, key_id in (
        (b"order 2", signatures[0], signer.key_id),
        (b"order 1", signatures[1], signer.key_id),
        (b"order 1", bent.SerializeToString(), signer.key_id),
        (b"order 1", signer.key.sign(b"order 1"), signer.key_id),
        (b"order 1", b"", signer.key_id),
        (b"order 1", signatures[0], bytes(32)),
    ):
        with pytest.raises(EvidenceInvalid):
            verify_order(verifier, order, signed, key_id)
