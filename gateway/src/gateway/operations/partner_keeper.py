"""Keeps in touch with one partner: agrees on a version of the contract, fetches its newer bundles."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agencykit.bundles import BundleInvalid
from agencykit.storage import to_micros
from gateway.domain.partner import FIRST_VERSION, Trust, common_version
from gateway.operations.bulletins import begin_anew, hear_bulletins
from gateway.operations.context import Context
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.notices import to_tell, told
from gateway.operations.partners import Description, Partner, PartnerPort, Partners
from gateway.operations.ports import CallFailed
from gateway.operations.witness import keep_sheets
from gateway.storage.bulletins import read_position
from gateway.storage.heads import PartnerSheet

# One that is away is asked more often: much may wait for it.
AWAY_SECONDS = 5.0
# Says that the gateway is older than the question.
_UNKNOWN_METHOD = "UNIMPLEMENTED"
# Its list was put back to an older copy.
_AHEAD = "POSITION_AHEAD"
SECOND_VERSION = 2
# So many pages of a partner's bulletins are read at a time.
PAGES = 16
EXPIRED = "BUNDLE_EXPIRED"


@dataclass(slots=True)
class PartnerKeeper:
    """One for each partner, in each replica: what they write is the same."""

    partner: Partner
    # Its number as the settings have it.
    code: str
    partners: Partners
    port: PartnerPort
    contract_versions: Sequence[int]
    rest_seconds: float
    now: Callable[[], datetime]
    context: Callable[[], Context]
    log: Log
    loop: Loop = field(init=False)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    # Replica -> the last sheet that disagrees with what is kept, of which people were told.
    _told: dict[str, PartnerSheet] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.loop = Loop(f"partner:{self.partner.district}", self._step, self.log)

    async def agree(self) -> None:
        """Asks unless somebody has just agreed; afterwards `partner.standing` says how it went."""
        async with self._asking:
            if self.partner.standing.contract_version is None:
                await self._ask()

    async def _step(self) -> float:
        async with self._asking:
            await self._ask()
        away = self.partner.standing.unreached_since is not None
        return min(AWAY_SECONDS, self.rest_seconds) if away else self.rest_seconds

    async def _ask(self) -> None:
        partner, now = self.partner, to_micros(self.now())
        try:
            if partner.trust(self.now()) is Trust.EXPIRED:
                # Nor is the next bundle taken from it: the operator must pin one.
                raise CallFailed(EXPIRED)
            said = await self._description()
        except CallFailed as failed:
            if partner.standing.unreached_since is None:
                self.log.warning("partner.away", district=partner.district, reason=failed.reason)
            return await self.partners.stand(partner, partner.standing.missed(now, failed.reason))
        version = common_version(self.contract_versions, said.contract_versions)
        standing = partner.standing.answered(now, version, said.gateway_version)
        if standing.reach != partner.standing.reach:
            self.log.info("partner.answers", district=partner.district, version=version, state=standing.reach.name)
        await self.partners.stand(partner, standing)
        if version >= SECOND_VERSION:
            await self._exchange(said.bundle_version)

    async def _exchange(self, bundle_version: int) -> None:
        """What the first version of the contract does not know."""
        if bundle_version > self.partner.bundle.version:
            await self._renew()
        await self._tell()
        await self._witness()
        await self._read_bulletins()

    async def _witness(self) -> None:
        """Keeps what it has countersigned. One that goes back on it has changed its logs, or is an old copy."""
        partner, asked = self.partner, self.context().now
        try:
            sheets = await self.port.heads(partner.bundle)
        except CallFailed as failed:
            if failed.reason != _UNKNOWN_METHOD:
                self.log.warning("partner.heads_unread", district=partner.district, reason=failed.reason)
            return
        for disagreeing in await self.partners.database.write(keep_sheets, sheets, asked, self.context()):
            position, replica = disagreeing.number, disagreeing.replica
            if self._told.get(replica) != disagreeing:
                self._told[replica] = disagreeing
                self.log.error("partner.heads_disagree", district=partner.district, position=position, replica=replica)

    async def _read_bulletins(self) -> None:
        """Keeps what it has published since it was asked last."""
        district, database = self.partner.district, self.partners.database
        for _ in range(PAGES):
            after = await database.read(read_position, district)
            try:
                found = await self.port.bulletins(after, self.code)
            except CallFailed as failed:
                if failed.reason == _AHEAD:
                    await database.write(begin_anew, district)
                if failed.reason != _UNKNOWN_METHOD:
                    self.log.warning("partner.bulletins_unread", district=district, reason=failed.reason)
                return
            heard = (district, found.bulletins, after, found.position)
            changed = await database.write(hear_bulletins, *heard, self.context())
            if found.refused or changed:
                # What breaks the form, or goes back on what was published, is passed over: no list stands still by it.
                self.log.error("partner.bulletins_refused", district=district, count=found.refused + len(changed))
            if not found.more:
                return

    async def _tell(self) -> None:
        """Of planned unavailability, what it has not heard."""
        district, database = self.partner.district, self.partners.database
        wanted = await database.read(to_tell, district, self.context())
        if wanted is None:
            return
        try:
            kept = await self.port.tell(wanted)
        except CallFailed as failed:
            self.log.warning("partner.not_notified", district=district, reason=failed.reason)
            return
        await database.write(told, district, wanted.revision, kept, self.context())

    async def _description(self) -> Description:
        try:
            said = await self.port.describe(self.contract_versions)
        except CallFailed as failed:
            if failed.reason != _UNKNOWN_METHOD:
                raise
            return Description(self.partner.district, self.code, (FIRST_VERSION,), "", 0)
        if (said.district, said.code) != (self.partner.district, self.code):
            raise CallFailed("DISTRICT_MISMATCH")
        return said

    async def _renew(self) -> None:
        """A bundle that may not be taken leaves the one held in force, as long as that lasts; people are told why."""
        partner, fault = self.partner, ""
        try:
            await self.partners.renew(partner, await self.port.bundle(), self.now())
        except BundleInvalid as error:
            fault = error.flaw
        except CallFailed as failed:
            fault = failed.reason
        if fault and fault != partner.standing.bundle_fault:
            self.log.error("partner.bundle_refused", district=partner.district, version=partner.bundle.version)
        await self.partners.stand(partner, partner.standing.with_bundle_fault(fault))
