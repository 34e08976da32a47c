"""Release on guarantee under chance: people act as they like, calls to the ledger are lost, and nothing goes amiss.

`told` is the district of the goods, `keeper` that of the guarantee: the same one, or a partner.
"""

import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import grpc
import pytest
from district import count
from guaranteed import GRN, Guaranteed, of_customs, rest
from guaranteed_districts import told, told_across

from agencykit.refusals import Refusal
from agencykit.rpc.transport import Unreachable
from agencykit.testing.inline import Moment
from clearance.customs.v1.guarantee_pb2 import GuaranteeUse
from clearance.gateway.v1.clearance_pb2 import Clearance
from clearance.gateway.v1.guarantee_release_service_pb2 import GuaranteeRelease

pytestmark = pytest.mark.timeout(600)
SEEDS, SEEDS_ACROSS, CASES, ACTS = range(count(2, 40)), range(count(1, 40)), 4, 24
LOSS = 0.25
OPEN_USES = (GuaranteeUse.STATE_HELD, GuaranteeUse.STATE_CONFIRMED)
OVER = (Clearance.STATE_WITHDRAWN, Clearance.STATE_REFUSED)


async def safe(told: Guaranteed, keeper: Guaranteed, cases: list[Clearance]) -> None:
    """At every moment: released on guarantee only with a use that was confirmed; balances sum and are not negative."""
    uses = {(use.key.clearance_number, use.key.generation): use for use in await keeper.uses()}
    guarantee = await keeper.guarantee()
    taken = guarantee.held_units + guarantee.confirmed_units
    assert guarantee.available_units >= 0
    assert guarantee.available_units + taken == guarantee.limit.minor_units + guarantee.shortfall_units
    for case in cases:
        if (await told.read(case)).state == Clearance.STATE_RELEASED_ON_GUARANTEE:
            confirmed = [each for each in await told.releases(case) if each.HasField("confirm_time")]
            assert confirmed
            states = {uses[case.number, each.generation].state for each in confirmed}
            assert states - {GuaranteeUse.STATE_HELD, GuaranteeUse.STATE_CANCELLED, GuaranteeUse.STATE_EXPIRED}


async def sound(told: Guaranteed, keeper: Guaranteed, cases: list[Clearance]) -> None:
    """Once nothing fails any more: no use without end behind a case that is over, and the ledger balances."""
    uses = await keeper.uses()
    assert not [use for use in uses if use.state == GuaranteeUse.STATE_HELD]
    for case in cases:
        now = await told.read(case)
        own = [use for use in uses if use.key.clearance_number == case.number and use.state in OPEN_USES]
        assert len(own) <= 1
        settled = not of_customs(now).HasField("guarantee")
        if now.state in OVER or (settled and now.state == Clearance.STATE_RELEASED_ON_GUARANTEE):
            assert not own, Clearance.State.Name(now.state)
        released = now.state == Clearance.STATE_RELEASED_ON_GUARANTEE
        standing = [each for each in await told.releases(case) if each.state == GuaranteeRelease.STATE_CONFIRMED]
        assert {each.generation for each in standing} == {use.key.generation for use in own}
        assert not (released and not settled) or standing or await was_claimed(told, case)
    assert not await keeper.differences()


async def was_claimed(told: Guaranteed, case: Clearance) -> bool:
    return any(each.state == GuaranteeRelease.STATE_CLAIMED for each in await told.releases(case))


async def play(told: Guaranteed, keeper: Guaranteed, seed: int, *, by_scheme: bool = False) -> None:
    """A story that the seed tells."""
    chance = random.Random(seed)
    cases = [await told.submitted(high_tech=by_scheme) for _ in range(CASES)]
    amount = of_customs(cases[0]).guarantee.amount_minor_units
    holder = cases[0].consignment.trader.identifier
    await keeper.enter(holder, limit=amount * (CASES - 1), for_scheme=by_scheme)

    async def lose(moment: Moment, method: str) -> None:
        if ("GuaranteeService" in method or "DistrictService" in method) and chance.random() < LOSS:
            raise Unreachable(grpc.StatusCode.UNAVAILABLE, f"lost when {moment}")

    for link in (*told.links, *keeper.links):
        link.hook = lose
    acts: list[Callable[[Clearance], Awaitable[object]]] = [told.ask] * 4
    acts += [told.cancel, told.withdraw, told.claim, lambda case: told.district.clear_work("customs", case.number)]
    done = 0
    for _ in range(ACTS):
        try:
            await chance.choice(acts)(chance.choice(cases))
            done += 1
        except (Refusal, Unreachable):
            await rest(chance.random())
        await rest(chance.choice((0.0, 0.2, 3.0)))
        await safe(told, keeper, cases)
    assert done, "something was allowed"
    for each in (told, keeper):
        each.mend()
    await rest(150)
    await safe(told, keeper, cases)
    await sound(told, keeper, cases)
    assert (await keeper.guarantee(GRN)).held_units == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_people_do_and_whatever_is_lost_nothing_goes_without_its_guarantee(seed: int, tmp_path: Path) -> None:
    async def story(here: Guaranteed) -> None:
        await play(here, here, seed, by_scheme=seed % 2 == 1)

    told(tmp_path, story, seed=2004 + seed)


@pytest.mark.parametrize("seed", SEEDS_ACROSS)
def test_nor_without_that_of_another_district(seed: int, tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        await play(hangzhou, ningbo, seed)

    told_across(tmp_path, story, seed=2004 + seed)
