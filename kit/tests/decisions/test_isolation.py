"""One poison item is set aside; the others are decided as if it were not there."""

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, update

from agencykit.agency import AgencyDefinition
from agencykit.decisions import tables
from agencykit.decisions.redecide import MOST_ATTEMPTS
from agencykit.refusals import from_status
from agencykit.rules import Circumstances, Finding, Rule, rule
from agencykit.testing.example_agency import DEFINITION, Facts, View, load_facts
from clearance.common.v1.decision_pb2 import Decision

from .conftest import Harbour

POISON = "POISON-YARD"


@rule(id="SCA-666", version=1, zh="毒", en="poison", enough_zh="无", enough_en="nothing", source="test")
def poison(self: Rule, view: View, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    if view.goods_location_code == POISON:
        raise KeyError("a name that must not be told")
    return ()


def poisoned_read(consignment: Any) -> View:
    view: View = DEFINITION.read(consignment)
    if view.goods_location_code == POISON:
        raise ValueError("a name that must not be told")
    return view


WAYS = {
    "a rule fails": dataclasses.replace(DEFINITION, rules=(*DEFINITION.rules, poison)),
    "the view fails": dataclasses.replace(DEFINITION, read=poisoned_read),
    "the record of facts fails": dataclasses.replace(
        DEFINITION, rules=DEFINITION.rules, record_facts=lambda facts: {"noted": object()}
    ),
}


@pytest.mark.parametrize("way", ["a rule fails", "the view fails"])
async def test_an_item_on_which_our_code_fails_stands_alone(harbour: Harbour, way: str) -> None:
    office = await harbour.open(WAYS[way])
    items = [harbour.item(harbour.number()) for _ in range(8)]
    number = harbour.number()
    consignment = harbour.bent(number, goods_location_code=POISON)
    items.insert(3, harbour.item(number, consignment))
    answers = await office.gateway.assess(*items)
    bad = answers.pop(3)
    refusal = from_status(bad.error)
    assert refusal is not None
    assert (refusal.reason, len(refusal.metadata["correlation_id"])) == ("INTERNAL", 12)
    assert "name that must" not in str(bad)
    assert all(answer.WhichOneof("answer") == "decision" for answer in answers)


async def test_a_transaction_that_fails_is_tried_by_halves(harbour: Harbour) -> None:
    """Facts are loaded for the batch, so that one item's poison fails the whole transaction."""

    def fatal_facts(connection: Connection, views: Sequence[View], now: datetime) -> list[Facts]:
        if any(view.goods_location_code == POISON for view in views):
            raise ArithmeticError
        return load_facts(connection, views, now)

    office = await harbour.open(dataclasses.replace(DEFINITION, load_facts=fatal_facts))
    items = [harbour.item(harbour.number()) for _ in range(20)]
    for place in (4, 17):
        number = harbour.number()
        items[place] = harbour.item(number, harbour.bent(number, goods_location_code=POISON))
    answers = await office.gateway.assess(*items)
    assert [place for place, answer in enumerate(answers) if answer.WhichOneof("answer") == "error"] == [4, 17]
    log = await office.gateway.whole_log()
    assert [Decision.FromString(signed.decision).sequence for signed in log] == list(range(1, 19))


async def fail_again(harbour: Harbour, definition: AgencyDefinition) -> list[str]:
    """Decides a clearance soundly, then has facts wake it under a definition that fails on it, again and again."""
    sound = await harbour.open()
    number = harbour.number()
    await harbour.decide(sound, number, harbour.bent(number, goods_location_code=POISON))
    office = await harbour.open(definition)
    await harbour.weigh(office, {number: 1000.0})
    database, cases = office.app.parts.database, tables.cases.c
    at_once = update(tables.cases).where(cases.due_time.is_not(None)).values(due_time=0)
    for _ in range(MOST_ATTEMPTS + 2):
        await office.app.parts.reassess.once()
        await database.write(lambda connection: connection.execute(at_once).rowcount)
    [case] = await harbour.rows(office, tables.cases, number)
    assert (case.revision, case.due_time, case.attempts) == (1, None, MOST_ATTEMPTS)
    return await harbour.acts(office, number)


@pytest.mark.parametrize("way", ["a rule fails", "the view fails"])
async def test_a_redecision_that_keeps_failing_is_set_aside_with_its_reason(harbour: Harbour, way: str) -> None:
    acts = await fail_again(harbour, WAYS[way])
    assert acts == ["redecision_failed"] * (MOST_ATTEMPTS - 1) + ["redecision_set_aside"]


async def test_a_redecision_whose_transaction_fails_is_set_aside_too(harbour: Harbour) -> None:
    acts = await fail_again(harbour, WAYS["the record of facts fails"])
    assert acts[-1] == "redecision_set_aside"


async def test_what_was_set_aside_is_woken_by_the_next_fact(harbour: Harbour) -> None:
    await fail_again(harbour, WAYS["a rule fails"])
    healthy = await harbour.open()
    number = (await harbour.numbers(healthy))[0]
    await harbour.weigh(healthy, {number: 1000.0})
    assert (await harbour.revision(healthy, number, 2)).verdict == Decision.VERDICT_APPROVED
