"""Duty that is guaranteed: goods go before it is paid, and the guarantee comes back once it is, and no sooner.

Where it is not paid in time, that is told, so that an officer claims.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from guaranteed import Guaranteed, of_customs, rest
from guaranteed_districts import told

from agencykit.refusals import StateForbids
from clearance.common.v1.decision_pb2 import GuaranteeTerms
from clearance.gateway.v1.clearance_pb2 import Clearance
from clearance.gateway.v1.guarantee_release_service_pb2 import GuaranteeRelease
from customs.app import EXAMPLES

DAY_SECONDS = 24 * 3600
OTHER_GRN = "19XX0040191000024"


@pytest.fixture
def payment_first(tmp_path: Path) -> dict[str, Path]:
    """Customs' settings where goods wait for their payment."""
    charges = EXAMPLES.charges.read_text("utf-8")
    assert "release_before_payment = true" in charges
    (tmp_path / "charges.toml").write_text(
        charges.replace("release_before_payment = true", "release_before_payment = false")
    )
    return {"charges_file": tmp_path / "charges.toml"}


def test_guaranteed_duty_is_paid_in_parts_and_the_guarantee_returns_after_the_last(
    tmp_path: Path, payment_first: dict[str, Path]
) -> None:
    async def story(told: Guaranteed) -> None:
        clearance = await told.submitted(doubted=False)
        terms = of_customs(clearance).guarantee
        assert (clearance.state, list(terms.kinds)) == (Clearance.STATE_IN_PROGRESS, [GuaranteeTerms.KIND_TAX])
        await told.enter(clearance.consignment.trader.identifier)
        await told.ask(clearance)
        await rest()
        assert await told.state(clearance) == "RELEASED_ON_GUARANTEE"
        owed = terms.amount_minor_units
        await told.pay(clearance, owed - 1, "3104-000017")
        await rest()
        assert (await told.guarantee()).confirmed_units == owed
        await told.pay(clearance, 1, "3104-000018")
        await rest()
        assert [each.state for each in await told.releases(clearance)] == [GuaranteeRelease.STATE_CREDITED]
        assert (await told.guarantee()).confirmed_units == 0
        assert not (await told.read(clearance)).waiting
        assert not await told.differences()

    told(tmp_path, story, customs=payment_first)


def test_duty_that_is_paid_at_once_needs_no_guarantee(tmp_path: Path, payment_first: dict[str, Path]) -> None:
    async def story(told: Guaranteed) -> None:
        clearance = await told.submitted(doubted=False)
        await told.pay(clearance, of_customs(clearance).guarantee.amount_minor_units, "3104-000017")
        await rest()
        assert await told.state(clearance) == "RELEASED"

    told(tmp_path, story, customs=payment_first)


def test_a_use_is_claimed_although_another_that_was_asked_for_after_it_is_refused(
    tmp_path: Path, payment_first: dict[str, Path]
) -> None:
    """A payment that was recorded in error is taken back, so that the use no longer stands for all that is owed."""

    async def story(told: Guaranteed) -> None:
        clearance = await told.submitted(doubted=False)
        await told.pay(clearance, 1, "3104-000017")
        await rest()
        holder = clearance.consignment.trader.identifier
        await told.enter(holder)
        await told.enter(holder, OTHER_GRN, limit=1)
        await told.ask(clearance)
        await rest()
        await told.reverse("3104-000017")
        await rest()
        assert await told.state(clearance) == "RELEASE_STOPPED"
        assert (await told.ask(clearance, OTHER_GRN)).state == GuaranteeRelease.STATE_REFUSED
        twice = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
        await told.claim(clearance, who="examiner-customs")
        assert [(await told.claim(clearance, twice)).generation for _ in range(2)] == [1, 1]
        await rest()
        assert [each.state for each in await told.releases(clearance)] == [
            GuaranteeRelease.STATE_CLAIMED,
            GuaranteeRelease.STATE_REFUSED,
        ]
        assert not await told.differences()

    told(tmp_path, story, customs=payment_first)


def test_a_proposal_to_claim_falls_with_the_use_it_is_about(tmp_path: Path, payment_first: dict[str, Path]) -> None:
    async def story(told: Guaranteed) -> None:
        clearance = await told.submitted(doubted=False)
        await told.pay(clearance, 1, "3104-000017")
        await rest()
        holder = clearance.consignment.trader.identifier
        await told.enter(holder)
        await told.enter(holder, OTHER_GRN)
        await told.ask(clearance)
        await rest()
        await told.reverse("3104-000017")
        await rest()
        await told.claim(clearance, who="examiner-customs")
        assert (await told.ask(clearance, OTHER_GRN)).generation == 2
        await rest()
        with pytest.raises(StateForbids):
            await told.unclaim(clearance)
        assert (await told.claim(clearance, who="examiner-customs")).generation == 2
        await told.unclaim(clearance)
        # Taken back: one officer's call proposes, and takes nobody's money.
        assert (await told.claim(clearance)).state == GuaranteeRelease.STATE_CONFIRMED
        assert {each.state for each in await told.claims()} == set()

    told(tmp_path, story, customs=payment_first)


async def late(told: Guaranteed, clearance: Clearance) -> bool:
    """Whether its use is told as overdue and the clearance waits for an officer for that: both, or neither."""
    waits = {(wait.party, wait.fact_kind) for wait in (await told.read(clearance)).waiting}
    [release] = await told.releases(clearance)
    assert (("customs", "guarantee_overdue") in waits) == release.overdue
    return release.overdue


def test_duty_that_is_not_paid_in_time_is_told_once_and_claimed_by_an_officer(
    tmp_path: Path, payment_first: dict[str, Path]
) -> None:
    async def story(told: Guaranteed) -> None:
        unpaid, paid = [await told.submitted(doubted=False) for _ in range(2)]
        await told.enter(unpaid.consignment.trader.identifier)
        for clearance in (unpaid, paid):
            await told.ask(clearance)
        await rest()
        [release] = await told.releases(unpaid)
        released = (await told.read(unpaid)).release_time
        assert release.settle_until_time.seconds == released.seconds + 15 * DAY_SECONDS
        told.skip(15 * DAY_SECONDS - 60)
        await rest()
        assert not await late(told, unpaid)
        await told.pay(paid, of_customs(paid).guarantee.amount_minor_units, "3104-000017")
        await rest(90)
        assert await late(told, unpaid)
        assert [each.state for each in await told.releases(paid)] == [GuaranteeRelease.STATE_CREDITED]
        with closing(sqlite3.connect(tmp_path / "gateway.db")) as database:
            events = database.execute("SELECT number, agency FROM audit WHERE act = 'guarantee overdue'").fetchall()
        assert events == [(unpaid.number, "customs")]
        await told.claimed(unpaid)
        await rest()
        assert not await late(told, unpaid)
        assert (await told.guarantee()).claimed_units == release.amount.minor_units
        assert await told.state(unpaid) == "RELEASED_ON_GUARANTEE"

    told(tmp_path, story, customs=payment_first)
