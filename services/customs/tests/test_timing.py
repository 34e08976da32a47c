"""Time limits over amendments: what was declared in time stays so."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from agencykit.testing.consignments import ACCEPT_TIME, assessment_item, sea_import
from agencykit.testing.inline_agency import InlineAgency
from customs.domain.calendar import day_in_china, unclaimed_since
from customs.domain.consignment import ConsignmentView, Direction

from .test_risk_service import customs as customs

LIMITS = {"CUS-142", "CUS-143"}


def later(days: int) -> Timestamp:
    moment = Timestamp()
    moment.FromDatetime(ACCEPT_TIME.ToDatetime() + timedelta(days=days))
    return moment


async def limits(customs: InlineAgency, number: str, version: int, accepted: int) -> set[str]:
    """What is found of an import that arrived the day before the epoch of these tests, accepted so many days later."""
    consignment = sea_import(number)
    consignment.arrival_time.CopyFrom(later(-1))
    consignment.total_packages = 40 + version
    item = assessment_item(number, consignment, request_id=customs.runtime.ids.uuid(), version=version)
    item.accept_time.CopyFrom(later(accepted))
    [answer] = await customs.gateway.assess(item)
    return LIMITS & {found.rule_id for found in customs.verifier.verify(answer.decision).findings}


@pytest.mark.parametrize(("first", "found"), [(0, set()), (40, {"CUS-142"}), (120, LIMITS)])
async def test_an_amendment_is_no_later_declaration(customs: InlineAgency, first: int, found: set[str]) -> None:
    number = f"NBTIME00000{first:03}"
    assert await limits(customs, number, 1, first) == found
    assert await limits(customs, number, 2, first + 200) == found


def test_a_moment_of_the_calendars_last_day_has_a_day_at_the_port(view: ConsignmentView) -> None:
    last = datetime.max.replace(tzinfo=UTC)
    assert day_in_china(last) == date.max
    coming = replace(view, direction=Direction.IMPORT, arrival_time=last)
    assert unclaimed_since(coming, ACCEPT_TIME.ToDatetime(UTC), 3) is None
