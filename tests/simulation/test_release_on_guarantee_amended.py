"""Release on guarantee that is refused, taken back, or overtaken by an amendment or a withdrawal."""

from pathlib import Path

import pytest
from guarantee_journey import OTHER_GRN, held, is_clean
from guaranteed import Guaranteed, rest
from guaranteed_districts import told

from agencykit.refusals import StateForbids, Unavailable
from clearance.gateway.v1.clearance_pb2 import Clearance
from clearance.gateway.v1.guarantee_release_service_pb2 import GuaranteeRelease


def test_refused_guarantees_leave_a_time_in_which_only_they_are_amended(tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        clearance = await held(told, limit=1)
        release = await told.ask(clearance)
        assert (release.state, list(release.refusals)) == (GuaranteeRelease.STATE_REFUSED, ["GUARANTEE_INSUFFICIENT"])
        await rest()
        after = await told.read(clearance)
        assert after.state == Clearance.STATE_GUARANTEE_AMENDMENT
        assert ("broker", "guarantee") in {(wait.party, wait.fact_kind) for wait in after.waiting}
        with pytest.raises(StateForbids):
            await told.amend(after)
        await told.enter(clearance.consignment.trader.identifier, OTHER_GRN)
        assert (await told.ask(clearance, OTHER_GRN)).generation == 2
        await rest()
        assert await told.state(clearance) == "RELEASED_ON_GUARANTEE"

    told(tmp_path, story)


def test_without_another_guarantee_in_time_the_clearance_goes_on_as_before(tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        clearance = await held(told, limit=1)
        release = await told.ask(clearance)
        await rest()
        assert await told.state(clearance) == "GUARANTEE_AMENDMENT"
        await rest(release.amend_until_time.seconds - release.request_time.seconds)
        assert await told.state(clearance) == "ON_HOLD"

    told(tmp_path, story)


def test_a_request_that_is_taken_back_ends_that_time_at_once(tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        clearance = await held(told, limit=1)
        await told.ask(clearance)
        await rest()
        await told.cancel(clearance)
        await rest()
        assert await told.state(clearance) == "ON_HOLD"

    told(tmp_path, story)


def test_a_withdrawn_clearance_leaves_nothing_held(tmp_path: Path) -> None:
    async def story(told: Guaranteed) -> None:
        clearance = await held(told)
        told.break_ledger("called", "ConfirmGuarantees", times=100)
        with pytest.raises(Unavailable):
            await told.ask(clearance)
        await told.withdraw(clearance)
        await rest(60)
        assert await told.state(clearance) == "WITHDRAWN"
        await is_clean(told)

    told(tmp_path, story)


def test_an_amendment_takes_back_what_was_asked_for_the_version_before(tmp_path: Path) -> None:
    """Its holder, office and goods were checked for that version, and the next may have others."""

    async def story(told: Guaranteed) -> None:
        clearance = await held(told)
        told.break_ledger("answered", "ConfirmGuarantees", times=100)
        with pytest.raises(Unavailable):
            await told.ask(clearance)
        await told.amend(await told.read(clearance))
        told.mend()
        await rest(60)
        assert await told.state(clearance) == "ON_HOLD"
        await is_clean(told)
        await told.ask(clearance)
        await rest()
        assert await told.state(clearance) == "RELEASED_ON_GUARANTEE"

    told(tmp_path, story)
