"""What a gateway holds of its partners: the newest bundle outlives a restart, what the operator pins anew prevails."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from agencykit.bundles import Bundle, BundleInvalid, issue
from agencykit.evidence.seal import Signer
from agencykit.identity import Identity
from agencykit.pki import Issued, create_authority, issue_signing
from agencykit.rpc.trust import AuthorityFiles
from agencykit.runtime import Runtime
from agencykit.storage import Database, to_micros
from gateway.domain.partner import Standing
from gateway.domain.unavailability import Notice
from gateway.operations.bundle_watch import BundleWatch
from gateway.operations.notices import ToTell, announce, hear, standing_notices, to_tell, told
from gateway.operations.partners import OwnBundle, Partner, Partners

NOW = datetime(2004, 11, 1, 8, tzinfo=UTC)


@dataclass
class Lines:
    """A log that is read."""

    events: list[str] = field(default_factory=list)
    told: list[dict[str, object]] = field(default_factory=list)

    def info(self, event: str, **fields: object) -> None:
        self.events.append(event)
        self.told.append(fields)

    warning = error = info


@dataclass
class Shanghai:
    """Its authority and key."""

    authority: Issued = field(default_factory=lambda: create_authority("shanghai", NOW))

    def __post_init__(self) -> None:
        made = issue_signing(self.authority, Identity.of_district("shanghai", "district"), now=NOW)
        self.signer = Signer(made.key, made.certificate.public_bytes(Encoding.DER))  # type: ignore[arg-type]

    def bundle(self, version: int, *others: Issued, days: int = 90) -> Bundle:
        """With these authorities beside its own."""
        pem = b"".join(each.certificate_pem for each in (self.authority, *others))
        said = {"district": "shanghai", "code": "2200", "version": version, "keys": [self.signer.certificate]}
        return issue(self.signer, authorities_pem=pem, now=NOW, lifetime=timedelta(days=days), **said)  # type: ignore[arg-type]


@pytest.fixture
def shanghai() -> Shanghai:
    return Shanghai()


@pytest.fixture
def own(tmp_path: Path) -> Issued:
    """Ningbo's authority."""
    made = create_authority("ningbo", NOW)
    made.write(tmp_path / "ca.pem", tmp_path / "ca.key")
    return made


Started = Callable[[Bundle], Partners]


@pytest.fixture
async def database(runtime: Runtime, database_url: str) -> AsyncIterator[Database]:
    """Of Ningbo's gateway."""
    made = Database(database_url, runtime)
    yield made
    await made.close()


@pytest.fixture
def started(database: Database, tmp_path: Path, own: Issued) -> Started:
    """Ningbo's gateway as far as it keeps partners, started with this bundle of Shanghai pinned."""

    def start(pinned: Bundle) -> Partners:
        files = AuthorityFiles({"ningbo.clearance": tmp_path / "ca.pem"})
        return Partners(files, {"shanghai": Partner("shanghai:7000", pinned)}, database, Lines())

    return start


async def held(started: Started, pinned: Bundle) -> Partner:
    """What is in force after a start."""
    partners = started(pinned)
    await partners.load()
    return partners.by_district["shanghai"]


async def test_the_newest_bundle_outlives_a_restart_without_the_partner(started: Started, shanghai: Shanghai) -> None:
    partners = started(shanghai.bundle(1))
    await partners.load()
    partner = partners.by_district["shanghai"]
    await partners.renew(partner, shanghai.bundle(2).signed, NOW)
    standing = Standing(2, "0.1.0", 1, 7, "UNAVAILABLE")
    await partners.stand(partner, standing)
    again = await held(started, shanghai.bundle(1))
    assert (again.bundle, again.standing) == (partner.bundle, standing)
    assert again.bundle.version == 2


async def test_a_higher_version_that_the_operator_pins_prevails(started: Started, shanghai: Shanghai) -> None:
    await held(started, shanghai.bundle(1))
    other = Shanghai().bundle(3)
    assert (await held(started, other)).bundle == other
    # And stays, whatever was pinned before.
    assert (await held(started, shanghai.bundle(1))).bundle == other


async def test_two_bundles_of_one_version_leave_the_one_in_use_and_raise_an_alarm(
    started: Started, shanghai: Shanghai
) -> None:
    first = (await held(started, shanghai.bundle(1))).bundle
    partners = started(Shanghai().bundle(1))
    await partners.load()
    assert partners.by_district["shanghai"].bundle == first
    assert partners.log.events == ["partner.bundle_conflict"]  # type: ignore[attr-defined]


async def test_a_partner_cannot_bring_this_districts_authority_as_its_own(
    started: Started, shanghai: Shanghai, own: Issued
) -> None:
    partners = started(shanghai.bundle(1))
    await partners.load()
    with pytest.raises(BundleInvalid, match="have one authority"):
        await partners.renew(partners.by_district["shanghai"], shanghai.bundle(2, own).signed, NOW)
    assert (await held(started, shanghai.bundle(1))).bundle.version == 1


async def test_who_vouches_changes_with_the_bundle_and_ends_with_it(started: Started, shanghai: Shanghai) -> None:
    partners = started(shanghai.bundle(1))
    await partners.load()
    before, new = partners.changed(), create_authority("shanghai", NOW)
    second = shanghai.bundle(2, new, days=30)
    await partners.renew(partners.by_district["shanghai"], second.signed, NOW)
    assert partners.changed() != before
    vouching: Any = partners.read()["shanghai.clearance"]
    assert vouching.pem == shanghai.authority.certificate_pem + new.certificate_pem
    assert vouching.until == NOW + timedelta(days=30)


async def test_a_gateway_whose_database_is_an_older_copy_tells_its_notices_anew(database: Database) -> None:
    now = to_micros(NOW)
    context: Any = SimpleNamespace(now=now, replica="1", district="ningbo")
    notice = Notice("8d0c3a3e-5a7c-4f0e-9a52-0a6f3f1f0001", 1, now, now + 1, "new roof", now)
    await database.write(announce, notice, "spiffe://ningbo.clearance/operator/li-wei", context)
    wanted = await database.read(to_tell, "shanghai", context)
    assert wanted == ToTell(1, [notice])
    # Shanghai remembers the ninth from before the copy was put in place.
    await database.write(told, "shanghai", 1, 9, context)
    assert await database.read(to_tell, "shanghai", context) == ToTell(10, [notice])
    await database.write(told, "shanghai", 10, 10, context)
    assert await database.read(to_tell, "shanghai", context) is None


async def test_notices_that_come_late_do_not_take_the_place_of_newer_ones(database: Database) -> None:
    now = to_micros(NOW)
    context: Any = SimpleNamespace(now=now, replica="1", district="ningbo")
    first, second = (Notice(name, 1, now, now + 1, "new roof", now) for name in ("first", "second"))
    assert await database.write(hear, "shanghai", 2, [first, second], context) == 2
    assert await database.write(hear, "shanghai", 1, [first], context) == 2
    assert list((await database.read(standing_notices, context)).of("shanghai")) == [first, second]


@dataclass
class Calendar:
    """A clock whose day the test turns."""

    days: float = 0

    def now(self) -> datetime:
        return NOW + timedelta(days=self.days)


@pytest.mark.parametrize("whose", ["partner's", "own"])
async def test_the_end_of_a_bundle_is_told_daily_from_30_days_before(
    whose: str, started: Started, shanghai: Shanghai, tmp_path: Path
) -> None:
    lines, calendar, file = Lines(), Calendar(), tmp_path / "bundle.json"
    ending, lasting = shanghai.bundle(1, days=60), shanghai.bundle(1, days=600)
    file.write_text(ending.json)
    partners = started(ending if whose == "partner's" else lasting)
    own = OwnBundle(None if whose == "partner's" else file, "shanghai", "2200")
    watch = BundleWatch(partners, own, calendar.now, lines)
    told_on = []
    for day in (29, 31, 31.5, 32, 61):
        calendar.days, lines.told = day, []
        await watch._step()
        told_on.append([each["days_left"] for each in lines.told])
    assert told_on == [[], [29.0], [], [28.0], [-1.0]]


async def test_an_own_bundle_that_is_garbled_or_anothers_is_not_offered_and_told_of(
    started: Started, shanghai: Shanghai, tmp_path: Path
) -> None:
    file, lines = tmp_path / "bundle.json", Lines()
    first = shanghai.bundle(1)
    file.write_text(first.json)
    own = OwnBundle(file, "shanghai", "2200")
    watch = BundleWatch(started(shanghai.bundle(1)), own, lambda: NOW, lines)
    for wrong in ("{", first.json.replace("A", "B"), ""):
        file.write_text(wrong)
        await watch._step()
        assert own.current() == first
    assert lines.events == ["partner.own_bundle_faulty"] * 3
    with pytest.raises(BundleInvalid):
        OwnBundle(file, "shanghai", "2200")
    file.write_text(first.json)
    with pytest.raises(BundleInvalid, match="it is of shanghai"):
        OwnBundle(file, "nanjing", "2300")
