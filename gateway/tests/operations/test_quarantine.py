"""One item that cannot be worked on is set aside with its reason; the others go on, and it is tried again by hand."""

import hashlib
from collections.abc import Callable
from typing import Any

import grpc
import pytest

from agencykit.refusals import CallerNotListed, FormInvalid, NotFound, RequestIdReused, StateForbids
from agencykit.rpc.transport import Unreachable
from clearance.gateway.v1 import clearance_pb2 as pb
from clearance.gateway.v1 import clearance_service_pb2 as rpc
from clearance.gateway.v1.quarantine_service_pb2 import QuarantinedItem as Item
from gateway.operations import follow, record
from gateway.rpc.agency import TransportAgency

OPERATOR = "operator/port-office"


@pytest.fixture
async def gateway(district: Any) -> Any:
    """Two refusals are enough."""
    return await district.open_gateway(refusals=2)


@pytest.fixture
def office(gateway: Any) -> Any:
    """The port office."""
    return gateway.caller(OPERATOR)


class Poisoned:
    """An agency that fails at every call of one method that holds a reference, until it is `mended`."""

    def __init__(self, layers: Any, method: str, reference: str) -> None:
        self._invoke, self._method, self.reference = layers.invoke, method, reference.encode()
        self.mended = False

    async def invoke(self, path: str, request: bytes, *rest: Any) -> bytes:
        if not self.mended and path.endswith(f"/{self._method}") and self.reference in request:
            raise Unreachable(grpc.StatusCode.INTERNAL, "out of memory")
        answer: bytes = await self._invoke(path, request, *rest)
        return answer


@pytest.fixture
def poisoned(district: Any, monkeypatch: Any) -> Callable[[str, str, str], Poisoned]:
    def make(agency: str, method: str, reference: str) -> Poisoned:
        layers = district.offices[agency].layers
        made = Poisoned(layers, method, reference)
        monkeypatch.setattr(layers, "invoke", made.invoke)
        return made

    return make


@pytest.fixture
def listed(office: Any, make: Any) -> Callable[..., Any]:
    """What is set aside, as soon as it is so many items."""

    async def wait(count: int = 1, **fields: Any) -> list[Item]:
        async def found() -> Any:
            items = list((await office.quarantine("List", **fields)).items)
            return items if len(items) == count else None

        items: list[Item] = await make.eventually(found, seconds=20)
        return items

    return wait


async def submitted(broker: Any, make: Any, references: list[str]) -> list[pb.Clearance]:
    requests = [
        rpc.SubmitClearanceRequest(request_id=broker.runtime.ids.uuid(), consignment=make.air_import(each))
        for each in references
    ]
    return [answer.clearance for answer in await broker.batch(requests)]


async def released(broker: Any, number: str) -> bool:
    return (await broker.get(number)).state == pb.Clearance.STATE_RELEASED


async def test_a_question_that_breaks_its_agency_is_set_aside_and_goes_on_once_it_is_mended(
    broker: Any, office: Any, reference: str, make: Any, poisoned: Any, listed: Any
) -> None:
    customs = poisoned("customs", "AssessConsignments", f"{reference}-2")
    answers = await submitted(broker, make, [f"{reference}-{each}" for each in range(4)])
    [bad] = [each for each in answers if each.reference == f"{reference}-2"]
    [item] = await listed()
    assert (item.kind, item.party, item.number) == (Item.KIND_QUESTION, "customs", bad.number)
    assert (item.state, item.reason, item.tries) == (Item.STATE_SET_ASIDE, "INTERNAL", 2)
    assert (item.subject, item.trace_id) == ("assess 1", bad.trace_id)
    others = [each.number for each in answers if each.number != bad.number]
    assert all([await released(broker, number) for number in others])
    assert "set_aside" in {wait.fact_kind for wait in (await broker.get(bad.number)).waiting}

    # Still poison: it comes back, its tries counted on.
    again = (await office.quarantine("Requeue", id=item.id)).item
    assert (again.state, again.requeues, again.requeue_reason) == (Item.STATE_REQUEUED, 1, "已修复")
    assert again.requeuer.endswith(OPERATOR)
    [back] = await listed()
    assert (back.id, back.tries, back.requeues) == (item.id, 4, 1)

    customs.mended = True
    await office.quarantine("Requeue", id=item.id)
    await make.eventually(lambda: released(broker, bad.number))
    assert not (await office.quarantine("List")).items
    [history] = (await office.quarantine("List", all=True)).items
    assert (history.state, history.requeues) == (Item.STATE_REQUEUED, 2)
    assert len((await broker.get(bad.number)).interventions) == 2


async def test_an_outcome_that_an_agency_cannot_take_waits_for_the_port_office_until_it_is_told_again(
    district: Any, broker: Any, office: Any, reference: str, make: Any, poisoned: Any, listed: Any
) -> None:
    port = poisoned("port", "RecordOutcomes", "")
    [bad, _good] = await submitted(broker, make, [f"{reference}-1", f"{reference}-2"])
    port.reference = bad.number.encode()
    [item] = await listed()
    assert (item.kind, item.party, item.number, item.subject) == (Item.KIND_OUTCOME, "port", bad.number, "1")
    assert district.untold() == [(bad.number,)]
    case = await broker.get(bad.number)
    assert [(w.party, w.fact_kind, w.fact_key, w.agency) for w in case.waiting] == [
        ("port_office", "quarantine", item.id, "port")
    ]
    assert [each.number for each in (await office.list(waiting_party="port_office")).clearances] == [bad.number]
    port.mended = True
    await office.quarantine("RequeueAll", party="port")
    await make.eventually(lambda: _told(district))
    assert not (await broker.get(bad.number)).waiting
    acts = district.rows(f"SELECT act FROM audit WHERE number = '{bad.number}' AND act IN ('quarantined', 'requeued')")
    assert acts == [("quarantined",), ("requeued",)]


async def _told(district: Any) -> bool:
    return not district.untold()


async def test_whatever_is_set_aside_is_listed_in_pages_found_by_its_name_and_requeued_once(
    broker: Any, office: Any, reference: str, make: Any, poisoned: Any, listed: Any
) -> None:
    border = poisoned("border", "AssessConsignments", reference)
    await submitted(broker, make, [f"{reference}-{each}" for each in range(3)])
    items = await listed(3)
    first = await office.quarantine("List", page_size=2)
    rest = await office.quarantine("List", page_size=2, page_token=first.next_page_token)
    assert [each.id for each in (*first.items, *rest.items)] == [each.id for each in items]
    assert (first.set_aside_count, rest.next_page_token) == (3, "")
    assert (await office.quarantine("List", party="customs")).items == []
    named = (await office.quarantine("List", number=items[1].number)).items
    assert [each.id for each in named] == [items[1].id]
    assert (await office.quarantine("Get", id=items[0].id)).item.id == items[0].id

    border.mended = True
    same = {"request_id": broker.runtime.ids.uuid(), "kind": Item.KIND_QUESTION}
    told = await office.quarantine("RequeueAll", **same)
    assert ({each.id for each in told.items}, told.more) == ({each.id for each in items}, False)
    again = await office.quarantine("RequeueAll", **same)
    assert {each.requeues for each in again.items} == {1}, "the same request is one act"
    with pytest.raises(RequestIdReused):
        await office.quarantine("RequeueAll", **{**same, "party": "border"})
    with pytest.raises(StateForbids):
        await office.quarantine("Requeue", id=items[0].id)
    for each in items:
        await make.eventually(lambda number=each.number: released(broker, number))


async def test_only_operators_requeue_and_what_they_name_must_be_there(broker: Any, office: Any) -> None:
    nothing = hashlib.sha256(b"nothing").hexdigest()[:16]
    with pytest.raises(CallerNotListed):
        await broker.quarantine("List")
    with pytest.raises(NotFound):
        await office.quarantine("Requeue", id=nothing)
    with pytest.raises(FormInvalid):
        await office.quarantine("RequeueAll")
    with pytest.raises(FormInvalid):
        await office.quarantine("Requeue", id=nothing, reason="")


async def test_a_damaged_case_stops_nobody_else_and_goes_on_once_it_is_mended(
    district: Any, broker: Any, office: Any, reference: str, make: Any, listed: Any
) -> None:
    district.offices["border"].down = True
    parked = await submitted(broker, make, [f"{reference}-{each}" for each in range(4)])
    bad = parked[2].number
    [(asks,)] = district.rows(f"SELECT asks FROM cases WHERE number = '{bad}'")
    district.damage(f"UPDATE cases SET asks = '{asks[: len(asks) // 2]}' WHERE number = '{bad}'")
    district.offices["border"].down = False
    [item] = await listed()
    assert (item.kind, item.number, item.subject, item.tries) == (Item.KIND_CLEARANCE, bad, "read", 2)
    for each in parked:
        if each.number != bad:
            await make.eventually(lambda number=each.number: released(broker, number))

    await office.quarantine("Requeue", id=item.id)
    [back] = await listed()
    assert (back.id, back.tries) == (item.id, 4), "still damaged"
    district.damage(f"UPDATE cases SET asks = '{asks}' WHERE number = '{bad}'")
    await office.quarantine("Requeue", id=item.id)
    await make.eventually(lambda: released(broker, bad))


async def test_a_case_of_which_nothing_can_be_recorded_waits_for_the_port_office(
    broker: Any, office: Any, reference: str, make: Any, listed: Any, monkeypatch: Any
) -> None:
    fold, flaw = record.fold, {f"{reference}-1"}

    def flawed(work: Any, *rest: Any) -> None:
        if work.before.reference in flaw:
            raise ValueError("a rule of ours")
        fold(work, *rest)

    monkeypatch.setattr(record, "fold", flawed)
    good, bad = [f"{reference}-0", f"{reference}-1"]
    for each in (good, bad):
        await broker.submit(make.air_import(each), seconds=1.0)
    [item] = await listed()
    assert (item.kind, item.subject, item.reason) == (Item.KIND_CLEARANCE, "record", "ValueError")
    assert (await broker.get(reference=good)).state == pb.Clearance.STATE_RELEASED
    waits = (await broker.get(reference=bad)).waiting
    assert ("port_office", "quarantine", item.id) in {(each.party, each.fact_kind, each.fact_key) for each in waits}
    flaw.clear()
    await office.quarantine("Requeue", id=item.id)
    await make.eventually(lambda: released(broker, item.number))
    assert not (await broker.get(item.number)).waiting


def unproven(monkeypatch: Any, flaw: set[str]) -> None:
    """What customs says of these cases is not in the seal that it comes under."""
    verify = TransportAgency.verify

    async def verified(self: Any, entries: Any) -> Any:
        return [None if self.number(entry) in flaw else (await verify(self, [entry]))[0] for entry in entries]

    monkeypatch.setattr(TransportAgency, "verify", verified)


def unstorable(monkeypatch: Any, flaw: set[str]) -> None:
    """The database takes nothing about these cases."""
    put_in_inbox = follow.put_in_inbox

    def put(connection: Any, received: Any) -> None:
        if any(each.number in flaw for each in received):
            raise ValueError("no such text")
        put_in_inbox(connection, received)

    monkeypatch.setattr(follow, "put_in_inbox", put)


@pytest.mark.parametrize(("way", "reason"), [(unproven, "GARBLED"), (unstorable, "ValueError")])
async def test_an_entry_of_a_feed_that_cannot_be_taken_is_kept_and_the_feed_goes_on(
    *, way: Any, reason: str, district: Any, broker: Any, office: Any, reference: str, make: Any, listed: Any,
    monkeypatch: Any,
) -> None:  # fmt: skip
    """Both wait for a weight note, after which customs decides anew: only its feed tells."""
    flaw: set[str] = set()
    way(monkeypatch, flaw)
    bad, good = f"{reference}-1", f"{reference}-2"
    numbers = {each: (await broker.submit(make.sea_import(each))).number for each in (bad, good)}
    flaw.add(numbers[bad])
    for each in (bad, good):
        await district.weigh(each, 1000.0, "customs")
    [item] = await listed()
    assert (item.kind, item.party, item.number, item.reason) == (Item.KIND_DECISION, "customs", numbers[bad], reason)

    async def decided(reference: str) -> bool:
        found = await broker.get(numbers[reference])
        return bool(found.agencies[0].decision.revision == 2)

    await make.eventually(lambda: decided(good))
    assert not await decided(bad)
    kept = (await office.quarantine("Get", id=item.id)).item
    assert hashlib.sha256(kept.content).digest() == kept.content_digest
    assert numbers[bad].encode() in kept.content

    await office.quarantine("RequeueAll", party="customs")
    [back] = await listed()
    assert (back.id, back.tries) == (item.id, item.tries + 1), "still the same flaw"
    flaw.clear()
    await office.quarantine("RequeueAll", party="customs")
    await make.eventually(lambda: decided(bad))
    assert "quarantine" not in {wait.fact_kind for wait in (await broker.get(numbers[bad])).waiting}
