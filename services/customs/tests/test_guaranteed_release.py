"""Running customs agrees to release on a guarantee, as long as it stands: from terms to cover and back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agencykit.runtime import real_runtime
from agencykit.storage.rows import run
from agencykit.testing.consignments import assessment_item, sea_import
from agencykit.testing.inline_agency import inline_agency
from agencykit.testing.postgres import own_database
from agencykit.testing.running import agency_settings
from clearance.agency.v1.work_service_pb2 import Work, WorkResult
from clearance.common.v1.decision_pb2 import Decision, GuaranteeTerms
from clearance.common.v1.money_pb2 import Money
from customs.app import LISTS, CustomsSettings, build

from .guarantees import COMPREHENSIVE, LIMIT, OTHER, Desk, cover, hold, key, states
from .test_risk_service import register

NUMBER = "NBGUAR00000017"
HOLD, GOES = Decision.VERDICT_HOLD, Decision.VERDICT_APPROVED_WITH_OBLIGATIONS
# A kilogram of rivet nuts may be worth 5,000 yuan: 400 duty, 918 VAT.
AMOUNT = 131_800


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Customs that selects nothing, a registered trader, and a guarantee of ten thousand yuan."""
    url, quiet = own_database(tmp_path / "customs.db"), LISTS / "risk_nothing.toml"
    settings = agency_settings(CustomsSettings, "customs", url, risk_profile_file=quiet)
    async with inline_agency(build, settings, "customs", real_runtime()) as customs:
        await register(customs)
        desk = Desk(customs)
        await desk.enter(COMPREHENSIVE, LIMIT)
        yield desk


async def declare(desk: Desk) -> Decision:
    """Rivet nuts for a cent."""
    consignment = sea_import(NUMBER)
    consignment.items[0].net_mass_kg = 1.0
    consignment.items[0].value.minor_units = consignment.invoice_total.minor_units = 1
    item = assessment_item(NUMBER, consignment, request_id=desk.customs.runtime.ids.uuid())
    [answer] = await desk.customs.gateway.assess(item)
    return desk.customs.verifier.verify(answer.decision)


async def take_up(desk: Desk, units: int, generation: int, *grns: str, currency: str = "CNY") -> None:
    amount = Money(currency_code=currency, minor_units=units)
    held = hold(units, *grns, number=NUMBER, generation=generation, amount=amount)
    assert states(await desk.hold(held)) == ["HELD"]
    assert states(await desk.confirm(held.key)) == ["CONFIRMED"]


async def revision(desk: Desk, number: int) -> Decision:
    return desk.customs.verifier.verify(await desk.customs.gateway.next_revision(NUMBER, number))


async def reviews(desk: Desk) -> list[Work]:
    return list((await desk.customs.operator.list_work(NUMBER)).work)


async def test_goods_held_for_their_price_go_on_a_guarantee_until_officers_have_settled_it(desk: Desk) -> None:
    held = await declare(desk)
    kind = GuaranteeTerms.KIND_VALUATION
    terms = GuaranteeTerms(kinds=[kind], amount_minor_units=AMOUNT, currency_code="CNY", settle_days=90)
    assert (held.verdict, held.guarantee) == (HOLD, terms)
    await take_up(desk, AMOUNT, 1)
    covered = await revision(desk, 2)
    assert (covered.verdict, covered.guarantee.covered) == (GOES, True)
    assert [each.rule_id for each in covered.waiting] == ["CUS-113"]
    assert {each.rule_id: each.effect for each in covered.findings}["CUS-113"] == HOLD
    assert (await recorded(desk, 2)).count(f'"cover":{AMOUNT}') == 1
    [review] = await reviews(desk)
    await desk.customs.operator.take_work(review.id)
    await desk.customs.operator.record_work(review.id, outcome=WorkResult.OUTCOME_CLEARED)
    settled = await revision(desk, 3)
    assert settled.verdict in {Decision.VERDICT_APPROVED, GOES}
    assert not settled.HasField("guarantee")
    assert not settled.waiting


async def test_what_is_claimed_stands_for_what_is_open_as_before(desk: Desk) -> None:
    await declare(desk)
    await take_up(desk, AMOUNT, 1)
    assert (await revision(desk, 2)).verdict == GOES
    for units in (1, 0):
        await desk.claim(key(NUMBER), units)
        assert await settled_revision(desk) == 2


async def test_what_comes_back_too_early_holds_the_goods_again(desk: Desk) -> None:
    await declare(desk)
    await take_up(desk, AMOUNT, 1)
    assert (await revision(desk, 2)).verdict == GOES
    await desk.credit(key(NUMBER), 1)
    again = await revision(desk, 3)
    assert (again.verdict, again.guarantee.covered) == (HOLD, False)
    assert len(await reviews(desk)) == 1


async def test_confirmed_uses_add_up_and_nothing_less_than_the_amount_covers(desk: Desk) -> None:
    await declare(desk)
    await take_up(desk, AMOUNT - 1, 1)
    held = hold(1, number=NUMBER, generation=2)
    assert states(await desk.hold(held)) == ["HELD"]
    await desk.enter(OTHER, LIMIT, currency="EUR")
    await take_up(desk, AMOUNT, 3, OTHER, currency="EUR")
    assert await settled_revision(desk) == 1
    await desk.confirm(held.key)
    assert (await revision(desk, 2)).guarantee.covered


async def test_a_repeated_confirmation_has_the_clearance_decided_again(desk: Desk) -> None:
    """What was confirmed before the clearance was known is not read when it first comes."""
    await take_up(desk, AMOUNT, 1)
    assert not (await declare(desk)).guarantee.covered
    assert states(await desk.confirm(key(NUMBER))) == ["CONFIRMED"]
    assert (await revision(desk, 2)).guarantee.covered


async def test_what_another_district_has_confirmed_counts_until_it_is_ended(desk: Desk) -> None:
    await declare(desk)
    await take_up(desk, 1, 1)
    assert await desk.record(cover(NUMBER, AMOUNT - 1, generation=2)) == ["STANDING"]
    assert (await revision(desk, 2)).guarantee.covered
    assert await desk.end(key(NUMBER, 2)) == ["ENDED"]
    assert (await revision(desk, 3)).verdict == HOLD


async def settled_revision(desk: Desk) -> int:
    """The newest revision once nothing is due any more."""
    while await desk.customs.app.parts.reassess.once():
        pass
    [(newest,)] = await desk.customs.app.parts.database.read(run, "SELECT max(revision) FROM decisions")
    return int(newest)


async def recorded(desk: Desk, number: int) -> str:
    """The record of facts of a revision."""
    found = await desk.customs.app.parts.database.read(run, "SELECT facts FROM decisions WHERE revision = ?", (number,))
    return bytes(found[0][0]).decode()
