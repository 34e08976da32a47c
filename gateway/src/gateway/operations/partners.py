"""The partners of this district: who vouches for them, and how they stand. In memory, with the database behind it."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from agencykit.bundles import Bundle, BundleInvalid, follow, read, read_file
from agencykit.rpc.trust import Authorities, Authority, Trust
from agencykit.settings import SettingsError
from agencykit.storage import Database, to_micros
from gateway.domain.bulletin import Bulletin
from gateway.domain.identifiers import Micros
from gateway.domain.partner import Standing, trust_in
from gateway.domain.partner import Trust as Trusted
from gateway.operations.log import Log
from gateway.operations.notices import ToTell
from gateway.storage.heads import PartnerSheet
from gateway.storage.partners import keep_bundle, keep_standing, load_partners


class Description(NamedTuple):
    """What a partner's gateway says of its district."""

    district: str
    code: str
    contract_versions: Sequence[int]
    gateway_version: str
    bundle_version: int


class Fetched(NamedTuple):
    """Bulletins of a partner as far as they hold water, how many do not, and where to read on; whether at once."""

    bulletins: Sequence[Bulletin]
    refused: int
    position: int
    more: bool


class PartnerPort(Protocol):
    """A partner's gateway. Every call raises CallFailed."""

    async def describe(self, contract_versions: Sequence[int]) -> Description:
        """Who it is."""
        ...

    async def bundle(self) -> bytes:
        """Its newest SignedTrustBundle."""
        ...

    async def heads(self, bundle: Bundle) -> list[PartnerSheet]:
        """The newest sheet of countersigned heads of each of its replicas, verified by its bundle."""
        ...

    async def bulletins(self, position: int, code: str) -> Fetched:
        """What it has published, from after a position of its list; `code` begins its numbers."""
        ...

    async def tell(self, told: ToTell) -> int:
        """Tells it all own notices of unavailability; returns the revision that it keeps."""
        ...


@dataclass(slots=True)
class Partner:
    """One partner as it stands just now; `pinned` is the bundle that the operator trusts, `bundle` the one in use."""

    address: str
    pinned: Bundle
    bundle: Bundle = field(init=False)
    standing: Standing = field(default_factory=Standing)

    def __post_init__(self) -> None:
        self.bundle = self.pinned

    @property
    def district(self) -> str:
        """Its name."""
        return self.bundle.district

    @property
    def expire_time(self) -> Micros:
        """Until when it is trusted."""
        return to_micros(self.bundle.expire_time)

    def trust(self, now: datetime) -> Trusted:
        """Where trust in it stands."""
        return trust_in(self.expire_time, to_micros(now))


@dataclass(slots=True)
class Partners:
    """By district. They are Authorities too: each vouches for its own trust domain, until its bundle ends."""

    own: Authorities
    by_district: Mapping[str, Partner]
    database: Database
    log: Log

    def changed(self) -> Hashable:
        """See Authorities."""
        return self.own.changed(), tuple(each.bundle.version for each in self.by_district.values())

    def read(self) -> Mapping[str, Authority]:
        """See Authorities."""
        return {**self.own.read(), **{each.bundle.trust_domain: _authority(each.bundle) for each in self._all()}}

    async def load(self) -> None:
        """Takes up what is kept, and keeps what the operator has pinned anew: the higher version is in force."""
        kept = await self.database.read(load_partners)
        for district, partner in self.by_district.items():
            if district in kept:
                partner.standing = kept[district].standing
                self._take_up(partner, kept[district].bundle)
            if district not in kept or partner.bundle is partner.pinned:
                await self.database.write(keep_bundle, district, partner.bundle.signed, partner.bundle.version)
        # What was pinned anew may name an authority that is another's by now; SettingsError then.
        Trust(self.read())

    async def renew(self, partner: Partner, signed: bytes, now: datetime) -> None:
        """Takes a bundle that the partner offers in place of the one held; BundleInvalid where it may not be."""
        new = read(signed)
        follow(partner.bundle, new, now)
        try:
            # Whether somebody else's authority is among its own.
            Trust({**self.read(), new.trust_domain: _authority(new)})
        except SettingsError as error:
            raise BundleInvalid(str(error)) from None
        await self.database.write(keep_bundle, partner.district, new.signed, new.version)
        partner.bundle = new
        self.log.info("partner.bundle_renewed", district=partner.district, version=new.version)

    async def stand(self, partner: Partner, standing: Standing) -> None:
        """Keeps how a partner stands now."""
        before, partner.standing = partner.standing, standing
        if not standing.says_the_same(before):
            await self.database.write(keep_standing, partner.district, standing)

    def _take_up(self, partner: Partner, signed: bytes) -> None:
        held = read(signed)
        if held.version > partner.pinned.version:
            partner.bundle = held
        elif held.version == partner.pinned.version and held.signed != partner.pinned.signed:
            # Two of one version: somebody's key is not his alone. The one that was in use stays so.
            partner.bundle = held
            self.log.error("partner.bundle_conflict", district=partner.district, version=held.version)

    def _all(self) -> Sequence[Partner]:
        return tuple(self.by_district.values())


class OwnBundle:
    """The own bundle in the file that the settings name; it may be replaced while the gateway runs.

    `fault` says why what lies there now is not used; the last good one is.
    """

    def __init__(self, file: Path | None, district: str, code: str) -> None:
        """Raises BundleInvalid where there is a file and no bundle of the district in it."""
        self._file, self._whose, self._seen = file, (district, code), -1
        self._bundle: Bundle | None = None
        self.fault = ""
        if self.current() is None and self.fault:
            raise BundleInvalid(self.fault)

    def current(self) -> Bundle | None:
        """The newest; None where none was issued."""
        try:
            if self._file is not None and (seen := self._file.stat().st_mtime_ns) != self._seen:
                self._take_up(read_file(self._file))
                self._seen, self.fault = seen, ""
        except OSError as error:
            self.fault = f"it cannot be read: {error.strerror}"
        except BundleInvalid as error:
            self.fault = error.flaw
        return self._bundle

    def _take_up(self, bundle: Bundle) -> None:
        if (bundle.district, bundle.code) != self._whose:
            raise BundleInvalid(f"it is of {bundle.district} ({bundle.code})")
        self._bundle = bundle


def _authority(bundle: Bundle) -> Authority:
    return Authority(bundle.authorities_pem, bundle.expire_time)
