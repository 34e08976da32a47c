"""Kinds of work that one officer does not both do on one clearance."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Connection

from agencykit.decisions.requests import Claim
from agencykit.decisions.work_acts import Act, Result, WorkRules, perform
from agencykit.refusals import StateForbids
from agencykit.rules import WorkOutcome
from agencykit.storage.times import to_micros
from agencykit.testing.example_agency import DEFINITION, HOLD_YARD
from agencykit.testing.racing import overtaking
from clearance.agency.v1.work_service_pb2 import Work, WorkResult
from clearance.common.v1.decision_pb2 import Decision

from .conftest import Harbour
from .test_work import examined, works


async def test_one_officer_does_not_do_both_kinds_of_work_that_are_kept_apart(harbour: Harbour) -> None:
    pair = (int(Work.KIND_EXAMINATION), int(Work.KIND_LABORATORY))
    office = await harbour.open(replace(DEFINITION, kept_apart=frozenset({pair})))
    number, other = await examined(harbour, office), office.caller("operator/laboratory")
    [examination] = await works(office, number)
    await office.operator.take_work(examination.id)
    await office.operator.record_work(examination.id, WorkResult.OUTCOME_SAMPLED)
    await harbour.revision(office, number, 2)
    [test] = [work for work in await works(office, number) if work.state == Work.STATE_OPEN]
    with pytest.raises(StateForbids) as refused:
        await office.operator.take_work(test.id)
    assert refused.value.metadata == {"state": "OF_THE_SAME_OFFICER", "operation": "take"}
    await other.take_work(test.id)
    await other.record_work(test.id)
    assert (await harbour.revision(office, number, 3)).verdict == Decision.VERDICT_APPROVED
    again = await examined(harbour, office)
    [work] = await works(office, again)
    assert (await other.take_work(work.id)).state == Work.STATE_TAKEN, "the other clearance is another matter"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_nor_does_he_where_he_records_both_at_the_same_moment(harbour: Harbour) -> None:
    """Neither result is there yet when the other is looked for; SQLite has one writer at a time."""
    pair = (int(Work.KIND_EXAMINATION), int(Work.KIND_REVIEW))
    office = await harbour.open(replace(DEFINITION, kept_apart=frozenset({pair})))
    number = harbour.number()
    await harbour.weigh(office, {number: 2000.0})
    await harbour.decide(office, number, harbour.bent(number, goods_location_code=HOLD_YARD))
    opened = await works(office, number)
    assert {work.kind for work in opened} == set(pair)
    taken = [await office.operator.take_work(work.id) for work in opened]

    def recording(work: Work, act: str) -> Callable[[Connection], str]:
        now, cleared = to_micros(harbour.runtime.clock.now()), Result(int(WorkOutcome.CLEARED), "as declared")

        def transaction(connection: Connection) -> str:
            claim = Claim("work", taken[0].officer, act, act.encode())
            try:
                perform(connection, claim, work.id, Act.RECORD, cleared, now, WorkRules(kept_apart=frozenset({pair})))
            except StateForbids as refused:
                return refused.metadata["state"]
            return "recorded"

        return transaction

    acts = [recording(work, act) for work, act in zip(taken, ("first", "second"), strict=True)]
    assert overtaking(harbour.url, *acts) == "OF_THE_SAME_OFFICER"
