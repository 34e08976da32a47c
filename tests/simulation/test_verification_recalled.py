"""What home takes back of goods that are verified at another district's port, when it crosses what happens there."""

from pathlib import Path

import pytest
from verified import HOME, PORT, Verified, rest, told_verified

from agencykit.refusals import NotFound, StateForbids
from clearance.common.v1.decision_pb2 import Waiting


def test_a_recall_stops_the_goods_once_the_port_obeys_it_and_not_before(tmp_path: Path) -> None:
    async def story(both: Verified) -> None:
        clearance = await both.submitted()
        number, [container] = clearance.number, clearance.consignment.containers
        await rest()
        both.cut()
        assert await both.officer_finds(number, "REFUSED") == 1
        await rest()
        assert await both.states(number) == ("RELEASE_STOPPED", "RELEASED")
        [stop] = [wait for wait in (await both.at(both.home, number)).waiting if wait.fact_kind == "stop"]
        assert (stop.party, stop.kind, stop.fact_key) == (PORT, Waiting.KIND_MACHINE, "2")
        both.mend()
        await rest(10)
        assert await both.states(number) == ("RELEASE_STOPPED", "RELEASE_STOPPED")
        assert f"{PORT} stop" not in await both.waits(both.home, number)
        assert await both.waits(both.port, number) == {f"{HOME} home_release"}
        assert (await both.leave(number, container.number)).HasField("error")

    told_verified(tmp_path, story, lane="blue")


def test_goods_that_left_before_the_recall_was_heard_of_are_to_be_recovered_by_who_recalled(tmp_path: Path) -> None:
    async def story(both: Verified) -> None:
        clearance = await both.submitted()
        number, [container] = clearance.number, clearance.consignment.containers
        await rest()
        both.cut()
        await both.officer_finds(number, "REFUSED")
        await rest()
        assert (await both.leave(number, container.number)).HasField("gate_out")
        both.mend()
        await rest(10)
        assert await both.states(number) == ("COLLECTED", "COLLECTED")
        assert await both.waits(both.home, number) == {"customs recovery"}
        assert await both.waits(both.port, number) == {f"{HOME} recovery"}

    told_verified(tmp_path, story, lane="blue")


def test_two_weeks_without_the_partner_lose_nothing_and_nothing_leaves_before_home_has_spoken(tmp_path: Path) -> None:
    async def story(both: Verified) -> None:
        both.cut()
        first = await both.submitted()
        [parked] = [each for each in first.agencies if each.agency == PORT]
        assert (parked.park_reason, await both.waits(both.home, first.number)) == ("UNAVAILABLE", {f"{PORT} answer"})
        both.skip(14)
        await rest()
        both.port.reach(both.home)
        with pytest.raises(NotFound):
            await both.at(both.port, first.number)
        both.mend()
        await rest(10)
        assert await both.states(first.number) == ("RELEASED", "RELEASED")

    told_verified(tmp_path, story)


def test_a_withdrawal_ends_both_cases_and_bars_what_comes_late(tmp_path: Path) -> None:
    async def story(both: Verified) -> None:
        both.cut()
        unheard = await both.submitted()
        both.mend()
        both.port.cut("border")
        heard = await both.submitted()
        assert await both.states(heard.number) == ("IN_PROGRESS", "IN_PROGRESS")
        for each in (unheard, heard):
            await both.withdraw(each)
        both.port.mend("border")
        await rest(60)
        assert await both.states(heard.number) == ("WITHDRAWN", "WITHDRAWN")
        assert await both.state(both.home, unheard.number) == "WITHDRAWN"
        with pytest.raises(NotFound):
            await both.at(both.port, unheard.number)

    told_verified(tmp_path, story)


def test_an_amendment_is_verified_anew_and_the_result_on_the_old_version_does_not_count(tmp_path: Path) -> None:
    async def story(both: Verified) -> None:
        both.port.cut("border")
        clearance = await both.submitted()
        with pytest.raises(StateForbids):
            await both.amend(await both.at(both.home, clearance.number), verificationOfficeCode="")
        await both.amend(clearance, totalPackages=clearance.consignment.total_packages)
        await both.amend(await both.at(both.home, clearance.number), goodsLocationCode="D-7")
        both.port.mend("border")
        await rest(60)
        assert await both.states(clearance.number) == ("RELEASED", "RELEASED")
        at_port = await both.at(both.port, clearance.number)
        assert (at_port.version, at_port.consignment.goods_location_code) == (3, "D-7")

    told_verified(tmp_path, story)
