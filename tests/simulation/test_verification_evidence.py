"""What proves nothing has nothing verified and nothing released at the port, and leaves no trace there."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from simulated import CALL_SECONDS
from verified import HOME, PORT, Verified, rest, told_verified

from agencykit.evidence import Signer, load_signer
from agencykit.evidence.originators import ASSESSMENT, Asked, certificate_messages, sign_assertions
from agencykit.refusals import (
    CallerNotListed,
    DistrictMismatch,
    EvidenceInvalid,
    IdentityMissing,
    NotFound,
    OriginatorNotListed,
    OriginatorUnproven,
    PositionAhead,
    StateForbids,
    from_status,
)
from agencykit.storage import Database
from clearance.agency.v1 import agency_service_pb2 as agency
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import SignedDecision, SigningCertificate
from clearance.common.v1.originator_pb2 import OriginatorAssertion
from clearance.district.v1 import district_service_pb2 as pb
from clearance.district.v1.verification_pb2 import HomeOrder, VerificationItem
from clearance.gateway.v1.clearance_pb2 import Clearance

AT_PORT = f"spiffe://{PORT}.clearance/gateway"
DISTRICT = "/clearance.district.v1.DistrictService/"


async def certificates(district: Any) -> list[SigningCertificate]:
    """Of its customs."""
    gateway, method = district.transport("customs", "gateway"), "/clearance.agency.v1.AgencyService/DescribeAgency"
    response = agency.DescribeAgencyResponse
    described = await gateway.unary(method, agency.DescribeAgencyRequest(), response, timeout_seconds=CALL_SECONDS)
    return list(described.description.signing_certificates)


@dataclass(frozen=True)
class Gateway:
    """Hangzhou's, as far as it asks Ningbo for verification."""

    both: Verified
    signer: Signer

    def item(self, clearance: Clearance, *signed: SignedDecision, number: str = "", **said: Any) -> VerificationItem:
        """An item with these decisions; `said` is what its assertion says otherwise."""
        content, digest = clearance.consignment.SerializeToString(deterministic=True), clearance.consignment_digest
        made = VerificationItem(
            request_id=self.both.id(),
            clearance_number=number or clearance.number,
            version=clearance.version,
            consignment=content,
            consignment_digest=digest,
            decisions=signed,
            accept_time=clearance.create_time,
        )
        asked = Asked(clearance.broker, ASSESSMENT, clearance.number, clearance.version, digest, (AT_PORT,))
        met, lifetime = self.both.home.runtime.clock.now(), timedelta(days=said.pop("days", 120))
        [proof] = sign_assertions(said.pop("signer", self.signer), [replace(asked, **said)], met, lifetime)
        made.assertion.ParseFromString(proof)
        return made

    @property
    def certificate(self) -> SigningCertificate:
        return certificate_messages([self.signer.certificate])[0]


def signer_of(folder: Path, district: str) -> Signer:
    """A gateway's key."""
    return load_signer(folder / district / "gateway-signing.pem", folder / district / "gateway-signing.key")


async def asked(both: Verified, certified: list[SigningCertificate], *items: VerificationItem) -> list[Any]:
    """What Ningbo answers to Hangzhou: refusals, or decisions."""
    gateway, method = both.port.transport("gateway", "gateway", HOME), f"{DISTRICT}RequestVerifications"
    request = pb.RequestVerificationsRequest(items=items, signing_certificates=certified)
    answer = await gateway.unary(method, request, pb.RequestVerificationsResponse, timeout_seconds=CALL_SECONDS)
    return [from_status(each.error) if each.HasField("error") else each.decision for each in answer.answers]


def tampered(signed: SignedDecision) -> SignedDecision:
    """The same, but newer, and for who has to look at the goods."""
    decision = Decision.FromString(signed.decision)
    decision.revision += 1
    del decision.findings[:]
    changed = SignedDecision()
    changed.CopyFrom(signed)
    changed.decision = decision.SerializeToString()
    return changed


def test_only_what_the_agencies_at_home_have_signed_on_these_very_bytes_is_evidence(tmp_path: Path) -> None:
    async def story(both: Verified) -> None:
        first = await both.submitted()
        of_port = (await both.at(both.port, first.number)).agencies[0].signed_decision
        both.cut()
        clearance = await both.submitted()
        [signed, earlier] = [each.agencies[0].signed_decision for each in (clearance, first)]
        certified = [*await certificates(both.home), *await certificates(both.port)]
        foreign, gateway = f"3100{clearance.number[4:]}", Gateway(both, signer_of(tmp_path, HOME))
        certified.append(gateway.certificate)
        refused = await asked(
            both,
            certified,
            gateway.item(clearance, tampered(signed)),
            gateway.item(clearance, earlier),
            gateway.item(clearance, of_port),
            gateway.item(clearance, signed, of_port),
            gateway.item(clearance, signed, number=foreign),
        )
        assert [type(each) for each in refused] == [*[EvidenceInvalid] * 4, DistrictMismatch]
        flaws = [each.metadata["flaw"] for each in refused[:4]]
        assert flaws == [
            "the decision is not in the sealed batch",
            "it is about something else",
            *["it is another party's"] * 2,
        ]
        both.port.reach(both.home)
        with pytest.raises(NotFound):
            await both.at(both.port, clearance.number)
        [verified] = await asked(both, certified, gateway.item(clearance, signed))
        assert Decision.FromString(verified.decision).verdict == Decision.VERDICT_APPROVED

    told_verified(tmp_path, story)


def test_what_is_asked_together_is_taken_in_and_answered_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def counted(kind: str) -> None:
        plain = getattr(Database, kind)

        async def counting(self: Database, function: Any, *args: Any, **kwargs: Any) -> Any:
            done.append(getattr(function, "func", function).__name__)
            return await plain(self, function, *args, **kwargs)

        monkeypatch.setattr(Database, kind, counting)

    async def story(both: Verified) -> None:
        both.cut()
        cleared = [await both.submitted() for _ in range(3)]
        certified = await certificates(both.home)
        gateway = Gateway(both, signer_of(tmp_path, HOME))
        items = [gateway.item(each, each.agencies[0].signed_decision) for each in cleared]
        items.insert(1, gateway.item(cleared[0], tampered(cleared[0].agencies[0].signed_decision)))
        counted("read")
        counted("write")
        answers = await asked(both, [*certified, gateway.certificate], *items)
        assert [type(each) for each in answers] == [SignedDecision, EvidenceInvalid, SignedDecision, SignedDecision]
        numbers = [Decision.FromString(each.decision).clearance_number for each in (answers[0], *answers[2:])]
        assert numbers == [each.number for each in cleared]
        assert [done.count(name) for name in ("speak", "newest_said", "accept")] == [1, 1, 1]

    told_verified(tmp_path, story)


def test_who_declared_it_is_proved_by_the_gateway_that_met_him_and_nobody_else(tmp_path: Path) -> None:
    async def story(both: Verified) -> None:
        both.cut()
        clearance = await both.submitted()
        signed, gateway = clearance.agencies[0].signed_decision, Gateway(both, signer_of(tmp_path, HOME))
        other, officer = (f"spiffe://{HOME}.clearance/{path}" for path in ("broker/3301980099", "operator/officer"))
        bare, swapped = gateway.item(clearance, signed), gateway.item(clearance, signed)
        bare.ClearField("assertion")
        stolen = OriginatorAssertion.FromString(swapped.assertion.assertion)
        stolen.originator = other
        swapped.assertion.assertion = stolen.SerializeToString()
        refused = await asked(
            both,
            [*await certificates(both.home), gateway.certificate],
            bare,
            swapped,
            gateway.item(clearance, signed, signer=signer_of(tmp_path, PORT)),
            gateway.item(clearance, signed, audiences=("spiffe://shanghai.clearance/gateway",)),
            gateway.item(clearance, signed, version=2),
            gateway.item(clearance, signed, days=-1),
            gateway.item(clearance, signed, originator="spiffe://shanghai.clearance/broker/2201980001"),
            gateway.item(clearance, signed, originator=officer),
        )
        assert [type(each) for each in refused] == [*[OriginatorUnproven] * 7, OriginatorNotListed]
        flaws = [each.metadata["flaw"] for each in refused[:7]]
        assert flaws == [
            "no assertion came with it",
            "the signature is not the key's",
            "unknown key",
            "it is for another audience",
            "it is about something else",
            "it has expired",
            "the originator is not of that gateway's district",
        ]
        with closing(sqlite3.connect(tmp_path / PORT / "gateway.db")) as database:
            audited = database.execute("SELECT number, details FROM audit WHERE act = 'originator refused'").fetchall()
        assert [json.loads(details).get("flaw", "") for _, details in audited] == [*flaws, ""]
        assert {number for number, _ in audited} == {clearance.number}

    told_verified(tmp_path, story)


def test_nobody_but_home_releases_what_it_declared(tmp_path: Path) -> None:
    async def story(both: Verified) -> None:
        released = await both.submitted()
        await rest()
        [order] = (await both.at(both.home, released.number)).orders
        [own] = (await both.at(both.port, released.number)).orders
        [of_home] = [each for each in (await both.at(both.port, released.number)).agencies if each.agency == HOME]
        both.cut()
        other = await both.submitted()
        certified = [SigningCertificate(certificate=b"\x30", key_id=b"\x01" * 32)]
        gateway, method = both.port.transport("gateway", "gateway", HOME), f"{DISTRICT}RecordHomeOrders"
        genuine = of_home.signed_decision
        for decision, order_bytes, signature in (
            (genuine, order.order_bytes, own.signature),
            (genuine, own.order_bytes, own.signature),
            (tampered(genuine), order.order_bytes, order.signature),
            (
                (await both.at(both.home, released.number)).agencies[1].signed_decision,
                order.order_bytes,
                order.signature,
            ),
        ):
            told = HomeOrder(decision=decision, order=order_bytes, order_signature=signature)
            request = pb.RecordHomeOrdersRequest(orders=[told], signing_certificates=certified)
            with pytest.raises(EvidenceInvalid):
                await gateway.unary(method, request, pb.RecordHomeOrdersResponse, timeout_seconds=CALL_SECONDS)
        ahead = pb.FollowVerificationsRequest(position=999)
        follow, part = f"{DISTRICT}FollowVerifications", pb.FollowVerificationsResponse
        with pytest.raises(PositionAhead):
            await anext(aiter(gateway.stream(follow, ahead, part, timeout_seconds=CALL_SECONDS)))
        again = HomeOrder(decision=genuine, order=order.order_bytes, order_signature=order.signature)
        request = pb.RecordHomeOrdersRequest(orders=[again])
        for who, of in (("gateway", PORT), ("customs", HOME), ("gateway", "shanghai")):
            stranger = both.port.transport("gateway", who, of)
            with pytest.raises((CallerNotListed, IdentityMissing)):
                await stranger.unary(method, request, pb.RecordHomeOrdersResponse, timeout_seconds=CALL_SECONDS)
        # Without its order a decision says that the case is closed: of goods that are still here nobody believes it.
        bare = pb.RecordHomeOrdersRequest(orders=[HomeOrder(decision=genuine)])
        with pytest.raises(StateForbids):
            await gateway.unary(method, bare, pb.RecordHomeOrdersResponse, timeout_seconds=CALL_SECONDS)
        answer = await gateway.unary(method, request, pb.RecordHomeOrdersResponse, timeout_seconds=CALL_SECONDS)
        assert (answer.count, await both.state(both.home, other.number)) == (1, "IN_PROGRESS")

    told_verified(tmp_path, story)


def test_a_partner_of_the_version_before_is_waited_for_by_name_with_the_reason(tmp_path: Path) -> None:
    async def story(both: Verified) -> None:
        clearance = await both.submitted()
        [of_port] = [each for each in clearance.agencies if each.agency == PORT]
        assert of_port.park_reason == "CONTRACT_VERSION"
        assert await both.waits(both.home, clearance.number) == {f"{PORT} answer"}

    told_verified(tmp_path, story, ningbo={"contract_versions": [2]})


def test_who_is_shut_out_at_the_port_has_nothing_verified_there(tmp_path: Path) -> None:
    denied = tmp_path / "denied.toml"
    denied.write_text('identities = ["spiffe://hangzhou.clearance/customs"]\nserials = []\n')

    async def story(both: Verified) -> None:
        clearance = await both.submitted()
        [of_port] = [each for each in clearance.agencies if each.agency == PORT]
        assert of_port.park_reason == "EVIDENCE_INVALID"
        assert await both.states(clearance.number) == ("IN_PROGRESS", "")

    told_verified(tmp_path, story, ningbo={"denied_file": denied})
