"""What an agency says after the release."""

from typing import Any

from clearance.agency.v1 import agency_service_pb2 as agency_pb
from clearance.common.v1.order_pb2 import ReleaseOrder
from clearance.gateway.v1 import clearance_pb2 as pb


async def test_an_approval_taken_back_stops_the_release_by_an_order_with_a_higher_number(
    district: Any, broker: Any, reference: str, make: Any
) -> None:
    """The goods are released; then the port weighs them again, and finds another weight."""
    clearance = await broker.submit(make.sea_import(reference))
    await district.weigh(reference)
    await make.eventually(lambda: in_state(broker, clearance.number, pb.Clearance.STATE_RELEASED))
    await district.weigh(reference, 2000.0, "port")
    stopped = await make.eventually(lambda: in_state(broker, clearance.number, pb.Clearance.STATE_RELEASE_STOPPED))
    kinds = [(order.order.number, order.order.kind) for order in stopped.orders]
    assert kinds == [(1, ReleaseOrder.KIND_RELEASE), (2, ReleaseOrder.KIND_STOP)]
    assert [wait.party for wait in stopped.waiting] == ["port"]

    await district.weigh(reference, 1000.0, "port")
    again = await make.eventually(lambda: in_state(broker, clearance.number, pb.Clearance.STATE_RELEASED))
    assert [order.order.number for order in again.orders] == [1, 2, 3]
    assert again.release_time == stopped.release_time, "when it was first released"

    async def told() -> Any:
        return not district.untold()

    await make.eventually(told)
    outcomes = outcomes_at(district.offices["port"])
    assert outcomes == [
        (1, agency_pb.Outcome.KIND_RELEASED),
        (2, agency_pb.Outcome.KIND_STOPPED),
        (3, agency_pb.Outcome.KIND_RELEASED),
    ]


def outcomes_at(office: Any) -> list[tuple[int, int]]:
    """What the agency was told, by order number."""
    from sqlalchemy import text

    from agencykit.storage.engines import make_engine

    engine = make_engine(office.app.parts.settings.database_url, connections=0)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT order_number, kind FROM outcomes ORDER BY order_number")).all()
    engine.dispose()
    return [(number, kind) for number, kind in found]


async def in_state(caller: Any, number: str, state: Any) -> Any:
    clearance = await caller.get(number)
    return clearance if clearance.state == state else None
