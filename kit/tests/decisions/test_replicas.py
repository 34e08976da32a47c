"""Each replica writes its own log and serves all of them; one that was replaced can write no more."""

import asyncio

import pytest

from agencykit.decisions import tables
from agencykit.evidence import check_log
from agencykit.refusals import LogUnwritable
from agencykit.testing.inline_agency import InlineAgency
from clearance.common.v1.decision_pb2 import Decision

from .conftest import Harbour


async def test_a_second_writer_of_the_same_name_fences_the_first_out(harbour: Harbour) -> None:
    first = await harbour.open()
    number = harbour.number()
    await harbour.decide(first, number)
    second = await harbour.open()
    with pytest.raises(LogUnwritable):
        await first.gateway.assess(harbour.item(harbour.number()))
    assert (await harbour.decide(second, harbour.number())).sequence == 2
    # A replay needs no log, so even the replaced one still answers it.
    assert (await harbour.decide(first, number)).sequence == 1


async def test_a_replaced_writer_leaves_what_is_due_to_its_successor(harbour: Harbour) -> None:
    first = await harbour.open()
    number = harbour.number()
    await harbour.decide(first, number)
    second = await harbour.open()
    await first.app.parts.reassess.stop()
    await second.app.parts.reassess.stop()
    await harbour.weigh(first, {number: 1000.0})
    with pytest.raises(LogUnwritable):
        await first.app.parts.reassess.once()
    [case] = await harbour.rows(second, tables.cases, number)
    assert case.due_time == 0
    assert await second.app.parts.reassess.once() == 1


async def test_every_replica_serves_every_log(harbour: Harbour) -> None:
    north, south = await harbour.open(replica="north"), await harbour.open(replica="south")
    await harbour.decide(north, harbour.number())
    await harbour.decide(south, harbour.number())
    await harbour.decide(south, harbour.number())
    for office in (north, south):
        log = await office.gateway.whole_log()
        places = [(found.log, found.sequence) for found in (Decision.FromString(one.decision) for one in log)]
        assert places == [("weighbridge/north", 1), ("weighbridge/south", 1), ("weighbridge/south", 2)]
        assert check_log("weighbridge/south", log[1:]) is None


async def test_another_replicas_decision_reaches_a_follower_soon(harbour: Harbour) -> None:
    north, south = await harbour.open(replica="north"), await harbour.open(replica="south")
    number = harbour.number()
    following = asyncio.get_running_loop().create_task(north.gateway.next_revision(number, 1))
    await asyncio.sleep(0.05)
    await harbour.decide(south, number)
    assert north.verifier.verify(await asyncio.wait_for(following, 3)).log == "weighbridge/south"


async def test_of_two_replicas_that_race_for_one_version_both_answer_with_the_winners_decision(
    harbour: Harbour,
) -> None:
    offices = [await harbour.open(replica=name) for name in ("north", "south")]
    for _ in range(10):
        numbers = [harbour.number() for _ in range(5)]

        async def assess(office: InlineAgency, numbers: list[str]) -> list[bytes]:
            answers = await office.gateway.assess(*(harbour.item(number) for number in numbers))
            return [answer.decision.decision for answer in answers]

        # In opposite order, so that each holds what the other wants.
        north, south = await asyncio.gather(assess(offices[0], numbers), assess(offices[1], numbers[::-1]))
        assert north == south[::-1]
        assert all(north)


async def test_facts_that_come_while_a_consignment_is_decided_are_never_missed(harbour: Harbour) -> None:
    """Either the decision sees the fact, or the fact sees that the consignment waits."""
    offices = [await harbour.open(replica=name) for name in ("north", "south")]
    for _ in range(15):
        numbers = [harbour.number() for _ in range(4)]
        await asyncio.gather(
            offices[0].gateway.assess(*(harbour.item(number) for number in numbers)),
            *(harbour.weigh(offices[1], {number: 1000.0}) for number in numbers),
        )
        for number in numbers:
            await harbour.until(offices[1], number, Decision.VERDICT_APPROVED)


async def test_what_is_due_is_shared_among_replicas_and_decided_once(harbour: Harbour) -> None:
    offices = [await harbour.open(replica=name) for name in ("north", "south")]
    numbers = [harbour.number() for _ in range(60)]
    await offices[0].gateway.assess(*(harbour.item(number) for number in numbers))
    await harbour.weigh(offices[1], dict.fromkeys(numbers, 1000.0))
    for office in offices:
        office.app.parts.reassess.notify()
    for number in numbers:
        await harbour.until(offices[0], number, Decision.VERDICT_APPROVED)
        assert len(await harbour.rows(offices[0], tables.decisions, number)) == 2
