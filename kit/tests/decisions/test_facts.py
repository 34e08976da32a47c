"""Facts are lodged once, wake whoever waits for them, and are never forgotten."""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection

from agencykit.agency import FactKey
from agencykit.decisions import servicer, tables
from agencykit.decisions.assess import assess
from agencykit.refusals import RequestIdReused
from agencykit.testing.example_agency import DEFINITION, WEIGHT_NOTE, Facts, View
from agencykit.testing.inline_agency import InlineAgency
from agencykit.testing.statements import statements_of
from clearance.common.v1.decision_pb2 import Decision

from .conftest import Harbour


async def test_a_fact_is_lodged_once_for_each_request_id(harbour: Harbour, office: InlineAgency) -> None:
    number, request_id = harbour.number(), harbour.runtime.ids.uuid()
    assert await harbour.weigh(office, {number: 1000.0}, request_id)
    assert not await harbour.weigh(office, {number: 1000.0}, request_id)
    with pytest.raises(RequestIdReused):
        await harbour.weigh(office, {number: 1001.0}, request_id)
    assert (await harbour.decide(office, number)).verdict == Decision.VERDICT_APPROVED


async def test_a_fact_wakes_only_who_waits_for_it(harbour: Harbour, office: InlineAgency) -> None:
    woken, asleep = harbour.number(), harbour.number()
    await harbour.decide(office, woken)
    await harbour.decide(office, asleep)
    await harbour.weigh(office, {woken: 1000.0})
    decision = await harbour.revision(office, woken, 2)
    assert (decision.verdict, list(decision.waiting)) == (Decision.VERDICT_APPROVED, [])
    assert len(await harbour.rows(office, tables.decisions, asleep)) == 1


async def test_a_fact_that_changes_nothing_makes_no_revision(harbour: Harbour, office: InlineAgency) -> None:
    number = harbour.number()
    await harbour.decide(office, number)
    await office.app.parts.database.write(
        lambda connection: connection.exec_driver_sql("UPDATE cases SET due_time = 0").rowcount
    )
    office.app.parts.reassess.notify()
    assert await harbour.settled(office) == 0
    assert len(await harbour.rows(office, tables.decisions, number)) == 1
    assert len(await harbour.rows(office, tables.waits, number)) == 1


async def test_what_was_due_before_a_restart_is_decided_after_it(harbour: Harbour) -> None:
    before = await harbour.open()
    number = harbour.number()
    await harbour.decide(before, number)
    await before.app.parts.reassess.stop()
    await harbour.weigh(before, {number: 1000.0})
    await before.app.stop()
    after = await harbour.open()
    assert (await harbour.revision(after, number, 2)).verdict == Decision.VERDICT_APPROVED


async def test_a_fact_of_interest_wakes_what_is_already_decided(harbour: Harbour) -> None:
    def interests(view: View, facts: Facts) -> Iterable[FactKey]:
        return [(WEIGHT_NOTE, view.transport_document_number)]

    office = await harbour.open(dataclasses.replace(DEFINITION, interests=interests))
    number = harbour.number()
    await harbour.weigh(office, {number: 1000.0})
    assert (await harbour.decide(office, number)).verdict == Decision.VERDICT_APPROVED
    await harbour.weigh(office, {number: 2000.0})
    assert (await harbour.revision(office, number, 2)).verdict == Decision.VERDICT_EXAMINE


async def test_a_withdrawn_consignment_sleeps_for_good(harbour: Harbour, office: InlineAgency) -> None:
    number = harbour.number()
    await harbour.decide(office, number)
    await office.gateway.withdraw(number)
    await harbour.weigh(office, {number: 1000.0})
    assert await harbour.settled(office) == 0
    assert len(await harbour.rows(office, tables.decisions, number)) == 1
    assert await harbour.acts(office, number) == ["withdrawn"]


async def test_a_redecision_stands_in_the_trace_of_the_clearance(harbour: Harbour) -> None:
    office = await harbour.open()
    spans: list[tuple[Any, ...]] = []
    office.telemetry.item_span = lambda *args, **kwargs: spans.append(args)  # type: ignore[method-assign]
    number, parent = harbour.number(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await office.gateway.assess(harbour.item(number, traceparent=parent))
    await harbour.weigh(office, {number: 1000.0})
    await harbour.revision(office, number, 2)
    await harbour.settled(office)
    assert [(span[0], span[1], span[5]["revision"]) for span in spans] == [
        ("weighbridge.assess", parent, 1),
        ("weighbridge.decide", parent, 2),
    ]


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements of the assessing transactions, and not of what goes on beside them on the same engine."""
    statements: list[str] = []

    def noted(connection: Connection, *args: Any) -> Any:
        with statements_of(connection) as asked:
            answers = assess(connection, *args)
        statements.extend(asked)
        return answers

    with monkeypatch.context() as patch:
        patch.setattr(servicer, "assess", noted)
        yield statements


async def test_no_statement_is_run_for_each_item(
    harbour: Harbour, office: InlineAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite takes the rows of an INSERT or UPDATE in pieces of 32 and 8; all else is one statement, whatever the batch
    holds.
    """
    others, inserts = [], Counter[str]()
    for size in (10, 100):
        numbers = [harbour.number() for _ in range(size)]
        await harbour.weigh(office, dict.fromkeys(numbers[: size // 2], 1000.0))
        with counted(monkeypatch) as statements:
            await office.gateway.assess(*(harbour.item(number) for number in numbers))
            await office.gateway.assess(*(harbour.item(number, version=2) for number in numbers))
        inserts = Counter(text.split()[2] for text in statements if text.startswith("INSERT"))
        updates = sum(" FROM (VALUES " in text for text in statements)
        others.append(len(statements) - inserts.total() - updates)
    assert 0 < others[0] == others[1] < 40
    assert inserts.keys() >= {"decisions", "consignments", "cases", "waits", "requests", "seals"}
    assert max(inserts.values()) <= 2 * 100 / 12
