"""What districts announce to each other, and how absence is shown."""

from datetime import timedelta
from pathlib import Path

import pytest
from guaranteed import Guaranteed, rest
from keeping_touch import announced, at_partners, partner_of, told

from agencykit.refusals import (
    FormInvalid,
    NotFound,
    RequestIdReused,
    Unavailable,
)
from clearance.district.v1.unavailability_pb2 import UnavailabilityNotice
from clearance.gateway.v1.guarantee_release_service_pb2 import GuaranteeRelease


def test_planned_unavailability_is_told_to_a_partner_once_it_is_back_and_withdrawn_there(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        await rest(1.5)
        ningbo.district.partners["hangzhou"].layers = None
        notice = await announced(ningbo, 3600, 2)
        await announced(ningbo, 1800, 1)
        await rest(1.5)
        assert (await partner_of(hangzhou)).notices == []
        assert not (await partner_of(ningbo)).notified
        ningbo.district.reach(hangzhou.district)
        await rest(1.5)
        assert [each.reason for each in (await partner_of(hangzhou)).notices] == ["new database", "new database"]
        assert (await partner_of(ningbo)).notified
        await at_partners(ningbo, "WithdrawUnavailability", notice_id=notice)
        await rest(1.5)
        known = {each.id: each.HasField("withdraw_time") for each in (await partner_of(hangzhou)).notices}
        assert known[notice]
        assert list(known.values()).count(True) == 1
        own = (await at_partners(ningbo, "ListPartners")).own_notices
        assert {each.id: each.HasField("withdraw_time") for each in own} == known

    told(tmp_path, story)


def test_what_waits_for_a_partner_says_that_it_is_away_and_what_it_announced(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        clearance = await hangzhou.submitted()
        await ningbo.enter(clearance.consignment.trader.identifier)
        await announced(ningbo, 0, 8)
        await rest(1.5)
        hangzhou.district.partners["ningbo"].layers = None
        await rest(1.5)
        with pytest.raises(Unavailable):
            await hangzhou.ask(clearance)
        [waiting] = await hangzhou.releases(clearance)
        assert waiting.home_absence.HasField("unreached_since_time")
        assert waiting.home_absence.notice.reason == "new database"
        hangzhou.district.reach(ningbo.district)
        await rest(20)
        [release] = await hangzhou.releases(clearance)
        # What was not held at once is given back, for access codes are kept nowhere.
        assert release.state == GuaranteeRelease.STATE_CANCELLED
        assert not release.HasField("home_absence")

    told(tmp_path, story)


def test_a_notice_that_ends_before_it_begins_or_is_over_is_refused_and_a_request_id_serves_once(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, _ningbo: Guaranteed) -> None:
        with pytest.raises(FormInvalid):
            await announced(hangzhou, 60, -1)
        with pytest.raises(FormInvalid):
            await announced(hangzhou, -7200, 1)
        now, act = hangzhou.district.runtime.clock.now(), hangzhou.district.runtime.ids.uuid()
        fields = {"request_id": act, "scope": UnavailabilityNotice.SCOPE_TRANSIT, "reason": "new bridge"}
        fields |= {"from_time": now, "until_time": now + timedelta(hours=1)}
        for _ in range(2):
            await at_partners(hangzhou, "AnnounceUnavailability", **fields)
        with pytest.raises(RequestIdReused):
            await at_partners(hangzhou, "AnnounceUnavailability", **fields | {"reason": "old bridge"})
        with pytest.raises(NotFound):
            await at_partners(hangzhou, "WithdrawUnavailability", notice_id=hangzhou.district.runtime.ids.uuid())
        assert len((await at_partners(hangzhou, "ListPartners")).own_notices) == 1

    told(tmp_path, story)
