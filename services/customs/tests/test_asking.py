"""Documents asked for in a review, and what their answer leaves of the results that officers had recorded before."""

from datetime import timedelta

from agencykit.testing.consignments import assessment_item, sea_import
from agencykit.testing.inline_agency import InlineAgency
from clearance.agency.v1.work_service_pb2 import RequestedDocument, Work, WorkResult
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision

from .test_risk_service import customs as customs

NUMBER = "NBASKED0000017"
INVOICE = "N935"


def dear_goods_from_germany(*invoices: str, net_mass_kg: float = 900.0) -> Consignment:
    """Examined for their origin (CUS-181), held for their price (CUS-113)."""
    consignment = sea_import(NUMBER)
    consignment.items[0].net_mass_kg = net_mass_kg
    consignment.items[0].value.minor_units = consignment.invoice_total.minor_units = 99_000_000_000
    for number in invoices:
        consignment.documents.add(type_code=INVOICE, number=number)
    return consignment


async def declare(customs: InlineAgency, consignment: Consignment, version: int) -> dict[str, bool]:
    """What is left to settle: rule → whether the finding is resolved."""
    item = assessment_item(NUMBER, consignment, request_id=customs.runtime.ids.uuid(), version=version)
    [answer] = await customs.gateway.assess(item)
    found = customs.verifier.verify(answer.decision).findings
    return {each.rule_id: each.resolved for each in found if each.rule_id in ("CUS-113", "CUS-181")}


async def settle(customs: InlineAgency, kind: "Work.Kind.ValueType", **result: object) -> Work:
    [piece] = [each for each in (await customs.operator.list_work(NUMBER)).work if each.kind == kind]
    await customs.operator.take_work(piece.id)
    return await customs.operator.record_work(piece.id, **result)  # type: ignore[arg-type]


async def test_the_answer_to_an_asking_leaves_an_examination_done_and_anything_else_does_not(
    customs: InlineAgency,
) -> None:
    assert await declare(customs, dear_goods_from_germany(), 1) == {"CUS-113": False, "CUS-181": False}
    await settle(customs, Work.KIND_SCAN)
    until = WorkResult()
    until.answer_until_time.FromDatetime(customs.runtime.clock.now() + timedelta(days=15))
    await settle(
        customs,
        Work.KIND_REVIEW,
        outcome=WorkResult.OUTCOME_DOCUMENTS_REQUESTED,
        documents=[RequestedDocument(type_code=INVOICE, reason="成交价格存疑")],
        answer_until_time=until.answer_until_time,
    )
    asked = customs.verifier.verify(await customs.gateway.next_revision(NUMBER, 3))
    assert asked.verdict == Decision.VERDICT_INFORMATION_REQUESTED
    answered = await declare(customs, dear_goods_from_germany("HAM-77"), 2)
    assert answered == {"CUS-113": False, "CUS-181": True}
    again = await declare(customs, dear_goods_from_germany("HAM-77", net_mass_kg=901.0), 3)
    assert again == {"CUS-113": False, "CUS-181": False}, "other goods are examined anew"
