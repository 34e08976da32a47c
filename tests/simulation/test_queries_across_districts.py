"""A clearance of Ningbo, asked for at Hangzhou: shown as far as Ningbo's policy lets the asker's role see it."""

from pathlib import Path
from typing import Any

import pytest
from guaranteed import ABROAD as DISTRICT
from guaranteed import Guaranteed, rest
from guaranteed_districts import told_across
from simulated import CALL_SECONDS, GATEWAY

from agencykit.refusals import CallerNotListed, IdentityMissing, NotFound, PartnerUnavailable
from clearance.common.v1.decision_pb2 import Decision
from clearance.district.v1 import district_service_pb2 as district
from clearance.gateway.v1 import clearance_service_pb2 as pb
from clearance.gateway.v1.clearance_pb2 import Clearance

CUSTOMS, INSPECTION = "operator/officer-customs", "operator/officer-inspection"
POLICY = """
version = "1"

[roles.customs]
clearance = ["number", "state", "consignment"]
vertical = ["agency", "decision.verdict"]
horizontal = ["agency"]

[roles.broker]
clearance = ["number"]
"""


async def seen(at: Guaranteed, who: str, number: str) -> Clearance:
    """A clearance, as that gateway tells it."""
    caller, response = at.district.transport("gateway", who), pb.GetClearanceResponse
    request = pb.GetClearanceRequest(number=number)
    return (await caller.unary(f"{GATEWAY}GetClearance", request, response, timeout_seconds=CALL_SECONDS)).clearance


def test_customs_sees_customs_part_and_nobody_else_anything_unless_the_policy_says_so(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        number = (await ningbo.submitted()).number
        await rest(1)
        told = await seen(hangzhou, CUSTOMS, number)
        whole = await seen(ningbo, CUSTOMS, number)
        assert (told.number, told.state, told.shown_by_district) == (number, whole.state, "ningbo")
        [standing] = told.agencies
        assert standing.agency == "customs"
        assert standing.decision == Decision(verdict=standing.decision.verdict)
        assert (told.broker, told.reference, told.HasField("consignment"), len(told.orders)) == ("", "", False, 0)
        [of_inspection] = (await seen(hangzhou, INSPECTION, number)).agencies
        assert of_inspection.agency == "inspection"
        for who in ("operator/port-office", "broker/3104980001", "console"):
            with pytest.raises(NotFound):
                await seen(hangzhou, who, number)
        with pytest.raises(NotFound):
            await seen(hangzhou, CUSTOMS, f"{number[:-1]}X")

    told_across(tmp_path, story)


def test_a_wider_policy_is_the_owning_districts_to_write_and_absence_names_the_partner(tmp_path: Path) -> None:
    policy = tmp_path / "visibility.toml"
    policy.write_text(POLICY)

    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        here, there = (await hangzhou.submitted()).number, (await ningbo.submitted()).number
        await rest(1)
        told = await seen(hangzhou, CUSTOMS, there)
        assert told.consignment.items
        assert [each.agency for each in told.agencies][1:]
        assert (await seen(hangzhou, "broker/3104980001", there)).state == Clearance.STATE_UNSPECIFIED
        # Hangzhou shows the least.
        assert not (await seen(ningbo, CUSTOMS, here)).HasField("consignment")
        hangzhou.district.partners["ningbo"].layers = None
        with pytest.raises(PartnerUnavailable) as refused:
            await seen(hangzhou, CUSTOMS, there)
        assert refused.value.metadata == {"district": "ningbo"}
        # The own district goes on.
        assert (await seen(hangzhou, CUSTOMS, here)).broker

    told_across(tmp_path, story, ningbo={"visibility_file": policy})


def test_only_the_gateway_of_a_partner_may_say_for_whom_it_asks(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        number = (await ningbo.submitted()).number
        request, method = district.QueryClearanceRequest(number=number, role="customs"), f"{DISTRICT}QueryClearance"
        response = district.QueryClearanceResponse
        for who, of in ((CUSTOMS, "hangzhou"), ("customs", "hangzhou"), ("gateway", "ningbo"), ("gateway", "nanjing")):
            caller = ningbo.district.transport("gateway", who, of)
            with pytest.raises((CallerNotListed, IdentityMissing)):
                await caller.unary(method, request, response, timeout_seconds=CALL_SECONDS)

    told_across(tmp_path, story)


def test_a_partner_that_does_not_answer_is_tried_by_one_at_a_time_and_the_others_hear_so_at_once(
    tmp_path: Path,
) -> None:
    """Ten ask each second for ten seconds; its return is found within the longest pause."""

    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        number = (await ningbo.submitted()).number
        await rest(1)
        way, tried = hangzhou.district.partners["ningbo"], 0
        sent = way.unary

        async def counted(method: str, *args: Any, **kwargs: Any) -> Any:
            nonlocal tried
            tried += method.endswith("/QueryClearance")
            return await sent(method, *args, **kwargs)

        way.unary = counted  # type: ignore[method-assign]
        way.layers = None
        for _ in range(100):
            with pytest.raises(PartnerUnavailable):
                await seen(hangzhou, CUSTOMS, number)
            await rest(0.1)
        # Three open the breaker; then after 0.25, 0.5, 1, 2 s and at last every 3 s, or sooner by half.
        assert 5 <= tried <= 15
        hangzhou.district.reach(ningbo.district)
        await rest(3.5)
        assert (await seen(hangzhou, CUSTOMS, number)).number == number

    told_across(tmp_path, story)
