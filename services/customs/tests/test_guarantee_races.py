"""A confirmation in the ledger and a decision about the same clearance at once, on both databases: neither misses the
other, whoever comes first.
"""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from agencykit.decisions.redecide import next_due
from agencykit.runtime import real_runtime
from agencykit.testing.consignments import assessment_item, sea_import
from agencykit.testing.counts import count
from agencykit.testing.inline_agency import inline_agency
from agencykit.testing.running import agency_settings
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision
from customs.app import LISTS, CustomsSettings, build

from .guarantees import COMPREHENSIVE, Desk, hold, key, states
from .test_risk_service import register

CASES = count(8, 60)
AMOUNT = 131_800
NUMBERS = [f"NBGUARRACE{place:04}" for place in range(CASES)]


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    """Customs that selects nothing, a registered trader, and a guarantee for all of the cases together."""
    quiet = LISTS / "risk_nothing.toml"
    settings = agency_settings(CustomsSettings, "customs", database_url, risk_profile_file=quiet)
    async with inline_agency(build, settings, "customs", real_runtime()) as customs:
        await register(customs)
        desk = Desk(customs)
        await desk.enter(COMPREHENSIVE, AMOUNT * CASES)
        yield desk


def rivet_nuts(number: str) -> Consignment:
    """A kilogram for a cent, which customs doubts."""
    consignment = sea_import(number)
    consignment.items[0].net_mass_kg = 1.0
    consignment.items[0].value.minor_units = consignment.invoice_total.minor_units = 1
    return consignment


async def declare(desk: Desk, numbers: list[str], version: int) -> None:
    """One convoy of these, each in this version."""
    items = []
    for number in numbers:
        consignment = rivet_nuts(number)
        consignment.items[0].gross_mass_kg = 100.0 + version
        items.append(assessment_item(number, consignment, version=version, request_id=desk.customs.runtime.ids.uuid()))
    for answer in await desk.customs.gateway.assess(*items):
        assert answer.HasField("decision"), answer


async def newest(desk: Desk) -> list[Decision]:
    """The decision of each once nothing is due any more, by whoever decides it."""
    parts = desk.customs.app.parts
    while await parts.database.read(next_due) is not None:
        await parts.reassess.once()
    gateway, verifier = desk.customs.gateway, desk.customs.verifier
    return [verifier.verify(await gateway.decision(number)) for number in NUMBERS]


async def at_random(random_: random.Random, act: object) -> None:
    """A little later or sooner, so that either may come first."""
    for _ in range(random_.randrange(20)):
        await asyncio.sleep(0)
    await act  # type: ignore[misc]  # a coroutine


async def test_a_confirmation_and_a_decision_that_meet_know_of_each_other(desk: Desk) -> None:
    draws = random.Random(20041117)
    await declare(desk, NUMBERS, 1)
    held = await desk.hold(*[hold(AMOUNT, number=number) for number in NUMBERS])
    assert states(held) == ["HELD"] * CASES
    again = [NUMBERS[first : first + 4] for first in range(0, CASES, 4)]
    amended = [at_random(draws, declare(desk, numbers, 2)) for numbers in again]
    await asyncio.gather(*amended, *(at_random(draws, desk.confirm(key(number))) for number in NUMBERS))
    found = await newest(desk)
    assert {(each.version, each.guarantee.covered) for each in found} == {(2, True)}
    amended = [at_random(draws, declare(desk, numbers, 3)) for numbers in again]
    await asyncio.gather(*amended, *(at_random(draws, desk.credit(key(number))) for number in NUMBERS))
    found = await newest(desk)
    assert {(each.version, each.guarantee.covered) for each in found} == {(3, False)}
    assert {each.verdict for each in found} == {Decision.VERDICT_HOLD}
    assert await desk.differences() == []
