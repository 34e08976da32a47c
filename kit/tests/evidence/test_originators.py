"""Who asks: signed once for a convoy, proved by each who acts on it, judged by the moment at which he was met."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from agencykit.evidence import EvidenceInvalid, Signer, Verifier
from agencykit.evidence.originators import (
    ASSESSMENT,
    WITHDRAWAL,
    Asked,
    OriginatorProof,
    certificate_messages,
    sign_assertions,
)
from agencykit.identity import Identity
from agencykit.pki import Issued, create_authority
from clearance.common.v1.originator_pb2 import OriginatorAssertion, SignedAssertion

from .conftest import signer_for

GATEWAY, CUSTOMS = (Identity.of_district("ningbo", role) for role in ("gateway", "customs"))
BROKER = "spiffe://ningbo.clearance/broker/3104980001"
NUMBER, DIGEST = "31002004TESTORIG0001", sha256(b"40 pallets of rivet nuts").digest()
ASKED = Asked(BROKER, ASSESSMENT, NUMBER, 1, DIGEST, (str(CUSTOMS), "spiffe://ningbo.clearance/port"))
# Certificates are made when the first test asks for them, and begin a little before that.
NOW = datetime.now(UTC) + timedelta(hours=1)
WEEKS = timedelta(days=120)
Denies = Callable[[str, str], bool]


def nobody(identity: str, serial: str) -> bool:
    return False


@pytest.fixture(scope="module")
def authority() -> Issued:
    return create_authority("ningbo")


@pytest.fixture(scope="module")
def gateway(authority: Issued, tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return signer_for(authority, GATEWAY, tmp_path_factory.mktemp("gateway"))


def proof(authority: Issued, *signers: Signer, denies: Denies = nobody, relays: bool = False) -> OriginatorProof:
    """As customs proves it, told of these certificates."""
    made = OriginatorProof(Verifier(GATEWAY, [authority.certificate]), CUSTOMS, denies, relays=relays)
    made.admit(certificate_messages([each.certificate for each in signers]))
    return made


def signed(signer: Signer, asked: Asked = ASKED, met: datetime = NOW) -> SignedAssertion:
    [content] = sign_assertions(signer, [asked], met, WEEKS)
    return SignedAssertion.FromString(content)


def originator(proves: OriginatorProof, assertion: SignedAssertion, now: datetime = NOW) -> str:
    return str(proves.originator(assertion, ASSESSMENT, NUMBER, 1, DIGEST, now))


def flaw(proves: OriginatorProof, assertion: SignedAssertion, now: datetime = NOW) -> str:
    with pytest.raises(EvidenceInvalid) as invalid:
        originator(proves, assertion, now)
    return invalid.value.flaw


def test_one_signature_says_of_a_whole_convoy_who_asked_for_what(authority: Issued, gateway: Signer) -> None:
    convoy = [
        replace(ASKED, originator=f"spiffe://ningbo.clearance/broker/{place}", number=f"{NUMBER}{place}")
        for place in range(256)
    ]
    made = [SignedAssertion.FromString(each) for each in sign_assertions(gateway, convoy, NOW, WEEKS)]
    assert len({each.signature for each in made}) == 1
    proves = proof(authority, gateway)
    found = [
        proves.originator(assertion, ASSESSMENT, asked.number, 1, DIGEST, NOW)
        for asked, assertion in zip(convoy, made, strict=True)
    ]
    assert [str(each) for each in found] == [each.originator for each in convoy]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"purpose": WITHDRAWAL}, "it is about something else"),
        ({"number": "31002004TESTORIG0002"}, "it is about something else"),
        ({"version": 2}, "it is about something else"),
        ({"digest": bytes(32)}, "it is about something else"),
        ({"audiences": ("spiffe://ningbo.clearance/port",)}, "it is for another audience"),
        ({"audiences": ("spiffe://hangzhou.clearance/customs",)}, "it is for another audience"),
        (
            {"originator": "spiffe://hangzhou.clearance/broker/3301980001"},
            "the originator is not of that gateway's district",
        ),
        ({"originator": "the broker, as ever"}, "it names nobody"),
    ],
)
def test_an_assertion_is_good_for_what_it_says_and_for_whom(
    authority: Issued, gateway: Signer, changes: dict[str, object], why: str
) -> None:
    assert flaw(proof(authority, gateway), signed(gateway, replace(ASKED, **changes))) == why  # type: ignore[arg-type]


def test_what_was_not_signed_so_proves_nothing(authority: Issued, gateway: Signer, tmp_path: Path) -> None:
    proves, true = proof(authority, gateway), signed(gateway)
    other = OriginatorAssertion.FromString(true.assertion)
    other.originator = "spiffe://ningbo.clearance/broker/3104980002"
    forged = SignedAssertion(assertion=other.SerializeToString(), proof=true.proof, signature=true.signature)
    assert flaw(proves, forged) == "the signature is not the key's"
    assert originator(proves, true) == BROKER
    two = [SignedAssertion.FromString(each) for each in sign_assertions(gateway, [ASKED, ASKED], NOW, WEEKS)]
    assert originator(proves, two[0]) == BROKER
    beside = SignedAssertion(assertion=forged.assertion, proof=two[1].proof, signature=two[1].signature)
    assert flaw(proves, beside) == "it is not among what was signed"
    customs = signer_for(authority, CUSTOMS, tmp_path)
    assert flaw(proof(authority, gateway, customs), signed(customs)) == "unknown key"
    elsewhere = signer_for(create_authority("ningbo"), GATEWAY, tmp_path)
    assert flaw(proof(authority, gateway, elsewhere), signed(elsewhere)) == "unknown key"


def test_what_waited_for_weeks_is_judged_by_the_moment_at_which_its_broker_was_met(
    authority: Issued, tmp_path: Path
) -> None:
    brief = signer_for(authority, GATEWAY, tmp_path, lifetime=timedelta(days=1))
    proves, early, late = proof(authority, brief), signed(brief), signed(brief, met=NOW + timedelta(days=3))
    assert originator(proves, early, NOW + timedelta(days=14)) == BROKER
    assert flaw(proves, early, NOW + timedelta(days=121)) == "it has expired"
    why = "the gateway's certificate was not in force when it was signed"
    assert flaw(proves, late, NOW + timedelta(days=4)) == why
    assert flaw(proves, early, NOW - timedelta(hours=1)) == "it is of a time to come"


def test_a_signer_who_is_shut_out_vouches_for_nobody_any_more(authority: Issued, gateway: Signer) -> None:
    shut_out: set[str] = set()

    def denies(identity: str, serial: str) -> bool:
        return bool({identity, serial} & shut_out)

    proves, assertion = proof(authority, gateway, denies=denies), signed(gateway)
    assert originator(proves, assertion) == BROKER
    verifier = Verifier(GATEWAY, [authority.certificate])
    for name in (verifier.serial(verifier.admit(gateway.certificate)), str(GATEWAY)):
        shut_out.add(name)
        assert flaw(proves, assertion) == "the signer, or its certificate, is shut out"
        shut_out.clear()
    assert originator(proves, assertion) == BROKER


def test_a_gateway_relays_what_a_partners_gateway_said_of_its_own_brokers(authority: Issued, gateway: Signer) -> None:
    abroad = "spiffe://hangzhou.clearance/broker/3301980001"
    relayed = replace(ASKED, originator=abroad, relayed_from="spiffe://hangzhou.clearance/gateway")
    own = proof(authority, gateway, relays=True)
    assert originator(own, signed(gateway, relayed)) == abroad
    why = "the originator is not of that gateway's district"
    assert flaw(proof(authority, gateway), signed(gateway, relayed)) == why
    for by in ("spiffe://shanghai.clearance/gateway", "spiffe://hangzhou.clearance/customs"):
        assert flaw(own, signed(gateway, replace(relayed, relayed_from=by))) == why
