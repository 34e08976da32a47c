"""Hangzhou's goods go on a guarantee that Ningbo keeps: two real gateways, two real customs, every call lost once."""

from pathlib import Path

import pytest
from guaranteed import ABROAD, CLEARANCES, GRN, LEDGER, LIMIT, Guaranteed, of_customs, rest
from guaranteed_districts import told_across

from agencykit.refusals import CallerNotListed, DistrictMismatch, GuaranteeTypeMismatch, Unavailable
from agencykit.testing.inline import Moment
from clearance.customs.v1.guarantee_pb2 import GuaranteeUse, GuaranteeUseKey
from clearance.district.v1 import district_service_pb2 as district
from clearance.gateway.v1 import clearance_service_pb2 as clearances
from clearance.gateway.v1.clearance_pb2 import Clearance
from clearance.gateway.v1.guarantee_release_service_pb2 import GuaranteeRelease

OTHER_GRN, OF_HANGZHOU = "19XX0040191000024", "19XX0290191000014"
REQUEST_ID = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
MOMENTS: tuple[Moment, ...] = ("called", "answered")
# Every call of Hangzhou's gateway on the way there, and on the way back: to Ningbo, and to its own customs.
THERE = [ABROAD + "HoldGuarantees", ABROAD + "ConfirmGuarantees", LEDGER + "RecordOutsideCovers"]
BACK = [LEDGER + "EndOutsideCovers", ABROAD + "CancelGuarantees", ABROAD + "CreditGuarantees"]


def lost(paths: list[str]) -> list[tuple[Moment, str]]:
    return [(moment, path) for path in paths for moment in MOMENTS]


async def held(hangzhou: Guaranteed, ningbo: Guaranteed, limit: int = LIMIT) -> Clearance:
    """A clearance of Hangzhou that only customs' review of the price keeps, with a guarantee in Ningbo's register."""
    clearance = await hangzhou.submitted()
    await ningbo.enter(clearance.consignment.trader.identifier, limit=limit)
    return clearance


async def released(hangzhou: Guaranteed) -> Clearance:
    """One more clearance, released on the guarantee."""
    clearance = await hangzhou.submitted()
    await hangzhou.ask(clearance)
    await rest()
    assert await hangzhou.state(clearance) == "RELEASED_ON_GUARANTEE"
    return clearance


async def use_of(ningbo: Guaranteed, clearance: Clearance) -> GuaranteeUse:
    """The one use that Ningbo's ledger has of a clearance."""
    [use] = [each for each in await ningbo.uses() if each.key.clearance_number == clearance.number]
    return use


async def states(hangzhou: Guaranteed, clearance: Clearance) -> list[str]:
    """Of all its releases on guarantee."""
    return [GuaranteeRelease.State.Name(each.state)[6:] for each in await hangzhou.releases(clearance)]


async def is_clean(ningbo: Guaranteed) -> None:
    """Nothing is held or confirmed, and every balance agrees with the entries."""
    guarantee = await ningbo.guarantee()
    assert (guarantee.held_units, guarantee.confirmed_units, guarantee.available_units) == (0, 0, LIMIT)
    assert not await ningbo.differences()


def test_goods_of_one_district_go_on_a_guarantee_of_another_which_then_returns(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        clearance = await held(hangzhou, ningbo)
        assert clearance.number.startswith("2900")
        release = await hangzhou.ask(clearance)
        assert (release.state, release.home_district) == (GuaranteeRelease.STATE_CONFIRMED, "ningbo")
        use = await use_of(ningbo, clearance)
        assert (use.state, use.district) == (GuaranteeUse.STATE_CONFIRMED, "hangzhou")
        assert use.outstanding_units == release.amount.minor_units == of_customs(clearance).guarantee.amount_minor_units
        await rest()
        after = await hangzhou.read(clearance)
        assert after.state == Clearance.STATE_RELEASED_ON_GUARANTEE
        assert of_customs(after).guarantee.covered
        assert await hangzhou.district.clear_work("customs") == 1
        await rest()
        assert await states(hangzhou, clearance) == ["CREDITED"]
        assert await hangzhou.state(clearance) == "RELEASED_ON_GUARANTEE"
        await is_clean(ningbo)

    told_across(tmp_path, story)


def test_a_call_that_is_lost_on_the_way_there_and_repeated_counts_once(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        await held(hangzhou, ningbo)
        confirmed = 0
        for place, (moment, path) in enumerate(lost(THERE)):
            clearance, request_id = await hangzhou.submitted(), f"7d444840-9dc0-11d1-b245-5ffdce74fad{place}"
            hangzhou.break_ledger(moment, path, service="")
            with pytest.raises(Unavailable):
                await hangzhou.ask(clearance, request_id=request_id)
            assert await hangzhou.state(clearance) == "ON_HOLD", f"no release without a recorded confirmation: {path}"
            again = await hangzhou.ask(clearance, request_id=request_id)
            assert again.state == GuaranteeRelease.STATE_CONFIRMED
            await rest()
            assert await hangzhou.state(clearance) == "RELEASED_ON_GUARANTEE"
            assert (await use_of(ningbo, clearance)).outstanding_units == again.amount.minor_units
            confirmed += again.amount.minor_units
        assert (await ningbo.guarantee()).confirmed_units == confirmed
        assert not await ningbo.differences()

    told_across(tmp_path, story)


def test_a_confirmation_that_nobody_comes_back_to_is_made_by_the_gateway(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        await held(hangzhou, ningbo)
        for moment, path in lost(THERE[1:]):
            clearance = await hangzhou.submitted()
            hangzhou.break_ledger(moment, path, times=2, service="")
            with pytest.raises(Unavailable):
                await hangzhou.ask(clearance)
            assert await hangzhou.state(clearance) == "ON_HOLD", f"no release without a recorded confirmation: {path}"
            await rest(6)
            assert await hangzhou.state(clearance) == "RELEASED_ON_GUARANTEE"
            assert (await use_of(ningbo, clearance)).state == GuaranteeUse.STATE_CONFIRMED

    told_across(tmp_path, story)


def test_what_the_broker_takes_back_returns_once_whichever_call_is_lost(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        await held(hangzhou, ningbo)
        for moment, path in lost([*THERE, *BACK]):
            clearance = await hangzhou.submitted()
            # Confirmed at home and recorded with customs, and yet not with the gateway.
            hangzhou.break_ledger("answered", "RecordOutsideCovers", times=100)
            if path in THERE:
                hangzhou.break_ledger(moment, path, times=100, service="")
            with pytest.raises(Unavailable):
                await hangzhou.ask(clearance)
            hangzhou.mend()
            if path in BACK:
                hangzhou.break_ledger(moment, path, service="")
            await hangzhou.cancel(clearance)
            await rest(4)
            assert await states(hangzhou, clearance) in (["CANCELLED"], ["CREDITED"]), f"{path} lost when {moment}"
            after = await hangzhou.read(clearance)
            assert (after.state, of_customs(after).guarantee.covered) == (Clearance.STATE_ON_HOLD, False)
            await is_clean(ningbo)

    told_across(tmp_path, story)


def test_what_is_settled_returns_once_whichever_call_is_lost(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        open_work = await held(hangzhou, ningbo)
        await hangzhou.withdraw(open_work)
        for moment, path in lost([BACK[0], BACK[2]]):
            clearance = await released(hangzhou)
            hangzhou.break_ledger(moment, path, service="")
            await hangzhou.district.clear_work("customs")
            await rest(4)
            assert await states(hangzhou, clearance) == ["CREDITED"], f"{path} lost when {moment}"
            await is_clean(ningbo)

    told_across(tmp_path, story)


def test_a_use_counts_only_after_it_is_confirmed_and_goes_back_only_after_it_counts_no_more(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        clearance = await held(hangzhou, ningbo)
        hangzhou.break_ledger("called", "ConfirmGuarantees", times=3, service=ABROAD)
        with pytest.raises(Unavailable):
            await hangzhou.ask(clearance)
        await rest(2)
        assert (await use_of(ningbo, clearance)).state == GuaranteeUse.STATE_HELD
        assert not of_customs(await hangzhou.read(clearance)).guarantee.covered
        await rest(6)
        assert of_customs(await hangzhou.read(clearance)).guarantee.covered
        hangzhou.break_ledger("called", "EndOutsideCovers", times=3)
        await hangzhou.district.clear_work("customs")
        await rest(4)
        assert await states(hangzhou, clearance) == ["RETURNING"]
        assert (await use_of(ningbo, clearance)).state == GuaranteeUse.STATE_CONFIRMED
        await rest(8)
        await is_clean(ningbo)

    told_across(tmp_path, story)


def test_a_claim_is_made_once_at_home_and_stands_for_what_was_open(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        await held(hangzhou, ningbo)
        claimed = 0
        for moment in MOMENTS:
            clearance = await released(hangzhou)
            hangzhou.break_ledger(moment, "ClaimGuarantees", service=ABROAD)
            claimed += (await hangzhou.claimed(clearance)).amount.minor_units
            await rest(4)
            assert (await use_of(ningbo, clearance)).state == GuaranteeUse.STATE_CLAIMED
            assert (await ningbo.guarantee()).claimed_units == claimed
            after = await hangzhou.read(clearance)
            assert (after.state, of_customs(after).guarantee.covered) == (Clearance.STATE_RELEASED_ON_GUARANTEE, True)
        assert not await ningbo.differences()

    told_across(tmp_path, story)


def test_a_refused_guarantee_may_be_amended_as_at_home(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        clearance = await held(hangzhou, ningbo, limit=1)
        release = await hangzhou.ask(clearance)
        assert (release.state, list(release.refusals)) == (GuaranteeRelease.STATE_REFUSED, ["GUARANTEE_INSUFFICIENT"])
        await rest()
        assert await hangzhou.state(clearance) == "GUARANTEE_AMENDMENT"
        holder = clearance.consignment.trader.identifier
        await ningbo.enter(holder, OTHER_GRN, districts=["ningbo"])
        elsewhere = await hangzhou.ask(clearance, OTHER_GRN)
        assert list(elsewhere.refusals) == ["GUARANTEE_NOT_VALID_HERE"]
        await hangzhou.enter(holder, OF_HANGZHOU)
        own = await hangzhou.ask(clearance, OF_HANGZHOU)
        assert (own.generation, own.home_district, own.state) == (3, "hangzhou", GuaranteeRelease.STATE_CONFIRMED)
        await rest()
        assert await hangzhou.state(clearance) == "RELEASED_ON_GUARANTEE"

    told_across(tmp_path, story)


def test_guarantees_of_two_districts_are_not_combined(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        clearance = await held(hangzhou, ningbo)
        with pytest.raises(GuaranteeTypeMismatch) as refused:
            await hangzhou.ask(clearance, GRN, OF_HANGZHOU)
        assert refused.value.metadata["grn"] == OF_HANGZHOU
        assert not await hangzhou.releases(clearance)
        await is_clean(ningbo)

    told_across(tmp_path, story)


def test_a_partner_that_is_away_is_asked_again_and_holds_nobody_else_up(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        await hangzhou.withdraw(await held(hangzhou, ningbo))
        there, here = await released(hangzhou), await hangzhou.submitted()
        await hangzhou.enter(here.consignment.trader.identifier, OF_HANGZHOU)
        assert (await hangzhou.ask(here, OF_HANGZHOU)).state == GuaranteeRelease.STATE_CONFIRMED
        link = hangzhou.district.partners["ningbo"]
        link.layers = None
        assert await hangzhou.district.clear_work("customs") == 2
        await rest(10)
        assert await states(hangzhou, there) == ["RETURNING"]
        assert await states(hangzhou, here) == ["CREDITED"]
        hangzhou.district.reach(ningbo.district)
        await rest(60)
        assert await states(hangzhou, there) == ["CREDITED"]
        await is_clean(ningbo)

    told_across(tmp_path, story)


def test_a_partner_whose_own_customs_is_away_says_that_it_may_be_asked_again(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        clearance = await held(hangzhou, ningbo)
        ningbo.district.cut("customs")
        with pytest.raises(Unavailable):
            await hangzhou.ask(clearance, request_id=REQUEST_ID)
        ningbo.district.mend("customs")
        assert (await hangzhou.ask(clearance, request_id=REQUEST_ID)).state == GuaranteeRelease.STATE_CONFIRMED

    told_across(tmp_path, story)


def test_a_partner_acts_for_its_own_clearances_only_and_its_brokers_for_none(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        own, foreign = await held(hangzhou, ningbo), await ningbo.submitted()
        gateway = ningbo.district.transport("gateway", "gateway", "hangzhou")
        broker = ningbo.district.transport("gateway", "broker/3104980001", "hangzhou")
        neighbour = ningbo.district.transport("gateway", "gateway")
        keys = [GuaranteeUseKey(clearance_number=each.number, generation=1) for each in (own, foreign)]
        asked, answer = district.CancelGuaranteesRequest(keys=keys), district.CancelGuaranteesResponse
        with pytest.raises(DistrictMismatch) as refused:
            await gateway.unary(f"{ABROAD}CancelGuarantees", asked, answer, timeout_seconds=5)
        assert refused.value.metadata == {"clearance_number": foreign.number, "district": "hangzhou"}
        assert not await ningbo.uses(), "the other one of the call was not barred either"
        for caller in (broker, neighbour):
            with pytest.raises(CallerNotListed):
                await caller.unary(f"{ABROAD}CancelGuarantees", asked, answer, timeout_seconds=5)
        listing, listed = clearances.ListClearancesRequest(), clearances.ListClearancesResponse
        with pytest.raises(CallerNotListed):
            await gateway.unary(f"{CLEARANCES}ListClearances", listing, listed, timeout_seconds=5)

    told_across(tmp_path, story)
