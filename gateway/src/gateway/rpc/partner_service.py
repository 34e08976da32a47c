"""PartnerService: how this district stands with its partners, and what it announces to them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from agencykit.refusals import FormInvalid, Violation
from agencykit.rpc.call import Call
from agencykit.storage import Database, to_micros
from clearance.district.v1.unavailability_pb2 import UnavailabilityNotice
from clearance.gateway.v1 import partner_service_pb2 as pb
from gateway.domain.unavailability import Notice
from gateway.operations.context import Context
from gateway.operations.notices import announce, standing_notices, withdraw
from gateway.operations.partner_keeper import PartnerKeeper
from gateway.operations.partners import OwnBundle
from gateway.rpc.notices import write_notice
from gateway.rpc.times import micros, timestamp


@dataclass(frozen=True, slots=True)
class PartnerServicer:
    """Answers operators."""

    keepers: Sequence[PartnerKeeper]
    own: OwnBundle
    now: Callable[[], datetime]
    database: Database
    context: Callable[[], Context]

    async def ListPartners(self, request: pb.ListPartnersRequest, call: Call) -> pb.ListPartnersResponse:
        """All."""
        now, own, context = self.now(), self.own.current(), self.context()
        standing = await self.database.read(standing_notices, context)
        told = pb.ListPartnersResponse(own_notices=map(write_notice, standing.of(context.district)))
        for keeper in self.keepers:
            partner, district = _partner(keeper, now), keeper.partner.district
            partner.notices.extend(map(write_notice, standing.of(district)))
            partner.notified = standing.notified(district, context.district)
            told.partners.append(partner)
        if own is not None:
            told.own_bundle_version = own.version
            told.own_bundle_expire_time.CopyFrom(timestamp(to_micros(own.expire_time)))
        return told

    async def AnnounceUnavailability(
        self, request: pb.AnnounceUnavailabilityRequest, call: Call
    ) -> pb.AnnounceUnavailabilityResponse:
        """Announced; partners hear of it at once, those that are away when they are back."""
        context = self.context()
        times = (micros(request.from_time), micros(request.until_time))
        notice = Notice(request.request_id, int(request.scope), *times, request.reason, context.now)
        if notice.until_time <= max(notice.from_time, context.now):
            broken = Violation("until_time", "unavailability.ends", "must be after its begin, and to come", "timestamp")
            raise FormInvalid([broken])
        made = await self.database.write(announce, notice, str(call.identity), context)
        return pb.AnnounceUnavailabilityResponse(notice=self._told(made))

    async def WithdrawUnavailability(
        self, request: pb.WithdrawUnavailabilityRequest, call: Call
    ) -> pb.WithdrawUnavailabilityResponse:
        """Withdrawn."""
        made = await self.database.write(withdraw, request.notice_id, str(call.identity), self.context())
        return pb.WithdrawUnavailabilityResponse(notice=self._told(made))

    def _told(self, notice: Notice) -> UnavailabilityNotice:
        for keeper in self.keepers:
            keeper.loop.notify()
        return write_notice(notice)


def _partner(keeper: PartnerKeeper, now: datetime) -> pb.Partner:
    partner, standing = keeper.partner, keeper.partner.standing
    told = pb.Partner(
        district=partner.district,
        customs_district_code=keeper.code,
        address=partner.address,
        bundle_version=partner.bundle.version,
        bundle_expire_time=timestamp(partner.expire_time),
        trust=partner.trust(now).value,  # type: ignore[arg-type]  # the domain's numbers are the contract's
        bundle_fault=standing.bundle_fault,
        contract_version=standing.contract_version or 0,
        reach=standing.reach.value,  # type: ignore[arg-type]  # likewise
        unreached_reason=standing.reason,
        gateway_version=standing.gateway_version,
    )
    if standing.reach_time is not None:
        told.reach_time.CopyFrom(timestamp(standing.reach_time))
    if standing.unreached_since is not None:
        told.unreached_since_time.CopyFrom(timestamp(standing.unreached_since))
    return told
