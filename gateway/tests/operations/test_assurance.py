"""Agencies are told how far they have been told everything; what waits in an outbox holds that back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from agencykit.decisions.completeness import order_key, view_age
from agencykit.storage.times import to_micros
from gateway.operations.assurer import complete_times
from gateway.storage.outcomes import Outcome, insert_untold, put_in_outbox

GATEWAY = "spiffe://ningbo.clearance/gateway"


async def test_every_agency_hears_that_it_knows_all_orders_and_by_which_key_they_are_signed(
    district: Any, gateway: Any, make: Any
) -> None:
    for office in district.offices.values():
        database, clock = office.app.parts.database, district.runtime.clock

        async def age(database: Any = database, clock: Any = clock) -> Any:
            return await database.read(view_age, GATEWAY, to_micros(clock.now()))

        assert await make.eventually(age) < timedelta(seconds=10) / timedelta(microseconds=1)
        [(key_id,)] = await database.read(lambda reader: reader.execute(text("SELECT key_id FROM order_keys")).all())
        assert await database.read(order_key, key_id)


@pytest.mark.parametrize(
    ("untold", "outboxed", "expected"),
    [(None, None, {"customs": 900, "port": 900}), (700, None, {"customs": 700, "port": 700}),
     (800, 400, {"customs": 800, "port": 400}), (None, 500, {"customs": 900, "port": 500})],
    ids=["all told", "one not told to anybody", "both", "one left for the port"],
)  # fmt: skip
async def test_what_an_agency_was_not_told_holds_its_moment_back(
    district: Any, untold: int | None, outboxed: int | None, expected: dict[str, int]
) -> None:
    replica = district.build_gateway()
    database, context = replica.app._database, replica.app._context()

    def tell(connection: Any) -> Any:
        if untold is not None:
            insert_untold(connection, [Outcome("310020040618AAAA", 1, 1, 2, untold)])
        if outboxed is not None:
            left = [
                ("port", Outcome("310020040618BBBB", 1, 1, 2, outboxed)),
                ("port", Outcome("3100CCCC", 1, 1, 1, 600)),
            ]
            put_in_outbox(connection, left, 0)
        return complete_times(connection, replace(context, now=900), ["customs", "port"])

    told = await database.write(tell)
    # Where replicas share a server its clock says when, and not the test.
    assert {name: min(moment, 900) for name, moment in told.items()} == expected
    await replica.app.stop()
