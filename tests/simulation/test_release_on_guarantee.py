"""Release on guarantee: the real gateway and the real ledger, each step failed, undone and taken twice."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from guarantee_journey import held, is_clean, released
from guaranteed import GRN, Guaranteed, of_customs, rest
from guaranteed_districts import told

from agencykit.refusals import CallerNotListed, SecondPersonNeeded, StateForbids, Unavailable
from agencykit.testing.inline import Moment
from clearance.common.v1.decision_pb2 import Decision
from clearance.customs.v1.guarantee_pb2 import Guarantee, GuaranteeUse
from clearance.gateway.v1.clearance_pb2 import Clearance
from clearance.gateway.v1.guarantee_release_service_pb2 import GuaranteeRelease

# Every call of the journey, lost on its way there or on its way back.
MOMENTS: tuple[Moment, ...] = ("called", "answered")
CALLS = [(moment, method) for method in ("HoldGuarantees", "ConfirmGuarantees") for moment in MOMENTS]
ENDS = [(moment, method) for method in ("CreditGuarantees", "ClaimGuarantees") for moment in MOMENTS]


def test_a_doubted_price_is_guaranteed_the_goods_go_and_the_guarantee_returns(tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        clearance = await held(told)
        terms = of_customs(clearance).guarantee
        assert (clearance.state, terms.covered) == (Clearance.STATE_ON_HOLD, False)
        release = await told.ask(clearance)
        assert release.state == GuaranteeRelease.STATE_CONFIRMED
        assert release.amount.minor_units == terms.amount_minor_units > 0
        await rest()
        after = await told.read(clearance)
        assert after.state == Clearance.STATE_RELEASED_ON_GUARANTEE
        assert of_customs(after).verdict == Decision.VERDICT_APPROVED_WITH_OBLIGATIONS
        assert [order.order.kind for order in after.orders] == [1]
        assert [(wait.party, wait.fact_kind) for wait in after.waiting] == [("customs", "officer_result")]
        assert (await told.guarantee()).confirmed_units == terms.amount_minor_units
        assert await told.district.clear_work("customs") == 1
        await rest()
        assert [each.state for each in await told.releases(clearance)] == [GuaranteeRelease.STATE_CREDITED]
        assert await told.state(clearance) == "RELEASED_ON_GUARANTEE"
        await is_clean(told)

    told(tmp_path, story)


@pytest.mark.parametrize(("moment", "method"), CALLS, ids=" ".join)
def test_a_step_that_fails_is_taken_again_under_the_same_request_id(
    moment: Moment, method: str, tmp_path: Path
) -> None:
    async def story(told: Guaranteed) -> None:
        clearance, request_id = await held(told), "7d444840-9dc0-11d1-b245-5ffdce74fad2"
        told.break_ledger(moment, method)
        with pytest.raises(Unavailable):
            await told.ask(clearance, request_id=request_id)
        assert (await told.ask(clearance, request_id=request_id)).state == GuaranteeRelease.STATE_CONFIRMED
        await rest()
        assert await told.state(clearance) == "RELEASED_ON_GUARANTEE"
        assert len(await told.uses()) == len(await told.releases(clearance)) == 1

    told(tmp_path, story)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_hold_that_nobody_comes_back_to_is_undone(moment: Moment, tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        clearance = await held(told)
        told.break_ledger(moment, "HoldGuarantees")
        with pytest.raises(Unavailable):
            await told.ask(clearance)
        await rest(30)
        assert [each.state for each in await told.releases(clearance)] == [GuaranteeRelease.STATE_CANCELLED]
        assert await told.state(clearance) == "ON_HOLD"
        await is_clean(told)
        assert (await told.ask(clearance)).state == GuaranteeRelease.STATE_CONFIRMED

    told(tmp_path, story)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_confirmation_that_nobody_comes_back_to_is_made_by_the_gateway(moment: Moment, tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        clearance = await held(told)
        told.break_ledger(moment, "ConfirmGuarantees", times=3)
        with pytest.raises(Unavailable):
            await told.ask(clearance)
        assert await told.state(clearance) == "ON_HOLD", "no release without a recorded confirmation"
        await rest(30)
        assert await told.state(clearance) == "RELEASED_ON_GUARANTEE"
        assert [use.state for use in await told.uses()] == [GuaranteeUse.STATE_CONFIRMED]

    told(tmp_path, story)


@pytest.mark.parametrize(("moment", "method"), CALLS, ids=" ".join)
def test_a_step_that_failed_is_undone_when_the_broker_takes_his_request_back(
    moment: Moment, method: str, tmp_path: Path
) -> None:
    async def story(told: Guaranteed) -> None:
        clearance = await held(told)
        told.break_ledger(moment, method, times=100)
        with pytest.raises(Unavailable):
            await told.ask(clearance)
        twice = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
        assert {(await told.cancel(clearance, twice)).state for _ in range(2)} == {GuaranteeRelease.STATE_RETURNING}
        await rest(30)
        assert await told.state(clearance) == "ON_HOLD"
        [ended] = await told.releases(clearance)
        assert ended.state in (GuaranteeRelease.STATE_CANCELLED, GuaranteeRelease.STATE_CREDITED)
        await is_clean(told)

    told(tmp_path, story)


@pytest.mark.parametrize(("moment", "method"), ENDS, ids=" ".join)
def test_an_end_that_fails_comes_once_all_the_same(moment: Moment, method: str, tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        clearance = await released(told)
        amount = (await told.guarantee()).confirmed_units
        told.break_ledger(moment, method, times=2)
        if method == "ClaimGuarantees":
            await told.claimed(clearance)
        else:
            await told.district.clear_work("customs")
        await rest(30)
        [use] = await told.uses()
        claimed = method == "ClaimGuarantees"
        assert use.state == (GuaranteeUse.STATE_CLAIMED if claimed else GuaranteeUse.STATE_CREDITED)
        assert (await told.guarantee()).claimed_units == (amount if claimed else 0)
        assert not await told.differences()

    told(tmp_path, story)


def test_every_act_done_twice_is_done_once(tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        clearance = await held(told)
        ids = [f"7d444840-9dc0-11d1-b245-5ffdce74fad{digit}" for digit in range(3)]
        asked = [await told.ask(clearance, request_id=ids[0]) for _ in range(2)]
        assert asked[0] == asked[1]
        await rest()
        proposed = [await told.claim(clearance, ids[2], who="examiner-customs") for _ in range(2)]
        assert {each.state for each in proposed} == {GuaranteeRelease.STATE_CONFIRMED}
        claimed = [await told.claim(clearance, ids[1]) for _ in range(2)]
        assert {each.generation for each in claimed} == {1}
        await rest()
        [use] = await told.uses()
        assert (use.state, use.parts[0].claimed_units) == (GuaranteeUse.STATE_CLAIMED, asked[0].amount.minor_units)
        assert not await told.differences()

    told(tmp_path, story)


def test_claimed_money_stands_for_what_was_open(tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        clearance = await released(told)
        with pytest.raises(CallerNotListed):
            await told.claim(clearance, who="port-office")
        release = await told.claimed(clearance)
        assert release.claimant.endswith("operator/officer-customs")
        await rest()
        assert await told.state(clearance) == "RELEASED_ON_GUARANTEE"

    told(tmp_path, story)


@pytest.mark.parametrize("paid_first", [False, True], ids=["taken back", "paid and given back"])
def test_a_claim_that_is_given_back_stands_for_nothing_and_what_was_open_is_open_again(
    paid_first: bool, tmp_path: Path
) -> None:
    async def story(told: Guaranteed) -> None:
        clearance = await released(told)
        await told.claimed(clearance)
        await rest()
        [claim] = await told.claims()
        if paid_first:
            await told.settle(claim.claim_id, "PAID")
            await rest()
            assert await told.state(clearance) == "RELEASED_ON_GUARANTEE"
        await told.settle(claim.claim_id, "REFUNDED")
        await rest()
        assert await told.state(clearance) == "RELEASE_STOPPED"
        assert not of_customs(await told.read(clearance)).guarantee.covered
        assert not await told.differences()

    told(tmp_path, story)


def test_a_claim_takes_two_officers_and_one_of_them_alone_changes_nothing(tmp_path: Path) -> None:
    examiner, officer = ("spiffe://ningbo.clearance/operator/" + who for who in ("examiner-customs", "officer-customs"))

    async def story(told: Guaranteed) -> None:
        clearance = await released(told)
        with pytest.raises(StateForbids):
            await told.unclaim(clearance)
        proposed = await told.claim(clearance, who="examiner-customs")
        assert (proposed.state, proposed.claim_proposer) == (GuaranteeRelease.STATE_CONFIRMED, examiner)
        with pytest.raises(SecondPersonNeeded) as refused:
            await told.claim(clearance, who="examiner-customs")
        assert refused.value.metadata == {"operation": "ClaimGuaranteeRelease", "proposer": examiner}
        with pytest.raises(CallerNotListed):
            await told.unclaim(clearance, who="port-office")
        await rest()
        assert [each.state for each in await told.releases(clearance)] == [GuaranteeRelease.STATE_CONFIRMED]
        withdrawal = "7d444840-9dc0-11d1-b245-5ffdce74fad7"
        assert {(await told.unclaim(clearance, withdrawal)).claim_proposer for _ in range(2)} == {""}
        # Taken back, it is nobody's: the officer's call proposes again, and the examiner may be the second.
        assert (await told.claim(clearance)).claim_proposer == officer
        claimed = await told.claim(clearance, who="examiner-customs")
        assert (claimed.claim_proposer, claimed.claimant) == (officer, examiner)
        await rest()
        assert [each.state for each in await told.releases(clearance)] == [GuaranteeRelease.STATE_CLAIMED]
        with closing(sqlite3.connect(tmp_path / "gateway.db")) as database:
            ended = database.execute("SELECT proposer, second, state FROM proposals ORDER BY state").fetchall()
        assert ended == [(officer, examiner, 2), (examiner, officer, 3)]

    told(tmp_path, story)


def test_nothing_is_guaranteed_where_another_agency_does_not_agree(tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        clearance = await told.submitted(hold=True)
        await told.enter(clearance.consignment.trader.identifier)
        with pytest.raises(StateForbids):
            await told.ask(clearance)
        assert not await told.releases(clearance)
        await is_clean(told)

    told(tmp_path, story)


def test_many_at_once_take_up_one_guarantee_as_far_as_it_reaches(tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        cases = [await told.submitted() for _ in range(4)]
        amounts = {of_customs(case).guarantee.amount_minor_units for case in cases}
        [amount] = amounts
        await told.enter(cases[0].consignment.trader.identifier, limit=amount * 3)
        asked: list[Any] = await asyncio.gather(*(told.ask(case) for case in cases))
        states = sorted(GuaranteeRelease.State.Name(each.state) for each in asked)
        assert states == ["STATE_CONFIRMED"] * 3 + ["STATE_REFUSED"]
        await rest()
        found = [await told.read(case) for case in cases]
        on_guarantee = {each.number for each in found if each.state == Clearance.STATE_RELEASED_ON_GUARANTEE}
        confirmed = {use.key.clearance_number for use in await told.uses() if use.state == GuaranteeUse.STATE_CONFIRMED}
        assert on_guarantee == confirmed
        assert isinstance(await told.guarantee(GRN), Guarantee)

    told(tmp_path, story)
