"""Guarantees in the running service: every refusal by its own reason, and what an answer leads to."""

import asyncio
import uuid

import pytest

from agencykit.refusals import (
    CallerNotListed,
    GuaranteeAlreadyUsed,
    GuaranteeInsufficient,
    GuaranteeTypeMismatch,
    GuaranteeUseReused,
    GuaranteeVoucherUsed,
    NotFound,
    RequestIdReused,
    StateForbids,
)
from clearance.common.v1.money_pb2 import Money
from clearance.customs.v1 import guarantee_pb2 as g
from clearance.customs.v1 import guarantee_register_service_pb2 as reg
from clearance.customs.v1 import guarantee_service_pb2 as pb
from customs.operations import guarantees as ledger

from .guarantees import CASH, COMPREHENSIVE, LIMIT, OTHER, VOUCHERS, Desk, balances, cover, hold, key, states

MOST = 2**63 - 1


async def test_a_hold_is_confirmed_and_comes_back_in_parts(desk: Desk) -> None:
    assert states(await desk.hold(hold(400_000))) == ["HELD"]
    assert await balances(desk) == (LIMIT, 600_000, 400_000, 0)
    assert states(await desk.confirm(key())) == ["CONFIRMED"]
    assert states([await desk.credit(key(), 150_000)]) == ["CONFIRMED"]
    assert await balances(desk) == (LIMIT, 750_000, 0, 250_000)
    assert states([await desk.credit(key())]) == ["CREDITED"]
    assert await balances(desk) == (LIMIT, LIMIT, 0, 0)
    assert await desk.differences() == []


async def test_a_suspended_guarantee_is_not_used_and_what_is_held_is_not_confirmed(desk: Desk) -> None:
    await desk.hold(hold(1))
    await desk.change(COMPREHENSIVE, state=g.Guarantee.STATE_SUSPENDED)
    assert states(await desk.hold(hold(1, number="B"))) == ["GUARANTEE_NOT_VALID"]
    assert states(await desk.confirm(key())) == ["GUARANTEE_NOT_VALID"]
    await desk.change(COMPREHENSIVE, state=g.Guarantee.STATE_ACTIVE)
    assert states(await desk.confirm(key())) == ["CONFIRMED"]
    await desk.change(COMPREHENSIVE, state=g.Guarantee.STATE_REVOKED)
    assert states(await desk.hold(hold(1, number="C"))) == ["GUARANTEE_NOT_VALID"]
    # What is confirmed stays in use until it is resolved, and a revoked guarantee is not taken up again.
    assert await balances(desk) == (LIMIT, LIMIT - 1, 0, 1)
    with pytest.raises(StateForbids):
        await desk.change(COMPREHENSIVE, state=g.Guarantee.STATE_ACTIVE)


async def test_the_same_use_is_one_and_with_other_content_it_is_refused(desk: Desk) -> None:
    (first,) = await desk.hold(hold(5))
    again, other = await desk.hold(hold(5), hold(6))
    assert again == first
    assert type(other) is GuaranteeUseReused
    assert await balances(desk) == (LIMIT, LIMIT - 5, 5, 0)


async def test_what_was_cancelled_before_it_came_is_refused_for_ever(desk: Desk) -> None:
    assert states(await desk.cancel(key())) == ["CANCELLED"]
    assert states(await desk.hold(hold(5))) == ["STATE_FORBIDS"]
    assert await balances(desk) == (LIMIT, LIMIT, 0, 0)


async def test_a_confirmed_use_is_neither_cancelled_nor_ended_by_the_clock(desk: Desk) -> None:
    await desk.hold(hold(5), hold(7, number="B"))
    await desk.confirm(key())
    assert states(await desk.cancel(key())) == ["STATE_FORBIDS"]
    later = 2**60
    assert await desk.customs.app.parts.database.write(ledger.expire, later, 10) == 1
    assert await balances(desk) == (LIMIT, LIMIT - 5, 0, 5)
    assert states(await desk.confirm(key("B"))) == ["STATE_FORBIDS"]


async def test_a_credit_sent_twice_comes_back_once(desk: Desk) -> None:
    await desk.hold(hold(10))
    await desk.confirm(key())
    request_id = str(uuid.uuid4())
    once, again = [await desk.credit(key(), 4, request_id) for _ in range(2)]
    assert once == again
    assert type(await desk.credit(key(), 5, request_id)) is RequestIdReused
    assert await balances(desk) == (LIMIT, LIMIT - 6, 0, 6)
    assert type(await desk.credit(key(), 7)) is GuaranteeInsufficient


async def test_a_raised_amount_is_held_before_the_old_one_is_cancelled(desk: Desk) -> None:
    await desk.hold(hold(400_000))
    assert states(await desk.hold(hold(500_000, generation=2))) == ["HELD"]
    assert states(await desk.cancel(key())) == ["CANCELLED"]
    assert await balances(desk) == (LIMIT, 500_000, 500_000, 0)
    # A late hold of a generation between would be older than what is known.
    await desk.hold(hold(1, number="B", generation=2))
    assert states(await desk.hold(hold(1, number="B"))) == ["STATE_FORBIDS"]


async def test_an_insufficient_comprehensive_guarantee_is_topped_up(desk: Desk) -> None:
    await desk.enter(CASH, 300_000, g.Guarantee.TYPE_CASH)
    (use,) = await desk.hold(hold(LIMIT + 200_000, CASH, COMPREHENSIVE))
    assert isinstance(use, g.GuaranteeUse)
    assert [(part.grn, part.units) for part in use.parts] == [(COMPREHENSIVE, LIMIT), (CASH, 200_000)]
    await desk.confirm(key())
    # What topped it up comes back first.
    (back,) = [await desk.credit(key(), 200_000)]
    assert isinstance(back, g.GuaranteeUse)
    assert [part.outstanding_units for part in back.parts] == [LIMIT, 0]


async def test_access_codes_open_however_few_are_remembered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("customs.operations.access_codes.REMEMBERED", 1)
    for voucher in VOUCHERS:
        await desk.enter(voucher, 700_000, g.Guarantee.TYPE_VOUCHER)
    for number in ("A", "B"):
        assert states(await desk.hold(hold(1, COMPREHENSIVE, *VOUCHERS, number=number))) == ["HELD"]


async def test_what_stands_for_the_scheme_is_held_without_its_code_for_its_holder_alone(desk: Desk) -> None:
    await desk.enter(OTHER, LIMIT, for_scheme=True)
    granted = hold(1, OTHER, code="", granted_by_scheme=True)
    assert states(await desk.hold(granted)) == states(await desk.hold(granted)) == ["HELD"]
    denied = [
        hold(1, OTHER, code="", number="B"),
        hold(1, OTHER, code="", number="C", granted_by_scheme=True, holder_identifier="3302969999"),
    ]
    assert states(await desk.hold(*denied)) == ["GUARANTEE_ACCESS_DENIED"] * 2
    assert states(await desk.hold(hold(1, OTHER, number="D"))) == ["HELD"], "by its code, like any other"
    changed = await desk.change(OTHER, for_scheme=False)
    assert not changed.for_scheme
    assert states(await desk.hold(hold(1, OTHER, code="", number="E", granted_by_scheme=True))) == [
        "GUARANTEE_ACCESS_DENIED"
    ]


async def test_a_deposit_stands_for_no_scheme(desk: Desk) -> None:
    await desk.enter(CASH, LIMIT, g.Guarantee.TYPE_CASH)
    with pytest.raises(GuaranteeTypeMismatch):
        await desk.change(CASH, for_scheme=True)
    assert states(await desk.hold(hold(1, CASH, code="", granted_by_scheme=True))) == ["GUARANTEE_ACCESS_DENIED"]


async def test_two_comprehensive_guarantees_do_not_top_each_other_up(desk: Desk) -> None:
    await desk.enter(OTHER, LIMIT)
    assert states(await desk.hold(hold(1, COMPREHENSIVE, OTHER))) == ["GUARANTEE_TYPE_MISMATCH"]


async def test_a_voucher_or_deposit_stands_for_one_case_only(desk: Desk) -> None:
    await desk.enter(VOUCHERS[0], 700_000, g.Guarantee.TYPE_VOUCHER)
    await desk.enter(CASH, 300_000, g.Guarantee.TYPE_CASH)
    await desk.hold(hold(100_000, VOUCHERS[0]), hold(100_000, CASH, number="C"))
    voucher, deposit = await desk.hold(hold(1, VOUCHERS[0], number="D"), hold(1, CASH, number="D"))
    assert (type(voucher), type(deposit)) == (GuaranteeVoucherUsed, GuaranteeAlreadyUsed)
    # What was only held is free again once it is cancelled.
    await desk.cancel(key())
    assert states(await desk.hold(hold(1, VOUCHERS[0], number="D"))) == ["HELD"]


async def test_a_claim_lowers_the_limit_until_it_is_paid(desk: Desk) -> None:
    await desk.hold(hold(400_000))
    await desk.confirm(key())
    claim_id = str(uuid.uuid4())
    assert states([await desk.claim(key(), request_id=claim_id)]) == ["CLAIMED"]
    assert await balances(desk) == (600_000, 600_000, 0, 0)
    assert (await desk.guarantee()).claimed_units == 400_000
    request = reg.SettleClaimRequest(
        request_id=str(uuid.uuid4()), claim_id=claim_id, settlement=reg.SettleClaimRequest.SETTLEMENT_PAID
    )
    (claim,) = (await desk.officer("SettleClaim", request, reg.SettleClaimResponse)).claims
    assert (claim.units, claim.state) == (400_000, reg.GuaranteeClaim.STATE_PAID)
    assert await balances(desk) == (LIMIT, LIMIT, 0, 0)
    assert await desk.differences() == []


async def test_a_limit_below_what_is_in_use_leaves_a_shortfall_that_what_comes_back_fills(desk: Desk) -> None:
    await desk.hold(hold(400_000))
    await desk.confirm(key())
    lowered = await desk.change(COMPREHENSIVE, limit_units=300_000)
    assert (lowered.available_units, lowered.shortfall_units) == (0, 100_000)
    assert lowered.HasField("shortfall_until_time")
    assert states(await desk.hold(hold(1, number="B"))) == ["GUARANTEE_INSUFFICIENT"]
    await desk.credit(key(), 150_000)
    back = await desk.guarantee()
    assert (back.available_units, back.shortfall_units, back.HasField("shortfall_until_time")) == (50_000, 0, False)
    assert await desk.differences() == []


async def test_of_sixty_four_callers_exactly_as_many_succeed_as_the_limit_holds(desk: Desk) -> None:
    each = LIMIT // 10
    asked = [desk.hold(hold(each, number=f"NBGUAR{place:02}")) for place in range(64)]
    answers = [answer for (answer,) in await asyncio.gather(*asked)]
    assert sorted(set(states(answers))) == ["GUARANTEE_INSUFFICIENT", "HELD"]
    assert states(answers).count("HELD") == 10
    assert await balances(desk) == (LIMIT, 0, LIMIT, 0)


async def test_a_use_is_seen_by_the_caller_it_belongs_to(desk: Desk) -> None:
    await desk.hold(hold(5))
    request = pb.GetGuaranteeUseRequest(key=key())
    found = await desk.customs.gateway.call(
        "/clearance.customs.v1.GuaranteeService/GetGuaranteeUse", request, pb.GetGuaranteeUseResponse
    )
    assert found.use.amount == Money(currency_code="CNY", minor_units=5)
    with pytest.raises(NotFound):
        await desk.customs.gateway.call(
            "/clearance.customs.v1.GuaranteeService/GetGuaranteeUse",
            pb.GetGuaranteeUseRequest(key=key("NOBODY")),
            pb.GetGuaranteeUseResponse,
        )


async def test_uses_of_a_guarantee_are_listed_page_by_page(desk: Desk) -> None:
    await desk.hold(*[hold(1, number=f"NB/GUAR/{place}") for place in range(5)])
    await desk.cancel(key("NB/GUAR/3"))
    seen, token = [], ""
    while True:
        request = reg.ListGuaranteeUsesRequest(grn=COMPREHENSIVE, page_size=2, page_token=token, open_only=True)
        page = await desk.officer("ListGuaranteeUses", request, reg.ListGuaranteeUsesResponse)
        seen += [use.key.clearance_number for use in page.uses]
        if not (token := page.next_page_token):
            break
    assert seen == [f"NB/GUAR/{place}" for place in (0, 1, 2, 4)]


async def test_a_use_that_the_gateway_passes_on_is_the_partners(desk: Desk) -> None:
    asked = pb.HoldGuaranteesRequest(holds=[hold(400, number="29002004HZGUAR000001")], asking_district="hangzhou")
    [use] = await desk.call("HoldGuarantees", asked, pb.HoldGuaranteesResponse)
    assert isinstance(use, g.GuaranteeUse)
    assert use.district == "hangzhou"
    [again] = await desk.call("HoldGuarantees", asked, pb.HoldGuaranteesResponse)
    assert again == use
    # The own gateway has no such use, and what it bars is its own.
    assert states(await desk.confirm(use.key)) == ["NOT_FOUND"]
    assert states(await desk.cancel(use.key)) == ["CANCELLED"]
    confirming = pb.ConfirmGuaranteesRequest(keys=[use.key], asking_district="hangzhou")
    assert states(await desk.call("ConfirmGuarantees", confirming, pb.ConfirmGuaranteesResponse)) == ["CONFIRMED"]
    resolution = pb.GuaranteeResolution(request_id=str(uuid.uuid4()), key=use.key)
    crediting = pb.CreditGuaranteesRequest(credits=[resolution], asking_district="hangzhou")
    assert states(await desk.call("CreditGuarantees", crediting, pb.CreditGuaranteesResponse)) == ["CREDITED"]
    assert await balances(desk) == (LIMIT, LIMIT, 0, 0)


async def test_a_guarantee_is_valid_in_the_district_that_asks_and_not_in_that_which_passes_on(desk: Desk) -> None:
    await desk.enter(OTHER, LIMIT, districts=["hangzhou"])
    asked = pb.HoldGuaranteesRequest(holds=[hold(1, OTHER, number="29002004HZGUAR000001")], asking_district="hangzhou")
    assert states(await desk.call("HoldGuarantees", asked, pb.HoldGuaranteesResponse)) == ["HELD"]
    assert states(await desk.hold(hold(1, OTHER))) == ["GUARANTEE_NOT_VALID_HERE"]


async def test_no_scheme_of_this_district_grants_a_partner_what_needs_a_code(desk: Desk) -> None:
    await desk.enter(OTHER, LIMIT, for_scheme=True)
    granted = hold(1, OTHER, number="29002004HZGUAR000001", code="", granted_by_scheme=True)
    asked = pb.HoldGuaranteesRequest(holds=[granted], asking_district="hangzhou")
    refused = await desk.call("HoldGuarantees", asked, pb.HoldGuaranteesResponse)
    assert states(refused) == ["GUARANTEE_ACCESS_DENIED"]
    assert states(await desk.hold(granted)) == ["HELD"]


async def test_a_cover_is_of_another_district_and_of_an_amount(desk: Desk) -> None:
    covers = [cover("A", 1, home="ningbo"), cover("A", 0), cover("A", MOST)]
    assert await desk.record(*covers) == ["FORM_INVALID", "FORM_INVALID", "STANDING"]
    assert await desk.record(cover("A", 2)) == ["GUARANTEE_USE_REUSED"]
    assert await desk.end(key("A")) == ["ENDED"]
    assert await desk.record(cover("A", MOST)) == ["STATE_FORBIDS"]


async def test_nobody_but_the_gateway_names_partners_or_records_covers(desk: Desk) -> None:
    request, answer = pb.RecordOutsideCoversRequest(covers=[cover("A", 1)]), pb.RecordOutsideCoversResponse
    with pytest.raises(CallerNotListed):
        await desk.customs.operator.call("/clearance.customs.v1.GuaranteeService/RecordOutsideCovers", request, answer)
