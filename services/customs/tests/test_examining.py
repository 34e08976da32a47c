"""Red-lane goods at the scanner: an image that clears them, one that does not, and two officers."""

import pytest

from agencykit.refusals import StateForbids, WithdrawalRefused
from agencykit.testing.consignments import assessment_item, sea_import
from agencykit.testing.inline_agency import InlineAgency
from clearance.agency.v1.work_service_pb2 import Work, WorkResult
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision
from clearance.customs.v1 import examination_service_pb2 as pb

from .test_risk_service import customs as customs
from .test_risk_service import rows

METHOD = "/clearance.customs.v1.ExaminationService/ListScannerQueue"


def nuts(number: str, code: str = "7318160000") -> Consignment:
    consignment = sea_import(number)
    consignment.items[0].commodity_code = code
    return consignment


async def declare(customs: InlineAgency, number: str, consignment: Consignment) -> Decision:
    item = assessment_item(number, consignment, request_id=customs.runtime.ids.uuid())
    [answer] = await customs.gateway.assess(item)
    return customs.verifier.verify(answer.decision)


async def revision(customs: InlineAgency, number: str, revision: int) -> Decision:
    return customs.verifier.verify(await customs.gateway.next_revision(number, revision))


async def queue(customs: InlineAgency, limit: int = 0) -> pb.ListScannerQueueResponse:
    request = pb.ListScannerQueueRequest(limit=limit)
    return await customs.operator.call(METHOD, request, pb.ListScannerQueueResponse)


async def only_work(customs: InlineAgency, number: str) -> Work:
    [piece] = (await customs.operator.list_work(number)).work
    return piece


async def test_an_image_that_shows_what_was_declared_ends_the_examination_closed(customs: InlineAgency) -> None:
    number = "NBSCAN00000017"
    decision = await declare(customs, number, nuts(number))
    assert decision.verdict == Decision.VERDICT_EXAMINE
    scan = await only_work(customs, number)
    assert (scan.kind, list(scan.container_numbers)) == (Work.KIND_SCAN, ["CSQU3054383"])
    with pytest.raises(WithdrawalRefused):
        await customs.gateway.withdraw(number)
    await customs.operator.take_work(scan.id)
    for outcome in (WorkResult.OUTCOME_REFUSED, WorkResult.OUTCOME_SAMPLED):
        with pytest.raises(StateForbids):
            await customs.operator.record_work(scan.id, outcome)
    await customs.operator.record_work(scan.id)
    second = await revision(customs, number, 2)
    assert second.verdict == Decision.VERDICT_APPROVED_WITH_OBLIGATIONS
    assert await rows(customs, "SELECT found FROM risk_examinations") == [(0,)], "a clean image is an inspection"


@pytest.mark.parametrize("image", ["SUSPICIOUS", "UNREADABLE"])
async def test_any_other_image_has_the_goods_opened_by_another_officer(customs: InlineAgency, image: str) -> None:
    number = f"NBSCAN0000{image[:4]}"
    await declare(customs, number, nuts(number))
    scan = await only_work(customs, number)
    await customs.operator.take_work(scan.id)
    await customs.operator.record_work(scan.id, WorkResult.Outcome.Value(f"OUTCOME_{image}"))
    second = await revision(customs, number, 2)
    assert second.verdict == Decision.VERDICT_EXAMINE
    assert [each.parameters["image"] for each in second.findings if each.rule_id == "CUS-181"] == [image.lower()]
    assert await rows(customs, "SELECT found FROM risk_examinations") == [], "nothing is inspected yet"
    opening = await only_work(customs, number)
    assert (opening.kind, list(opening.container_numbers)) == (Work.KIND_EXAMINATION, ["CSQU3054383"])
    assert (scan.place, opening.place) == ("", nuts(number).port_code)
    with pytest.raises(StateForbids) as refused:
        await customs.operator.take_work(opening.id)
    assert refused.value.metadata["state"] == "OF_THE_SAME_OFFICER"
    examiner = customs.caller("operator/examiner-customs")
    await examiner.take_work(opening.id)
    await examiner.record_work(opening.id, WorkResult.OUTCOME_REFUSED)
    assert (await revision(customs, number, 3)).verdict == Decision.VERDICT_REFUSED


async def test_goods_without_a_container_are_opened_at_once(customs: InlineAgency) -> None:
    number = "NBSCAN00000018"
    loose = nuts(number)
    del loose.containers[:]
    await declare(customs, number, loose)
    assert (await only_work(customs, number)).kind == Work.KIND_EXAMINATION
    assert (await queue(customs)).clearances == 0


async def test_the_queue_shows_who_is_next_and_how_long_it_is(customs: InlineAgency) -> None:
    numbers = [f"NBSCAN0000002{n}" for n in range(3)]
    for number, code in zip(numbers, ("7318160000", "0306229000", "7318160000"), strict=True):
        await declare(customs, number, nuts(number, code))
    taken = await only_work(customs, numbers[2])
    await customs.operator.take_work(taken.id)
    found = await queue(customs, limit=2)
    assert [(each.clearance_number, each.taken) for each in found.places] == [(numbers[2], True), (numbers[1], False)]
    assert (found.clearances, found.containers, found.images_per_hour) == (3, 3, 20)
    await customs.operator.record_work(taken.id)
    assert (await queue(customs)).clearances == 2
