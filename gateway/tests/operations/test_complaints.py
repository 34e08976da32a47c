"""Complaints (投诉) through the gateway: filed, answered, contested and arbitrated, each by whom it is for."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agencykit.refusals import (
    CallerNotListed,
    FormInvalid,
    NotFound,
    Overloaded,
    PositionAhead,
    RecordPurged,
    RequestIdReused,
    SecondPersonNeeded,
    StateForbids,
)
from agencykit.storage import Database
from agencykit.storage.rows import run
from agencykit.testing.purging import FOUR_YEARS, purge_later
from clearance.gateway.v1 import complaint_pb2 as pb
from clearance.gateway.v1 import complaint_service_pb2 as rpc
from gateway.operations.complaints import any_due, take_time
from gateway.storage.retention import KEEPING

COMPLAINTS, DESK, ARBITRATION = (
    f"/clearance.gateway.v1.{name}/" for name in ("ComplaintService", "ComplaintDeskService", "ArbitrationService")
)
WEI, FANG, LIN, ZHOU = (
    f"operator/{name}" for name in ("port-office", "port-office-duty", "officer-customs", "officer-border")
)
BROKER, OTHER, CONSOLE = "broker/3104980001", "broker/3104980002", "console"
TOKEN, GUESSED = "7K3M9QZA2BCD7K3M9QZA2BCD7K", "8K3M9QZA2BCD7K3M9QZA2BCD7K"
SAME = "41842f92-ae5a-5f2e-81d8-1eb1b79ec0fc"
STATE, OUTCOME = pb.Complaint, pb.Arbitration
UPHELD = {"outcome": OUTCOME.OUTCOME_UPHELD, "reasons": ["查验超过承诺时限,解释不成立。"]}


class Person:
    """Somebody who complains, or handles complaints."""

    def __init__(self, gateway: Any, path: str) -> None:
        self.caller = gateway.caller(path)

    async def ask(self, service: str, name: str, **fields: Any) -> Any:
        request = getattr(rpc, f"{name}Request")
        if "request_id" in request.DESCRIPTOR.fields_by_name:
            fields = {"request_id": self.caller.runtime.ids.uuid(), **fields}
        answer = getattr(rpc, f"{name}Response")
        return await self.caller.transport.unary(f"{service}{name}", request(**fields), answer, timeout_seconds=10.0)

    async def file(self, **fields: Any) -> pb.Complaint:
        said = {"kind_id": "CONDUCT", "agency": "customs", "paragraphs": ["窗口人员拒绝受理。"], "token": TOKEN}
        return (await self.ask(COMPLAINTS, "FileComplaint", **{**said, **fields})).complaint  # type: ignore[no-any-return]

    async def see(self, number: str, token: str = "") -> pb.Complaint:
        found = await self.ask(COMPLAINTS, "GetComplaint", number=number, token=token)
        return found.complaint  # type: ignore[no-any-return]

    async def act(self, name: str, number: str, **fields: Any) -> pb.Complaint:
        """As whoever complains."""
        return (await self.ask(COMPLAINTS, name, number=number, **fields)).complaint  # type: ignore[no-any-return]

    async def handle(self, name: str, number: str, **fields: Any) -> pb.Complaint:
        """As an officer."""
        return (await self.ask(DESK, name, number=number, **fields)).complaint  # type: ignore[no-any-return]

    async def answer(self, number: str, **fields: Any) -> pb.Complaint:
        said = {"outcome": pb.ComplaintAnswer.OUTCOME_EXPLAINED, "paragraphs": ["材料不全。"]}
        return await self.handle("AnswerComplaint", number, **{**said, **fields})

    async def listed(self, **fields: Any) -> list[str]:
        found = await self.ask(DESK, "ListComplaints", **fields)
        return [each.number for each in found.complaints]

    def follow(self, position: int = 0) -> AsyncIterator[rpc.FollowArbitrationsResponse]:
        request, answer = rpc.FollowArbitrationsRequest(position=position), rpc.FollowArbitrationsResponse
        method = f"{ARBITRATION}FollowArbitrations"
        stream = self.caller.transport.stream(method, request, answer, timeout_seconds=5.0)
        return aiter(stream)  # type: ignore[no-any-return]


@pytest.fixture
def people(gateway: Any) -> Any:
    """Whoever is named, as `people(LIN)`."""
    return lambda path: Person(gateway, path)


@pytest.fixture
async def database(gateway: Any) -> AsyncIterator[Database]:
    made = Database(gateway.app._settings.database_url, gateway.runtime)
    yield made
    await made.close()


async def escalated(people: Any, **fields: Any) -> str:
    """A complaint of the public that customs answered and that was contested."""
    number = (await people(CONSOLE).file(**fields)).number
    await people(LIN).answer(number)
    await people(CONSOLE).act("EscalateComplaint", number, token=TOKEN, paragraphs=["没有说明缺什么。"])
    return number  # type: ignore[no-any-return]


async def test_the_public_files_by_the_console_and_sees_its_own_by_the_token_alone(people: Any, district: Any) -> None:
    contact = pb.ComplaintContact(name="KANARIE Zhang", address="KANARIE 0574-8888")
    filed = await people(CONSOLE).file(contact=contact)
    assert (filed.number[:5], filed.state, filed.agency) == ("C3100", STATE.STATE_ASSIGNED, "customs")
    assert (filed.channel, filed.filer, len(filed.trace_id)) == (STATE.CHANNEL_PUBLIC, "", 32)
    assert filed.answer_due_time.seconds > filed.file_time.seconds
    assert (await people(CONSOLE).see(filed.number, TOKEN)).paragraphs == ["窗口人员拒绝受理。"]
    for path, token in ((CONSOLE, ""), (CONSOLE, GUESSED), (BROKER, ""), (ZHOU, "")):
        with pytest.raises(NotFound):
            await people(path).see(filed.number, token)
    with pytest.raises(CallerNotListed):
        await people("operator/nobodys").see(filed.number, TOKEN)
    for path in (LIN, WEI):
        seen = await people(path).see(filed.number)
        assert (seen.filer, seen.contact_kept) == ("spiffe://ningbo.clearance/console", True)
    reached = (await people(LIN).ask(DESK, "GetComplaintContact", number=filed.number)).contact
    assert reached == contact
    with pytest.raises(NotFound):
        await people(ZHOU).ask(DESK, "GetComplaintContact", number=filed.number)
    acts = district.rows("SELECT act, details FROM audit WHERE act LIKE 'complaint%' ORDER BY id")
    assert [act for act, _ in acts] == ["complaint filed", "complaint contact shown"]
    assert "KANARIE" not in str(acts) + str(district.rows("SELECT * FROM complaints"))
    assert TOKEN not in str(district.rows("SELECT * FROM complaints"))


async def test_a_brokers_complaint_is_tied_to_his_clearance_and_its_trace_and_to_nobody_elses(
    people: Any, broker: Any, reference: str, make: Any, district: Any
) -> None:
    clearance = await broker.submit(make.sea_import(reference))
    filed = await people(BROKER).file(clearance_number=clearance.number, token="")
    [(trace,)] = district.rows("SELECT trace FROM cases")
    assert filed.trace_id == trace.split("-")[1]
    assert (await people(BROKER).see(filed.number)).channel == STATE.CHANNEL_BROKER
    for path, number in ((OTHER, clearance.number), (BROKER, "310020040PX7K3M9QZ2B")):
        with pytest.raises(NotFound):
            await people(path).file(clearance_number=number)
    with pytest.raises(NotFound):
        await people(OTHER).act("WithdrawComplaint", filed.number)
    assert (await people(BROKER).act("WithdrawComplaint", filed.number)).state == STATE.STATE_WITHDRAWN
    with pytest.raises(StateForbids):
        await people(LIN).answer(filed.number)


async def test_the_same_call_again_is_the_same_complaint_and_its_id_serves_for_nothing_else(people: Any) -> None:
    console = people(CONSOLE)
    filed = await console.file(request_id=SAME)
    await people(LIN).answer(filed.number)
    again = await console.file(request_id=SAME)
    assert (again.number, again.state) == (filed.number, STATE.STATE_ANSWERED)
    for other in ({"token": GUESSED}, {"paragraphs": ["别的事。"]}):
        with pytest.raises(RequestIdReused):
            await console.file(request_id=SAME, **other)
    accepted = {"request_id": SAME[:-1] + "d", "token": TOKEN}
    for _ in range(2):
        assert (await console.act("AcceptAnswer", filed.number, **accepted)).state == STATE.STATE_ACCEPTED
    with pytest.raises(NotFound):
        await console.act("AcceptAnswer", filed.number, **{**accepted, "token": GUESSED})


NONSENSE: list[dict[str, Any]] = [
    *({"kind_id": "MOON"}, {"agency": "navy"}, {"token": ""}, {"token": TOKEN[:-1]}, {"paragraphs": []}),
]


async def test_what_makes_no_sense_is_not_filed(people: Any) -> None:
    for fields in NONSENSE:
        with pytest.raises(FormInvalid):
            await people(CONSOLE).file(**fields)
    assert await people(WEI).listed() == []


async def test_nobody_files_more_in_a_day_than_he_may_and_others_are_not_kept_out(district: Any) -> None:
    gateway = await district.open_gateway(complaints_per_day=2, complaints_per_day_public=1)
    people = [Person(gateway, path) for path in (BROKER, OTHER, CONSOLE)]
    answers = await asyncio.gather(*(people[0].file() for _ in range(5)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in answers) == ["Complaint", "Complaint", *["Overloaded"] * 3]
    await people[1].file()
    await people[2].file()
    with pytest.raises(Overloaded):
        await people[2].file()


async def test_the_port_office_says_whose_a_complaint_is_that_names_nobody_and_only_they_answer_it(people: Any) -> None:
    filed = await people(CONSOLE).file(agency="")
    assert (filed.state, filed.agency) == (STATE.STATE_FILED, "")
    assert (await people(CONSOLE).file(agency="", kind_id="PORT-SERVICE")).agency == "port"
    assert (await people(WEI).file(agency="", kind_id="COORDINATION")).agency == "port_office"
    with pytest.raises(CallerNotListed):
        await people(LIN).handle("AssignComplaint", filed.number, agency="customs")
    with pytest.raises(FormInvalid):
        await people(WEI).handle("AssignComplaint", filed.number, agency="navy")
    for agency in ("customs", "border"):
        await people(WEI).handle("AssignComplaint", filed.number, agency=agency)
    for path in (LIN, WEI):
        with pytest.raises(NotFound):
            await people(path).answer(filed.number)
    answered = await people(ZHOU).answer(filed.number)
    assert (answered.state, answered.answer.in_time) == (STATE.STATE_ANSWERED, True)
    assert answered.answer.officer.endswith("/officer-border")
    seen = await people(CONSOLE).see(filed.number, TOKEN)
    assert (seen.answer.agency, seen.answer.officer) == ("border", "")
    assert await people(ZHOU).listed() == [filed.number]
    assert len(await people(WEI).listed()) == 3
    assert await people(WEI).listed(agency="port", states=[STATE.STATE_ASSIGNED]) != []
    assert await people(LIN).listed(agency="border") == await people(LIN).listed() == []


async def test_an_arbitration_that_overrides_an_agency_takes_two_binds_is_followed_and_receipted(
    people: Any, district: Any
) -> None:
    number, wei, fang = await escalated(people), people(WEI), people(FANG)
    due = datetime.now(UTC) + timedelta(days=3)
    measure = {"agency": "inspection", "kind": pb.ArbitrationMeasure.KIND_DECIDE, "text": "三日内决定", "due_time": due}
    with pytest.raises(CallerNotListed):
        await people(LIN).handle("ArbitrateComplaint", number, **UPHELD)
    for wrong in ({"agency": "navy"}, {"due_time": datetime.now(UTC) - timedelta(days=1)}):
        with pytest.raises(FormInvalid):
            await wei.handle("ArbitrateComplaint", number, **UPHELD, measures=[{**measure, **wrong}])
    proposed = await wei.handle("ArbitrateComplaint", number, **UPHELD, measures=[measure])
    assert (proposed.state, proposed.arbitration.state) == (STATE.STATE_ESCALATED, OUTCOME.STATE_PROPOSED)
    assert not (await people(CONSOLE).see(number, TOKEN)).HasField("arbitration")
    with pytest.raises(StateForbids):
        await fang.handle("ArbitrateComplaint", number, **UPHELD)
    with pytest.raises(SecondPersonNeeded):
        await wei.handle("ConfirmArbitration", number, serial=1)
    with pytest.raises(StateForbids):
        await fang.handle("ConfirmArbitration", number, serial=2)
    await wei.handle("WithdrawArbitration", number)
    with pytest.raises(StateForbids):
        await fang.handle("ConfirmArbitration", number, serial=1)
    await fang.handle("ArbitrateComplaint", number, **UPHELD, measures=[measure])
    for _ in range(2):
        decided = await wei.handle("ConfirmArbitration", number, serial=2, request_id=SAME)
    assert (decided.state, decided.arbitration.position) == (STATE.STATE_ARBITRATED, 1)
    told = (await people(CONSOLE).see(number, TOKEN)).arbitration
    assert (told.reasons, told.proposer, told.measures[0].text) == (UPHELD["reasons"], "", "三日内决定")
    [binding] = (await anext(people("inspection").follow())).arbitrations
    assert binding.unreceipted_agencies == ["customs", "inspection"]
    part = await anext(people(ZHOU).follow())
    assert (list(part.arbitrations), part.position) == ([], 1)
    with pytest.raises(NotFound):
        await people(ZHOU).ask(ARBITRATION, "ReceiptArbitration", number=number)
    for path in ("inspection", LIN, LIN):
        receipted = await people(path).ask(ARBITRATION, "ReceiptArbitration", number=number)
    assert list(receipted.arbitration.unreceipted_agencies) == []
    with pytest.raises(PositionAhead):
        await anext(wei.follow(2))
    acts = district.rows(f"SELECT act, details FROM audit WHERE number = '{number}' ORDER BY id")
    assert [act.removeprefix("complaint ") for act, _ in acts] == [
        *("filed", "AnswerComplaint", "EscalateComplaint", "arbitration proposed", "arbitration withdrawn"),
        *("arbitration proposed", "arbitrated", "arbitration receipted", "arbitration receipted"),
    ]
    assert json.loads(acts[6][1])["bound"] == "customs inspection"


async def test_an_arbitration_orders_an_agency_to_decide_and_releases_nothing(
    people: Any, broker: Any, reference: str, make: Any, district: Any
) -> None:
    clearance = await broker.submit(make.sea_import(reference))
    number = await escalated(people, clearance_number=clearance.number)
    before, orders = await broker.get(clearance.number), district.rows("SELECT count(*) FROM orders")
    due = datetime.now(UTC) + timedelta(days=1)
    measure = {"agency": "customs", "kind": pb.ArbitrationMeasure.KIND_DECIDE, "text": "一日内决定", "due_time": due}
    await people(WEI).handle("ArbitrateComplaint", number, **UPHELD, measures=[measure])
    decided = await people(FANG).handle("ConfirmArbitration", number, serial=1)
    assert decided.arbitration.clearance_number == clearance.number
    after = await broker.get(clearance.number)
    assert (after.state, after.etag, list(after.waiting)) == (before.state, before.etag, list(before.waiting))
    assert district.rows("SELECT count(*) FROM orders") == orders


async def test_one_officer_may_let_an_answer_stand_but_not_his_own(people: Any) -> None:
    dismissed = {"outcome": OUTCOME.OUTCOME_DISMISSED, "reasons": ["答复属实。"]}
    number = await escalated(people)
    decided = await people(WEI).handle("ArbitrateComplaint", number, **dismissed)
    assert (decided.state, decided.arbitration.second) == (STATE.STATE_ARBITRATED, "")
    own = (await people(CONSOLE).file(agency="port_office")).number
    await people(WEI).answer(own)
    await people(CONSOLE).act("EscalateComplaint", own, token=TOKEN, paragraphs=["不服。"])
    with pytest.raises(SecondPersonNeeded):
        await people(WEI).handle("ArbitrateComplaint", own, **dismissed)
    await people(FANG).handle("ArbitrateComplaint", own, **UPHELD)
    with pytest.raises(SecondPersonNeeded):
        await people(WEI).handle("ConfirmArbitration", own, serial=1)


async def test_what_nobody_answers_or_contests_moves_by_itself_and_figures_tell_who_was_late(
    people: Any, gateway: Any, database: Database, make: Any
) -> None:
    async def terms_run() -> bool:
        return gateway.app._context().stopped is None

    # At its start a gateway lets nothing end before it has heard what time others have.
    await make.eventually(terms_run, seconds=20)
    late, answered = await people(CONSOLE).file(), await people(BROKER).file(token="")
    await people(LIN).answer(answered.number)
    await people(WEI).handle("ArbitrateComplaint", await escalated(people), outcome=3, reasons=["答复属实。"])
    rules, context = gateway.app._settings.complaint_rules(), gateway.app._context()

    async def days_on(days: int) -> dict[str, str]:
        return dict(await database.write(_aged, days * 86_400_000_000, context, rules))

    assert await days_on(0) == {}
    assert await days_on(40) == {late.number: "overdue", answered.number: "lapsed"}
    states = {number: (await people(WEI).see(number)).state for number in (late.number, answered.number)}
    assert states == {late.number: STATE.STATE_ESCALATED, answered.number: STATE.STATE_LAPSED}
    assert (await people(WEI).see(late.number)).escalation == STATE.ESCALATION_DEADLINE
    [figures] = (await people(CONSOLE).ask(COMPLAINTS, "ReportComplaints", months=3)).figures
    assert (figures.kind_id, figures.agency, figures.filed, figures.open) == ("CONDUCT", "customs", 3, 1)
    assert (figures.answered_in_time, figures.late, figures.escalated) == (2, 1, 2)
    assert (figures.arbitrated, figures.upheld, figures.withdrawn) == (1, 0, 0)
    assert await people(WEI).listed(overdue=True) == []
    assert await days_on(60) == {}
    assert await people(WEI).listed(overdue=True) == [late.number]


def _aged(connection: Any, micros: int, moment: Any, rules: Any) -> Any:
    """Complaints grow older by so much; then what happens by itself does."""
    for name in ("file_time", "answer_due", "answer_time", "contest_due", "escalate_time", "arbitrate_due", "due_time"):
        run(connection, f"UPDATE complaints SET {name} = {name} - ?", (micros,))
    return take_time(connection, any_due(connection, moment), moment, rules)


async def test_contacts_go_before_complaints_and_complaints_leave_a_tombstone(
    people: Any, district: Any, database: Database
) -> None:
    contact = pb.ComplaintContact(name="张先生", address="0574-8888")
    filed = await people(CONSOLE).file(contact=contact, request_id=SAME)
    open_one = await people(CONSOLE).file(contact=contact)
    await people(CONSOLE).act("WithdrawComplaint", filed.number, token=TOKEN)
    now = district.runtime.clock.now()
    gone = await asyncio.to_thread(purge_later, district.database_url, KEEPING, now, 200)
    assert (gone["complaint contacts"].subjects, gone["complaints"].subjects) == (1, 0)
    with pytest.raises(NotFound):
        await people(WEI).ask(DESK, "GetComplaintContact", number=filed.number)
    assert not (await people(WEI).see(filed.number)).contact_kept
    gone = await asyncio.to_thread(purge_later, district.database_url, KEEPING, now, FOUR_YEARS)
    assert gone["complaints"].subjects == 1
    for late in (people(CONSOLE).file(contact=contact, request_id=SAME), people(WEI).see(filed.number)):
        with pytest.raises(RecordPurged):
            await late
    assert (await people(WEI).see(open_one.number)).contact_kept
