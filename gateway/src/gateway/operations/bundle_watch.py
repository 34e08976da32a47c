"""Tells people in time that a trust bundle ends, a partner's or the own one: afterwards nothing passes between them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from agencykit.bundles import Bundle
from agencykit.storage import to_micros
from gateway.domain.partner import DAY, Trust, trust_in
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.partners import OwnBundle, Partners

REST_SECONDS = 3600.0


@dataclass(slots=True)
class BundleWatch:
    """Once a day for each bundle, from 30 days before it ends until another is there."""

    partners: Partners
    own: OwnBundle
    now: Callable[[], datetime]
    log: Log
    loop: Loop = field(init=False)
    _told_days: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.loop = Loop("bundles", self._step, self.log)

    async def _step(self) -> float:
        held = [each.bundle for each in self.partners.by_district.values()]
        own = self.own.current()
        if self.own.fault:
            # What partners fetch is the last good one.
            self.log.error("partner.own_bundle_faulty")
        for bundle in [*held, own] if own else held:
            self._look(bundle)
        return REST_SECONDS

    def _look(self, bundle: Bundle) -> None:
        now = self.now()
        day, trust = to_micros(now) // DAY, trust_in(to_micros(bundle.expire_time), to_micros(now))
        if trust is Trust.IN_FORCE or self._told_days.get(bundle.district) == day:
            return
        self._told_days[bundle.district] = day
        left = round((bundle.expire_time - now).total_seconds() / 86_400, 2)
        tell = self.log.error if trust is Trust.EXPIRED else self.log.warning
        tell("partner.bundle_ends", district=bundle.district, days_left=left, version=bundle.version)
