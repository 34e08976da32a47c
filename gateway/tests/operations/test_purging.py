"""What is over goes out of the gateway's database, on both kinds; what comes late for it begins nothing."""

import asyncio
from typing import Any

import pytest

from agencykit.refusals import NotFound, RecordPurged
from agencykit.storage.engines import make_engine
from agencykit.storage.rows import run
from agencykit.testing.purging import BY, FOUR_YEARS, purge_later
from gateway.storage.retention import KEEPING


async def told_to_all(district: Any) -> bool:
    return not district.untold()


async def purge(district: Any) -> dict[str, Any]:
    return await asyncio.to_thread(
        purge_later, district.database_url, KEEPING, district.runtime.clock.now(), FOUR_YEARS
    )


async def test_a_withdrawn_case_goes_and_its_reference_names_no_other(
    district: Any, broker: Any, reference: str, make: Any
) -> None:
    consignment = make.sea_import(reference)
    gone, stays = await broker.submit(consignment), await broker.submit(make.sea_import(f"{reference}-2"))
    await broker.withdraw(gone.number)
    await make.eventually(lambda: told_to_all(district))
    found = await purge(district)
    assert (found["clearances"].subjects, found["movements"].subjects) == (1, 0)
    assert found["clearances"].rows["cases"] == found["clearances"].rows["withdrawals"] == 1
    assert [number for (number,) in district.rows("SELECT number FROM cases")] == [stays.number]
    with pytest.raises(NotFound):
        await broker.get(gone.number)
    with pytest.raises(RecordPurged):
        await broker.submit(consignment)
    assert district.rows("SELECT replica FROM audit WHERE act = 'purge'") == [(BY,)]
    assert (await purge(district))["clearances"].subjects == 0


async def test_a_case_is_kept_as_long_as_an_agency_is_to_be_told_of_it(
    district: Any, broker: Any, reference: str, make: Any
) -> None:
    gone = await broker.submit(make.sea_import(reference))
    await broker.withdraw(gone.number)
    await make.eventually(lambda: told_to_all(district))
    engine = make_engine(district.database_url, connections=0)
    with engine.begin() as connection:
        run(connection, "INSERT INTO outbox VALUES ('port', ?, 1, 1, 3, 1, 0, NULL)", (gone.number,))
    engine.dispose()
    assert (await purge(district))["clearances"].subjects == 0
