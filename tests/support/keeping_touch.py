"""Two districts that keep in touch, and what their operators ask of PartnerService."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from guaranteed import Guaranteed
from guaranteed_districts import told_across
from simulated import CALL_SECONDS

from clearance.district.v1.unavailability_pb2 import UnavailabilityNotice
from clearance.gateway.v1 import partner_service_pb2 as pb
from clearance.gateway.v1.partner_service_pb2 import Partner

SERVICE = "/clearance.gateway.v1.PartnerService/"
Story = Callable[[Guaranteed, Guaranteed], Awaitable[None]]


async def at_partners(seeing: Any, name: str, **fields: Any) -> Any:
    """PartnerService's answer to an operator."""
    operator = seeing.district.transport("gateway", "operator/port-office")
    request, response = getattr(pb, f"{name}Request")(**fields), getattr(pb, f"{name}Response")
    return await operator.unary(f"{SERVICE}{name}", request, response, timeout_seconds=CALL_SECONDS)


async def partner_of(seeing: Guaranteed) -> Partner:
    """Its one partner."""
    [one] = (await at_partners(seeing, "ListPartners")).partners
    return one  # type: ignore[no-any-return]


async def announced(at: Any, begin: int, hours: int) -> str:
    """Id of a notice: everything, so many seconds from now and for so many hours."""
    now = at.district.runtime.clock.now()
    fields = {
        "scope": UnavailabilityNotice.SCOPE_ALL,
        "reason": "new database",
        "request_id": at.district.runtime.ids.uuid(),
    }
    times = {"from_time": now + timedelta(seconds=begin), "until_time": now + timedelta(seconds=begin, hours=hours)}
    return str((await at_partners(at, "AnnounceUnavailability", **fields, **times)).notice.id)


def told(folder: Path, story: Story, **ningbo: Any) -> None:
    """The story of two districts that ask each other twice a second; further settings are of Ningbo's gateway."""
    often = {"partner_interval_ms": 500}
    told_across(folder, story, hangzhou=often, ningbo=often | ningbo)
