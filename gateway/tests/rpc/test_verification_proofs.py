"""What a partner's gateway says, proved or passed over: it signs here as it does there."""

from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography.x509 import load_der_x509_certificate

from agencykit.bundles import Bundle, issue_next
from agencykit.evidence import Signer, load_signer, sign_orders
from agencykit.identity import Identity
from agencykit.pki import Issued, create_authority, issue_signing
from agencykit.refusals import EvidenceInvalid
from agencykit.rpc.denied import DenyList
from agencykit.rules import Verdict
from agencykit.runtime.real import SystemClock
from agencykit.storage import to_micros
from agencykit.testing.virtual import START, InlineExecutor
from clearance.common.v1.evidence_pb2 import SignedDecision, SigningCertificate
from clearance.common.v1.order_pb2 import ReleaseOrder
from gateway.domain.decision import HOME_ORDER, Wait, WaitKind
from gateway.domain.states import OutcomeKind
from gateway.domain.verification import Said
from gateway.operations.log import Log
from gateway.operations.partners import Partner
from gateway.operations.ports import CallFailed, FeedEntry
from gateway.operations.verification.speaking import Saying
from gateway.rpc.times import timestamp
from gateway.rpc.verification.home import TransportVerifications
from gateway.rpc.verification.proofs import Proofs
from gateway.rpc.verification.speech import Speech
from gateway.storage.decisions import Received
from gateway.storage.outcomes import Outcome
from gateway.storage.verifications import NO_HEAD

NUMBER, DIGEST, NOW = "290020040PX7K3M9QZ2B", b"\x07" * 32, to_micros(START)
NINGBO = "ningbo"
unused: Any = None


class Written:
    """A log that is read."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, object]] = []

    def error(self, event: str, **fields: object) -> None:
        self.lines.append((event, fields.get("reason")))

    info = warning = error


class Ningbo:
    """An authority, the bundle of its district, and who is shut out."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.authority = folder, create_authority(NINGBO, START)
        self.authority.write(folder / "ca.pem", folder / "ca.key")
        signing = issue_signing(self.authority, Identity.of_district(NINGBO, "district"), now=START)
        signing.write(folder / "district-signing.pem", folder / "district-signing.key")
        self.bundle: Bundle = issue_next(folder, folder / "bundle.json", NINGBO, "3100", START)

    def signer(self, authority: Issued | None = None, days: int = 0) -> Signer:
        """A key of its gateway, in force after so many days."""
        now = START + timedelta(days=days)
        made = issue_signing(authority or self.authority, Identity.of_district(NINGBO, "gateway"), now=now)
        made.write(self.folder / "key.pem", self.folder / "key.key")
        return load_signer(self.folder / "key.pem", self.folder / "key.key")

    def proofs(self, *serials: str) -> Proofs:
        """As a partner has them, who has shut out these certificates."""
        file = self.folder / "denied.toml"
        file.write_text(f"identities = []\nserials = {list(serials)!r}\n")
        denied = DenyList(file, SystemClock(), unused)
        own = Identity.of_district("hangzhou", "gateway")
        return Proofs({NINGBO: Partner("", self.bundle)}, denied, own, SystemClock(), lambda key: None)


@pytest.fixture
def ningbo(tmp_path: Path) -> Ningbo:
    return Ningbo(tmp_path)


def beside(*signers: Signer) -> tuple[SigningCertificate, ...]:
    return tuple(SigningCertificate(certificate=each.certificate, key_id=each.key_id) for each in signers)


def serial_of(signer: Signer) -> str:
    return f"{load_der_x509_certificate(signer.certificate).serial_number:x}"


def said(signer: Signer, verdict: Verdict = Verdict.APPROVED, *waits: Wait) -> SignedDecision:
    saying = Saying(NUMBER, DIGEST, 1, Said(1, verdict, None, waits, 0))
    [signed], _ = Speech(signer, NINGBO)("hangzhou", [saying], 1, NO_HEAD, NOW)
    return SignedDecision.FromString(signed)


def tampered(signer: Signer) -> SignedDecision:
    changed = said(signer)
    changed.decision += b"\x10\x02"
    return changed


def stop(signer: Signer) -> Outcome:
    """An order to stop as it is stored, signed under this key."""
    order = ReleaseOrder(
        clearance_number=NUMBER,
        number=2,
        version=1,
        kind=ReleaseOrder.KIND_STOP,
        consignment_digest=DIGEST,
        release_mode="05",
        key_id=signer.key_id,
        issue_time=timestamp(NOW),
    ).SerializeToString()
    [signature] = sign_orders(signer, [order])
    return Outcome(NUMBER, 2, 1, OutcomeKind.STOPPED, NOW, order, signature)


def test_an_order_of_an_older_key_counts_when_its_certificate_comes_beside(ningbo: Ningbo) -> None:
    old, new = ningbo.signer(), ningbo.signer(days=30)
    [told] = Speech(new, NINGBO).orders([stop(old)])
    assert ningbo.proofs().order(NINGBO, told, beside(new, old)).decision.verdict == Verdict.RECALLED
    with pytest.raises(EvidenceInvalid, match="unknown key"):
        ningbo.proofs().order(NINGBO, told, beside(new))


def test_an_order_of_a_key_that_is_shut_out_is_refused_although_the_decision_has_another(ningbo: Ningbo) -> None:
    old, new = ningbo.signer(), ningbo.signer()
    [told] = Speech(new, NINGBO).orders([stop(old)])
    serial = serial_of(old)
    with pytest.raises(EvidenceInvalid, match="shut out"):
        ningbo.proofs(serial).order(NINGBO, told, beside(new, old))


def test_an_order_told_again_is_told_in_the_same_bytes_under_one_key(ningbo: Ningbo) -> None:
    signer = ningbo.signer()
    first, again = Speech(signer, NINGBO).orders([stop(signer)] * 2)
    assert first.SerializeToString() == again.SerializeToString()


@pytest.mark.parametrize("key", ["", "one", "²", "-1", "9" * 5000])
def test_what_is_obeyed_is_told_by_a_number(ningbo: Ningbo, key: str) -> None:
    signer = ningbo.signer()
    obeyed = Wait(WaitKind.PERSON, "hangzhou", HOME_ORDER, key)
    signed = [said(signer, Verdict.PENDING, obeyed), said(signer, Verdict.PENDING, obeyed._replace(fact_key="2"))]
    flaw, sound = ningbo.proofs().of_gateway(NINGBO, signed, beside(signer))
    assert flaw == "its home_order is no number"
    assert isinstance(sound, Received)


async def verified(proofs: Proofs, log: Written, *entries: tuple[SignedDecision, Any]) -> list[bool]:
    """Which of the entries of a feed count."""
    parts = (unused, proofs, unused, unused, cast(Log, log), unused, InlineExecutor(), unused)
    feed = [FeedEntry(("gateway/hangzhou", place), entry) for place, entry in enumerate(entries)]
    return [one is not None for one in await TransportVerifications(NINGBO, "hangzhou", *parts).verify(feed)]


async def test_what_proves_nothing_is_passed_over_and_does_not_end_the_feed(ningbo: Ningbo) -> None:
    log, good, out = Written(), ningbo.signer(), ningbo.signer()
    certificates = beside(good, out)
    none: Any = 99
    signed = (tampered(good), said(out), said(good, none), said(good))
    found = await verified(ningbo.proofs(serial_of(out)), log, *((each, certificates) for each in signed))
    assert found == [False, False, False, True]
    flaws = [
        "the decision is not in the sealed batch",
        "the signer, or its certificate, is shut out",
        "its verdict is none",
    ]
    assert log.lines == [("feed.untrusted", flaw) for flaw in flaws]


async def test_a_key_that_may_yet_be_vouched_for_is_waited_for(ningbo: Ningbo) -> None:
    unannounced = ningbo.signer(create_authority(NINGBO, START))
    for certificates in ((), beside(unannounced)):
        with pytest.raises(CallFailed, match="UNTRUSTED"):
            await verified(ningbo.proofs(), Written(), (said(unannounced), certificates))
