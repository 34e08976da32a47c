"""Officers who release by hand, and clearances that one agency keeps waiting."""

from typing import Any

from clearance.gateway.v1 import clearance_pb2 as pb
from clearance.gateway.v1 import manual_release_service_pb2 as rpc

WEI, FANG = "operator/port-office", "operator/port-office-duty"
SERVICE = "/clearance.gateway.v1.ManualReleaseService/"
Standing = rpc.ManualRelease
# No waiting: in tests time is real.
TABLE = """
version = "test-1"
agency = [{agency = "customs", after_minutes = 0}, {agency = "border", after_minutes = 60}]
never = {commodities = ["36"]}
reason = [{code = "SYSTEM_OUTAGE", zh = "机关系统中断", en = "An agency's system is out"}]
"""


class Hands:
    """An officer at the gateway."""

    def __init__(self, caller: Any) -> None:
        self.caller = caller

    async def call(self, name: str, **fields: Any) -> Any:
        request, answer = getattr(rpc, f"{name}Request")(**fields), getattr(rpc, f"{name}Response")
        return await self.caller.transport.unary(SERVICE + name, request, answer, timeout_seconds=10.0)

    def order(self, number: str, **fields: Any) -> rpc.OrderManualReleaseRequest:
        said = {"request_id": self.caller.runtime.ids.uuid(), "version": 1, "absent_agencies": ["customs"]}
        paper = {"reason_code": "SYSTEM_OUTAGE", "paper_order_number": "NB-88", "reason": "海关系统中断"}
        return rpc.OrderManualReleaseRequest(number=number, **{**said, **paper, **fields})

    async def send(self, request: rpc.OrderManualReleaseRequest) -> Standing:
        answer = rpc.OrderManualReleaseResponse
        path = f"{SERVICE}OrderManualRelease"
        return (await self.caller.transport.unary(path, request, answer, timeout_seconds=10.0)).release

    async def ask(self, number: str, **fields: Any) -> Standing:
        return await self.send(self.order(number, **fields))

    async def act(self, name: str, number: str, **fields: Any) -> Standing:
        fields = {"request_id": self.caller.runtime.ids.uuid(), "reason": "口岸办核对", **fields}
        return (await self.call(f"{name}ManualRelease", number=number, **fields)).release  # type: ignore[no-any-return]

    async def of(self, number: str = "") -> list[Standing]:
        return list((await self.call("ListManualReleases", number=number)).releases)


async def all_but_customs(district: Any, caller: Any, reference: str, make: Any, consignment: Any = None) -> str:
    """A clearance on which all agree but customs, which is away."""
    district.offices["customs"].down = True
    await district.weigh(reference, 1000.0, "inspection", "border", "port")
    return (await caller.submit(consignment or make.sea_import(reference))).number  # type: ignore[no-any-return]


async def in_state(caller: Any, number: str, state: Any) -> Any:
    clearance = await caller.get(number)
    return clearance if clearance.state == state else None


async def standing(hands: Hands, number: str, state: Any) -> Any:
    [release] = await hands.of(number)
    return release if release.state == state else None


def orders_of(clearance: pb.Clearance) -> list[tuple[int, int, bool]]:
    """(number, kind, by hand) of each."""
    return [(each.order.number, each.order.kind, each.order.HasField("manual")) for each in clearance.orders]
