"""What proves nothing has nothing verified and nothing released at the port, and leaves no trace there."""

from pathlib import Path
from typing import Any

import pytest
from simulated import CALL_SECONDS
from verified import HOME, PORT, Verified, rest, told_verified

from agencykit.refusals import (
    CallerNotListed,
    DistrictMismatch,
    EvidenceInvalid,
    IdentityMissing,
    NotFound,
    PositionAhead,
    StateForbids,
    from_status,
)
from clearance.agency.v1 import agency_service_pb2 as agency
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import SignedDecision, SigningCertificate
from clearance.district.v1 import district_service_pb2 as pb
from clearance.district.v1.verification_pb2 import HomeOrder, VerificationItem
from clearance.gateway.v1.clearance_pb2 import Clearance

DISTRICT = "/clearance.district.v1.DistrictService/"


async def certificates(district: Any) -> list[SigningCertificate]:
    """Of its customs."""
    gateway, method = district.transport("customs", "gateway"), "/clearance.agency.v1.AgencyService/DescribeAgency"
    response = agency.DescribeAgencyResponse
    described = await gateway.unary(method, agency.DescribeAgencyRequest(), response, timeout_seconds=CALL_SECONDS)
    return list(described.description.signing_certificates)


def item(both: Verified, clearance: Clearance, *signed: SignedDecision, number: str = "") -> VerificationItem:
    """As Hangzhou's gateway would ask for it, with these decisions."""
    made = VerificationItem(
        request_id=both.id(),
        clearance_number=number or clearance.number,
        version=clearance.version,
        consignment=clearance.consignment.SerializeToString(deterministic=True),
        consignment_digest=clearance.consignment_digest,
        originator=clearance.broker,
        decisions=signed,
    )
    made.accept_time.CopyFrom(clearance.create_time)
    return made


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
        foreign = f"3100{clearance.number[4:]}"
        refused = await asked(
            both,
            certified,
            item(both, clearance, tampered(signed)),
            item(both, clearance, earlier),
            item(both, clearance, of_port),
            item(both, clearance, signed, of_port),
            item(both, clearance, signed, number=foreign),
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
        [verified] = await asked(both, certified, item(both, clearance, signed))
        assert Decision.FromString(verified.decision).verdict == Decision.VERDICT_APPROVED

    told_verified(tmp_path, story)


def test_a_home_names_nobody_of_another_district_as_who_declared(tmp_path: Path) -> None:
    async def story(both: Verified) -> None:
        both.cut()
        clearance = await both.submitted()
        licence = clearance.consignment.broker_licence
        items = [item(both, clearance, clearance.agencies[0].signed_decision) for _ in range(2)]
        items[0].originator, items[1].originator = f"spiffe://ningbo.clearance/broker/{licence}", licence
        refused = await asked(both, await certificates(both.home), *items)
        assert [each.metadata["flaw"] for each in refused] == ["its originator is not of the home district"] * 2

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
