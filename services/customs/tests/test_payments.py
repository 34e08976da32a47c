"""Payments: what they settle, that goods may wait for them, and that the books add up."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from agencykit.refusals import CallerNotListed, FormInvalid, NotFound, Refusal, StateForbids
from agencykit.rules import GuaranteeKind, Verdict
from agencykit.runtime import real_runtime
from agencykit.storage.rows import run
from agencykit.testing.consignments import ACCEPT_TIME, assessment_item, sea_import
from agencykit.testing.inline_agency import InlineAgency, inline_agency
from agencykit.testing.postgres import own_database
from agencykit.testing.running import agency_settings
from clearance.common.v1.decision_pb2 import Decision, Finding
from clearance.customs.v1 import payment_service_pb2 as pb
from customs.app import LISTS, CustomsSettings, build
from customs.domain.consignment import Direction
from customs.domain.facts import Facts
from customs.domain.payments import Charge, Payment, balance
from customs.domain.records import record_facts
from customs.domain.reference import Reference
from customs.operations import paying
from customs.storage import payments as rows

from .guarantees import COMPREHENSIVE, Desk, hold, key, states
from .test_risk_service import register

SERVICE = "/clearance.customs.v1.PaymentService/"
NUMBER, OWED = "NBPAID00000017", 3_380_670
DUTY, FEE = pb.Payment.CHARGE_DUTY_AND_VAT, pb.Payment.CHARGE_LATE_FEE


@pytest.fixture
async def customs(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[InlineAgency]:
    """Customs that selects nothing, with a registered trader; goods go before payment unless it is told otherwise."""
    charges = (LISTS / "charges.toml").read_text()
    if getattr(request, "param", "") == "payment first":
        charges = charges.replace("release_before_payment = true", "release_before_payment = false")
    (tmp_path / "charges.toml").write_text(charges)
    settings = agency_settings(
        CustomsSettings,
        "customs",
        own_database(tmp_path / "customs.db"),
        risk_profile_file=LISTS / "risk_nothing.toml",
        charges_file=tmp_path / "charges.toml",
    )
    async with inline_agency(build, settings, "customs", real_runtime()) as running:
        await register(running)
        yield running


async def declare(customs: InlineAgency) -> Decision:
    item = assessment_item(NUMBER, sea_import(NUMBER), request_id=customs.runtime.ids.uuid())
    [answer] = await customs.gateway.assess(item)
    return customs.verifier.verify(answer.decision)


def receipt(fen: int, name: str, charge: Any = DUTY, number: str = NUMBER) -> pb.Payment:
    return pb.Payment(clearance_number=number, charge=charge, amount_fen=fen, pay_time=ACCEPT_TIME, receipt_number=name)


async def pay(customs: InlineAgency, *payments: pb.Payment) -> list[pb.Payment]:
    request = pb.RecordPaymentsRequest(request_id=customs.runtime.ids.uuid(), payments=payments)
    return list((await customs.operator.call(f"{SERVICE}RecordPayments", request, pb.RecordPaymentsResponse)).payments)


async def reverse(customs: InlineAgency, *receipts: str) -> list[pb.Payment]:
    request = pb.ReversePaymentsRequest(request_id=customs.runtime.ids.uuid(), receipt_numbers=receipts)
    answer = await customs.operator.call(f"{SERVICE}ReversePayments", request, pb.ReversePaymentsResponse)
    return list(answer.payments)


async def listed(customs: InlineAgency) -> list[tuple[str, int, bool]]:
    request = pb.ListPaymentsRequest(clearance_number=NUMBER)
    answer = await customs.operator.call(f"{SERVICE}ListPayments", request, pb.ListPaymentsResponse)
    assert {each.officer for each in answer.payments} <= {"spiffe://ningbo.clearance/operator/port-office"}
    return [
        (each.payment.receipt_number, each.payment.amount_fen, each.HasField("reversal_time"))
        for each in answer.payments
    ]


async def revision(customs: InlineAgency, number: int) -> Decision:
    return customs.verifier.verify(await customs.gateway.next_revision(NUMBER, number))


def duty(decision: Decision) -> Finding:
    [found] = [each for each in decision.findings if each.rule_id == "CUS-141"]
    return found


async def test_what_is_paid_settles_the_duty_and_what_is_taken_back_does_not(customs: InlineAgency) -> None:
    owing = duty(await declare(customs))
    assert (owing.amount_minor_units, owing.resolved) == (OWED, False)
    await pay(customs, receipt(OWED - 1, "3104-0001"))
    partly = duty(await revision(customs, 2))
    assert (partly.amount_minor_units, partly.resolved, partly.parameters["paid"]) == (1, False, "33806.69")
    await pay(customs, receipt(1, "3104-0002"), receipt(7_100, "3104-0003", FEE))
    settled = await revision(customs, 3)
    assert (settled.verdict, duty(settled).resolved) == (Decision.VERDICT_APPROVED, True)
    assert [each.amount_fen for each in await reverse(customs, "3104-0001")] == [OWED - 1]
    again = await revision(customs, 4)
    assert (again.verdict, duty(again).amount_minor_units) == (Decision.VERDICT_APPROVED_WITH_OBLIGATIONS, OWED - 1)
    assert await listed(customs) == [
        ("3104-0001", OWED - 1, True),
        ("3104-0002", 1, False),
        ("3104-0003", 7_100, False),
    ]


@pytest.mark.parametrize("customs", ["payment first"], indirect=True)
async def test_goods_may_wait_for_their_duty(customs: InlineAgency) -> None:
    waiting = await declare(customs)
    assert waiting.verdict == Decision.VERDICT_PENDING
    assert [(each.party, each.fact_kind, each.fact_key) for each in waiting.waiting] == [("trader", "payment", NUMBER)]
    assert (waiting.guarantee.kinds, waiting.guarantee.amount_minor_units) == ([GuaranteeKind.TAX], OWED)
    await pay(customs, receipt(1, "3104-0001"))
    assert (await revision(customs, 2)).guarantee.amount_minor_units == OWED - 1
    await pay(customs, receipt(OWED - 1, "3104-0002"))
    paid = await revision(customs, 3)
    assert (paid.verdict, paid.HasField("guarantee"), len(paid.waiting)) == (Decision.VERDICT_APPROVED, False, 0)


@pytest.mark.parametrize("customs", ["payment first"], indirect=True)
async def test_goods_go_on_a_guarantee_of_their_duty_until_it_is_paid(customs: InlineAgency) -> None:
    desk = Desk(customs)
    await desk.enter(COMPREHENSIVE, OWED)
    await declare(customs)
    assert states(await desk.hold(hold(OWED, number=NUMBER))) == ["HELD"]
    assert states(await desk.confirm(key(NUMBER))) == ["CONFIRMED"]
    covered = await revision(customs, 2)
    assert (covered.verdict, covered.guarantee.covered) == (Decision.VERDICT_APPROVED_WITH_OBLIGATIONS, True)
    assert [each.party for each in covered.waiting] == ["trader"]
    await pay(customs, receipt(OWED, "3104-0001"))
    paid = await revision(customs, 3)
    assert (paid.verdict, paid.HasField("guarantee")) == (Decision.VERDICT_APPROVED, False)


async def test_a_receipt_counts_once_whoever_repeats_it(customs: InlineAgency) -> None:
    await declare(customs)
    first = receipt(100, "3104-0001")
    written_otherwise = receipt(100, " 3104-0001 ")
    [told] = await pay(customs, written_otherwise)
    assert told == first
    await pay(customs, first, first)
    assert await listed(customs) == [("3104-0001", 100, False)]
    await reverse(customs, "3104-0001")
    await reverse(customs, "3104-0001")
    assert await listed(customs) == [("3104-0001", 100, True)]


WRONG: list[tuple[pb.Payment, type[Refusal]]] = [
    (receipt(101, "3104-0001"), StateForbids),
    (receipt(100, "3104-0001", FEE), StateForbids),
    (receipt(200, "3104-0002"), StateForbids),
    (receipt(100, "3104-0003", number="NBPAID00000018"), NotFound),
    (receipt(0, "3104-0003"), FormInvalid),
    (receipt(-1, "3104-0003"), FormInvalid),
    (receipt(2**63 - 1, "3104-0003"), FormInvalid),
    (receipt(100, "3104-0003", pb.Payment.CHARGE_UNSPECIFIED), FormInvalid),
    (receipt(100, "  "), FormInvalid),
]


async def test_each_wrong_payment_is_refused_with_its_whole_batch(customs: InlineAgency) -> None:
    await declare(customs)
    await pay(customs, receipt(100, "3104-0001"), receipt(200, "3104-0002"))
    await reverse(customs, "3104-0002")
    before = await listed(customs)
    for wrong, refusal in WRONG:
        with pytest.raises(refusal):
            await pay(customs, receipt(5, "3104-0009"), wrong)
    with pytest.raises(NotFound):
        await reverse(customs, "3104-0001", "3104-0077")
    request = pb.RecordPaymentsRequest(request_id=customs.runtime.ids.uuid(), payments=[receipt(5, "3104-0009")])
    with pytest.raises(CallerNotListed):
        await customs.gateway.call(f"{SERVICE}RecordPayments", request, pb.RecordPaymentsResponse)
    assert await listed(customs) == before


def test_the_books_add_up_and_cannot_be_changed(connection: Connection) -> None:
    """On each database; a payment of another clearance is not counted."""
    columns = "clearance_number, version, revision, digest, outcome_digest, log, sequence, seized_by, attempts"
    numbers = [NUMBER, "NBPAID00000018"]
    with connection.begin():
        for number in numbers:
            run(connection, f"INSERT INTO cases ({columns}) VALUES (?, 1, 1, ?, ?, '', 1, '', 0)", (number, b"", b""))
    with connection.begin():
        made = [Payment(NUMBER, Charge.DUTY_AND_VAT, fen, 0, f"R-{fen}") for fen in (1, 20, 300)]
        paying.record(connection, [*made, Payment(numbers[1], Charge.LATE_FEE, 7, 0, "R-7")], "officer", 5)
        paying.reverse(connection, ["R-20"], "officer", 6)
    with connection.begin():
        assert rows.paid(connection, numbers) == {NUMBER: {Charge.DUTY_AND_VAT: 301}, numbers[1]: {Charge.LATE_FEE: 7}}
        assert run(connection, "SELECT count(*) FROM cases WHERE due_time = 0") == [(2,)]
    for statement in ("UPDATE payments SET fen = 2", "DELETE FROM payments"):
        with pytest.raises(DBAPIError), connection.begin():
            run(connection, statement)


@pytest.mark.parametrize(("paid", "left"), [(0, 3_781_342), (3_781_341, 1), (3_781_342, 0), (3_781_343, 0)])
def test_a_fen_short_is_not_paid(judge: Any, paid: int, left: int) -> None:
    known = {"paid": balance([(1, False, paid + 5), (1, True, 5), (2, False, 9**9)])}
    (found,) = judge("CUS-141", view={"direction": Direction.IMPORT, "loading_time": None}, facts=known)
    assert (found.amount_minor_units, found.resolved) == (left, left == 0)
    assert found.effect is Verdict.APPROVED_WITH_OBLIGATIONS


def test_a_late_fee_is_settled_by_what_is_paid_for_it_alone(judge: Any) -> None:
    late = {"direction": Direction.IMPORT, "loading_time": None, "arrival_time": datetime(2004, 10, 29, tzinfo=UTC)}
    for charge, resolved in ((Charge.DUTY_AND_VAT, False), (Charge.LATE_FEE, True)):
        (found,) = judge("CUS-142", view=late, facts={"paid": {charge: 71_700}})
        assert found.resolved is resolved


def test_the_record_of_facts_holds_what_was_paid(reference: Reference) -> None:
    assert "paid" not in record_facts(Facts(reference, ()))
    assert record_facts(Facts(reference, (), paid={Charge.LATE_FEE: 7}))["paid"] == {"LATE_FEE": 7}
