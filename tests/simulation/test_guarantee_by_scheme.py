"""Release on guarantee that the scheme 担保验放 grants: nobody asks for it, and nothing else of the journey changes."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import grpc
import pytest
from aside import aside, requeue
from guaranteed import GRN, LEDGER, LIMIT, Guaranteed, of_customs, rest
from guaranteed_districts import told

from agencykit.rpc.transport import Unreachable
from agencykit.testing.inline import Moment
from clearance.customs.v1.guarantee_pb2 import GuaranteeUse
from clearance.gateway.v1.clearance_pb2 import Clearance
from clearance.gateway.v1.guarantee_release_service_pb2 import GuaranteeRelease
from clearance.gateway.v1.quarantine_service_pb2 import QuarantinedItem as Item

OTHER_GRN = "19XX0040191000024"
STEPS = ("HoldGuarantees", "ConfirmGuarantees", "CreditGuarantees")
RELEASED = "RELEASED_ON_GUARANTEE"


async def entitled(told: Guaranteed, limit: int = LIMIT) -> Clearance:
    """A clearance that only customs' review of the price keeps, of a trader whose guarantee stands for the scheme."""
    clearance = await told.submitted(high_tech=True)
    await told.enter(clearance.consignment.trader.identifier, limit=limit, for_scheme=True)
    return clearance


async def states(told: Guaranteed, clearance: Clearance) -> list[str]:
    return [GuaranteeRelease.State.Name(each.state)[6:] for each in await told.releases(clearance)]


def test_whoever_is_entitled_is_released_without_being_asked_and_the_guarantee_returns(tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        clearance = await entitled(told)
        await rest()
        assert await told.state(clearance) == RELEASED
        [release] = await told.releases(clearance)
        assert (release.granted_by_scheme, release.broker, list(release.grns)) == (True, clearance.broker, [GRN])
        second = await told.submitted(high_tech=True)
        await rest()
        assert await told.state(second) == RELEASED
        await told.district.clear_work("customs")
        await rest()
        assert [await states(told, each) for each in (clearance, second)] == [["CREDITED"], ["CREDITED"]]
        assert (await told.guarantee()).available_units == LIMIT
        assert not await told.differences()

    told(tmp_path, story)


@pytest.mark.parametrize("moment", ["called", "answered"])
def test_every_step_that_is_lost_is_taken_again_and_done_once(moment: Moment, tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        for method in STEPS:
            told.break_ledger(moment, method, times=2)
        clearance = await entitled(told)
        await rest(30)
        assert await told.state(clearance) == RELEASED
        await told.district.clear_work("customs")
        await rest(30)
        assert await states(told, clearance) == ["CREDITED"]
        assert [use.state for use in await told.uses()] == [GuaranteeUse.STATE_CREDITED]
        assert not await told.differences()

    told(tmp_path, story)


def test_what_is_granted_to_many_is_held_in_one_call(tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        cases = await told.granted(4)
        calls = overheard(told)
        await rest()
        assert calls == ["HoldGuarantees", "ConfirmGuarantees"]
        assert [await told.state(each) for each in cases] == [RELEASED] * 4

    told(tmp_path, story)


def test_where_one_of_many_may_be_to_blame_the_others_do_not_wait_for_it(tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        cases = await told.granted(4)
        calls = overheard(told, fail=[0, 1, 3])
        await rest(3)
        assert calls == ["HoldGuarantees"] * 5 + ["ConfirmGuarantees"]
        assert [await states(told, each) for each in cases].count(["CONFIRMED"]) == 3
        await rest(90)
        assert [await told.state(each) for each in cases] == [RELEASED] * 4
        assert not await told.differences()

    told(tmp_path, story)


def overheard(told: Guaranteed, fail: Collection[int] = ()) -> list[str]:
    """Calls of the gateway to the ledger from now on; those at these places break something over there."""
    calls: list[str] = []

    async def hook(moment: Moment, method: str) -> None:
        if moment == "called" and method.startswith(LEDGER):
            calls.append(method.removeprefix(LEDGER))
            if len(calls) - 1 in fail:
                raise Unreachable(grpc.StatusCode.INTERNAL, "broken")

    for link in told.links:
        link.hook = hook
    return calls


def test_a_hold_that_expires_in_an_outage_is_granted_anew(tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        told.break_ledger("answered", "HoldGuarantees", times=100)
        clearance = await entitled(told)
        await rest()
        told.skip(1800)
        await rest(30)
        told.mend()
        await rest(60)
        assert await states(told, clearance) == ["REFUSED", "CONFIRMED"]
        assert await told.state(clearance) == RELEASED
        assert not await told.differences()

    told(tmp_path, story)


def test_what_the_broker_takes_back_is_not_granted_again(tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        told.break_ledger("answered", "HoldGuarantees", times=100)
        clearance = await entitled(told)
        await rest()
        await told.cancel(clearance)
        told.mend()
        await rest(90)
        assert await told.state(clearance) == "ON_HOLD"
        assert await states(told, clearance) == ["CANCELLED"]
        assert (await told.guarantee()).available_units == LIMIT
        await told.ask(clearance)
        await rest()
        assert await told.state(clearance) == RELEASED, "the broker himself may ask"

    told(tmp_path, story)


def test_what_the_ledger_refuses_is_the_brokers_to_amend_and_is_not_granted_again(tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        clearance = await entitled(told, limit=1)
        await rest()
        assert await told.state(clearance) == "GUARANTEE_AMENDMENT"
        await told.change(limit_units=LIMIT)
        await rest(60)
        assert await states(told, clearance) == ["REFUSED"]
        await told.enter(clearance.consignment.trader.identifier, OTHER_GRN)
        await told.ask(clearance, OTHER_GRN)
        await rest()
        assert await told.state(clearance) == RELEASED

    told(tmp_path, story)


def test_an_amended_consignment_is_granted_it_anew(tmp_path: Path) -> None:
    """What was granted for the version before is returned first: nobody asked for it on behalf of these goods."""

    async def story(told: Guaranteed) -> None:
        clearance = await told.submitted(high_tech=True)
        told.break_ledger("answered", "ConfirmGuarantees", times=100)
        await told.enter(clearance.consignment.trader.identifier, for_scheme=True)
        await rest(2)
        await told.amend(await told.read(clearance))
        told.mend()
        await rest(90)
        assert await told.state(clearance) == RELEASED
        assert await states(told, clearance) == ["CREDITED", "CONFIRMED"]
        before, now = await told.releases(clearance)
        assert (before.version, now.version) == (1, 2)
        assert (await told.guarantee()).confirmed_units == now.amount.minor_units
        assert not await told.differences()

    told(tmp_path, story)


def test_nothing_is_granted_to_who_is_not_entitled_or_has_no_guarantee_for_it(tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        plain = await told.submitted()
        await told.enter(plain.consignment.trader.identifier, for_scheme=True)
        await rest()
        assert not of_customs(await told.read(plain)).guarantee.granted_grns
        await told.change(for_scheme=False)
        unmarked = await told.submitted(high_tech=True)
        await rest()
        for clearance in (plain, unmarked):
            assert await told.state(clearance) == "ON_HOLD"
            assert not await told.releases(clearance)
        assert (await told.guarantee()).available_units == LIMIT

    told(tmp_path, story)


def test_a_guarantee_that_begins_later_is_granted_once_it_has_begun(tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        clearance = await told.submitted(high_tech=True)
        await told.enter(clearance.consignment.trader.identifier, for_scheme=True, in_seconds=60)
        await rest(30)
        assert not await told.releases(clearance)
        await rest(60)
        assert await told.state(clearance) == RELEASED

    told(tmp_path, story)


def test_nothing_is_granted_until_everybody_else_agrees(tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        clearance = await told.submitted(high_tech=True, hold=True)
        await told.enter(clearance.consignment.trader.identifier, for_scheme=True)
        await rest()
        assert list(of_customs(await told.read(clearance)).guarantee.granted_grns) == [GRN]
        assert not await told.releases(clearance)
        subject = (await told.read(clearance)).consignment.transport_document_number
        await told.district.lodge([{"hold": {"id": "H-1", "subject": subject, "reason": "damaged", "lifted": True}}])
        await rest()
        assert await told.state(clearance) == RELEASED

    told(tmp_path, story)


def test_a_use_that_its_ledger_never_takes_is_set_aside_and_the_others_are_released(tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        cases = await told.granted(3)
        plain = {id(link): link.unary for link in told.links}

        def breaking(link: Any) -> Any:
            async def broken(method: str, request: Any, response: Any, **how: Any) -> Any:
                if method == f"{LEDGER}HoldGuarantees" and cases[1].number.encode() in request.SerializeToString():
                    raise Unreachable(grpc.StatusCode.INTERNAL, "broken")
                return await plain[id(link)](method, request, response, **how)

            return broken

        for link in told.links:
            link.unary = breaking(link)  # type: ignore[method-assign]  # the transport of a test
        for _ in range(5):
            await rest(5)
            told.skip(60)
        assert [await told.state(cases[place]) for place in (0, 2)] == [RELEASED] * 2
        [item] = await aside(told.district)
        assert (item.kind, item.number, item.subject, item.tries) == (Item.KIND_GUARANTEE, cases[1].number, "1", 5)
        for link in told.links:
            link.unary = plain[id(link)]  # type: ignore[method-assign]  # likewise
        await requeue(told.district, Item.KIND_GUARANTEE)
        await rest(10)
        assert await told.state(cases[1]) == RELEASED
        assert not await told.differences()

    told(tmp_path, story)
