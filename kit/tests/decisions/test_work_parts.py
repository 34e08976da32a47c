"""Officers' results on some of the goods: what they cleared is approved, the rest stays work."""

from dataclasses import replace

import pytest

from agencykit.refusals import FormInvalid
from agencykit.testing.example_agency import DEFINITION, WEIGHT_NOTE, View
from agencykit.testing.inline_agency import InlineAgency
from clearance.agency.v1.work_service_pb2 import Work, WorkResult
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision, Scope
from clearance.common.v1.transport_pb2 import TransportMeans

from .conftest import Harbour

HAMBURG, ROTTERDAM, ANTWERP = "CSQU3054383", "TGHU7712340", "MSKU4418813"


def boxes(*numbers: str) -> Scope:
    return Scope(container_numbers=numbers)


def goods(harbour: Harbour, number: str, **fields: object) -> Consignment:
    """Three containers, with the rivet nuts in the first."""
    consignment = harbour.bent(number, **fields)
    consignment.containers.add(number="tghu 771234-0")
    consignment.containers.add(number=ANTWERP)
    consignment.items[0].container_numbers.append(HAMBURG)
    return consignment


async def examined(harbour: Harbour, office: InlineAgency, consignment: Consignment) -> str:
    """A clearance whose noted weight is twice the declared one."""
    number = consignment.reference
    await harbour.weigh(office, {number: 2000.0})
    assert (await harbour.decide(office, number, consignment)).verdict == Decision.VERDICT_EXAMINE
    return number


async def open_work(office: InlineAgency, number: str) -> Work:
    [work] = (await office.operator.list_work(number)).work
    return work


async def record(
    office: InlineAgency,
    number: str,
    scope: Scope | None = None,
    outcome: "WorkResult.Outcome.ValueType" = WorkResult.OUTCOME_CLEARED,
) -> Work:
    work = await open_work(office, number)
    await office.operator.take_work(work.id)
    return await office.operator.record_work(work.id, outcome, scope=scope)


async def test_what_was_cleared_is_approved_and_the_rest_is_examined(harbour: Harbour, office: InlineAgency) -> None:
    number = await examined(harbour, office, goods(harbour, harbour.number()))
    done = await record(office, number, boxes("csqu 305438-3", ROTTERDAM))
    assert list(done.result.scope.container_numbers) == [HAMBURG, "tghu 771234-0"]
    part = await harbour.revision(office, number, 2)
    assert (part.verdict, list(part.scope.container_numbers)) == (
        Decision.VERDICT_APPROVED,
        [HAMBURG, "tghu 771234-0"],
    )
    assert [(found.resolved, list(found.scope.container_numbers)) for found in part.findings] == [
        (True, [HAMBURG, "tghu 771234-0"]),
        (False, [ANTWERP]),
    ]
    assert [(each.party, each.fact_kind) for each in part.waiting] == [("weighbridge", "officer_result")]
    left = await open_work(office, number)
    assert (list(left.container_numbers), list(left.scope.container_numbers)) == ([ANTWERP], [ANTWERP])
    await record(office, number)
    whole = await harbour.revision(office, number, 3)
    assert (whole.verdict, whole.HasField("scope"), len(whole.waiting)) == (Decision.VERDICT_APPROVED, False, 0)


async def test_a_scope_that_is_not_the_works_is_refused_with_every_violation(
    harbour: Harbour, office: InlineAgency
) -> None:
    number = await examined(harbour, office, goods(harbour, harbour.number()))
    await record(office, number, boxes(HAMBURG))
    await harbour.revision(office, number, 2)
    work = await open_work(office, number)
    await office.operator.take_work(work.id)
    for scope, paths in (
        (Scope(), ["result.scope"]),
        (
            Scope(item_numbers=[1], container_numbers=[ANTWERP, HAMBURG, "TCLU0000000", ""]),
            [
                "result.scope.container_numbers[1]",
                "result.scope.container_numbers[2]",
                "result.scope.container_numbers[3]",
                "result.scope.item_numbers[0]",
            ],
        ),
    ):
        with pytest.raises(FormInvalid) as refused:
            await office.operator.record_work(work.id, scope=scope)
        assert [violation.path for violation in refused.value.violations] == paths
    assert (await open_work(office, number)).state == Work.STATE_TAKEN


async def test_cargo_without_containers_is_cleared_by_its_items(harbour: Harbour, office: InlineAgency) -> None:
    consignment = harbour.bent(harbour.number())
    del consignment.containers[:]
    consignment.items.add(number=2).CopyFrom(consignment.items[0])
    consignment.items[1].number = 2
    assert consignment.border_transport.mode == TransportMeans.MODE_SEA
    number = await examined(harbour, office, consignment)
    await record(office, number, Scope(item_numbers=[2]))
    part = await harbour.revision(office, number, 2)
    assert (part.verdict, list(part.scope.item_numbers)) == (Decision.VERDICT_APPROVED, [2])
    assert list((await open_work(office, number)).scope.item_numbers) == [1]


async def test_an_amendment_has_all_of_the_goods_examined_again(harbour: Harbour, office: InlineAgency) -> None:
    """Also where it changes nothing that the agency reads: the same goods may lie in other containers now."""
    number = await examined(harbour, office, goods(harbour, harbour.number()))
    await record(office, number, boxes(HAMBURG))
    await harbour.revision(office, number, 2)
    before = await open_work(office, number)
    moved = goods(harbour, number)
    moved.items[0].container_numbers[:] = [ANTWERP]
    again = await harbour.decide(office, number, moved, version=2)
    assert (again.verdict, again.HasField("scope")) == (Decision.VERDICT_EXAMINE, False)
    after = await open_work(office, number)
    assert (after.id, after.HasField("scope")) == (before.id, False)
    await record(office, number)
    assert (await harbour.revision(office, number, 4)).verdict == Decision.VERDICT_APPROVED


async def test_what_was_found_against_one_container_stands_and_leaves_the_others_to_be_examined(
    harbour: Harbour,
) -> None:
    def notes(view: View, _facts: object) -> list[tuple[str, str]]:
        return [(WEIGHT_NOTE, view.transport_document_number)]

    office = await harbour.open(replace(DEFINITION, refusals_stand=True, interests=notes))
    number = await examined(harbour, office, goods(harbour, harbour.number()))
    await record(office, number, boxes(ROTTERDAM), WorkResult.OUTCOME_REFUSED)
    refused = await harbour.revision(office, number, 2)
    assert (refused.verdict, refused.HasField("scope")) == (Decision.VERDICT_REFUSED, False)
    left = await open_work(office, number)
    assert list(left.scope.container_numbers) == [HAMBURG, ANTWERP], "the others are still to be examined"
    await record(office, number, boxes(HAMBURG))
    await harbour.revision(office, number, 3)
    await harbour.weigh(office, {number: 1000.0})
    after = await harbour.revision(office, number, 4)
    assert (after.verdict, list(after.scope.container_numbers)) == (Decision.VERDICT_APPROVED, [HAMBURG, ANTWERP])
    assert [(each.effect, list(each.scope.container_numbers)) for each in after.findings] == [
        (Decision.VERDICT_REFUSED, ["tghu 771234-0"])
    ]
    moved = goods(harbour, number)
    moved.items[0].container_numbers[:] = [ANTWERP]
    amended = await harbour.decide(office, number, moved, version=2)
    assert (amended.verdict, amended.HasField("scope")) == (Decision.VERDICT_REFUSED, False), (
        "who knows where they lie?"
    )
