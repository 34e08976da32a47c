"""Goods released in parts: an officer clears one container, and it may go before the other."""

from typing import Any

import pytest

from agencykit.identity import Identity
from agencykit.refusals import StateForbids
from agencykit.rpc.transport import Transport
from agencykit.testing.authority import DISTRICT
from agencykit.testing.inline import InlineTransport
from agencykit.testing.running import Caller as Officer
from clearance.agency.v1.work_service_pb2 import WorkResult
from clearance.common.v1.decision_pb2 import Scope
from clearance.common.v1.order_pb2 import ReleaseOrder
from clearance.gateway.v1 import clearance_pb2 as pb

HAMBURG, ROTTERDAM = "CSQU3054383", "TGHU7712340"


def officer(district: Any) -> Officer:
    """An officer of the port."""
    office, identity = district.offices["port"], Identity.of_district(DISTRICT, "operator/port-office")
    transport: Transport = InlineTransport(office.layers, identity, office.telemetry)
    return Officer(transport, district.runtime)


async def record(district: Any, number: str, outcome: Any, *containers: str) -> None:
    """His result of the examination that the port has open, on these containers; on all that are left where none."""
    man = officer(district)
    [work] = (await man.list_work(number)).work
    await man.take_work(work.id)
    scope = {"scope": Scope(container_numbers=containers)} if containers else {}
    await man.record_work(work.id, outcome, **scope)


async def test_one_container_goes_before_the_other(district: Any, broker: Any, reference: str, make: Any) -> None:
    consignment = make.sea_import(reference)
    consignment.containers.add(number=ROTTERDAM)
    number = (await broker.submit(consignment)).number
    await district.weigh(reference, 1000.0, "customs", "inspection", "border")
    await district.weigh(reference, 2000.0, "port")
    await make.eventually(lambda: in_state(broker, number, pb.Clearance.STATE_EXAMINATION))
    await record(district, number, WorkResult.OUTCOME_CLEARED, HAMBURG)
    parted = await make.eventually(lambda: in_state(broker, number, pb.Clearance.STATE_PARTLY_RELEASED))
    assert (list(parted.released_scope.container_numbers), parted.HasField("release_time")) == ([HAMBURG], True)
    assert [(wait.party, wait.fact_kind) for wait in parted.waiting] == [("port", "officer_result")]
    [listed] = (await broker.list(states=[pb.Clearance.STATE_PARTLY_RELEASED])).clearances
    assert listed.released_scope == parted.released_scope
    for act in (broker.amend(number, 1, consignment), broker.withdraw(number)):
        with pytest.raises(StateForbids) as refused:
            await act
        assert refused.value.metadata["state"] == "PARTLY_RELEASED"

    await record(district, number, WorkResult.OUTCOME_CLEARED)
    released = await make.eventually(lambda: in_state(broker, number, pb.Clearance.STATE_RELEASED))
    orders = [each.order for each in released.orders]
    assert [(each.number, each.kind, list(each.scope.container_numbers)) for each in orders] == [
        (1, ReleaseOrder.KIND_RELEASE, [HAMBURG]),
        (2, ReleaseOrder.KIND_RELEASE, []),
    ]
    assert not released.HasField("released_scope")
    assert released.release_time == parted.release_time, "when the first of it was released"


async def in_state(caller: Any, number: str, state: Any) -> Any:
    clearance = await caller.get(number)
    return clearance if clearance.state == state else None
