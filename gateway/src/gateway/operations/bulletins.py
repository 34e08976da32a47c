"""Bulletins (通报): published here, taken over from partners, and read. Each function is one transaction."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from agencykit.refusals import FormInvalid, NotFound, PositionAhead, StaleVersion, StateForbids, Violation
from gateway.domain.bulletin import Bulletin, Kind, Words, bulletin_number
from gateway.domain.identifiers import Micros
from gateway.operations.amend import replayed
from gateway.operations.context import Context
from gateway.storage.audit import Entry, write_audit
from gateway.storage.bulletins import (
    Wanted,
    bulletins_after,
    current_bulletins,
    insert_bulletins,
    keep_position,
    lock_bulletins,
    newest_position,
    read_position,
    take_positions,
    take_serial,
    versions_of,
)
from gateway.storage.requests import BULLETIN, Request, known_requests, remember
from gateway.storage.snapshot import begin_snapshot

# So many are told at once.
BATCH = 64
PUBLISHED, HEARD = "bulletin published", "bulletin heard"


@dataclass(frozen=True, slots=True)
class Publication:
    """What an officer publishes for whom he acts; `number` is empty of a new bulletin."""

    request_id: str
    # From the certificate.
    officer: str
    publisher: str
    number: str
    replaced_version: int
    kind: Kind
    zh: Words
    en: Words
    # None: from now on, until further notice.
    effective_time: Micros | None
    until_time: Micros | None
    agencies: tuple[str, ...]
    commitments: tuple[str, ...]
    withdrawal: bool

    def request(self, number: str) -> Request:
        """The request id with what it stands for."""
        said = [
            *(self.number, self.replaced_version, int(self.kind), self.effective_time, self.until_time),
            *(self.agencies, self.commitments, self.withdrawal),
            *([words.title, words.paragraphs] for words in (self.zh, self.en)),
        ]
        content = hashlib.sha256(json.dumps(said).encode()).digest()
        return Request(self.officer, BULLETIN, self.request_id, content, number)


@dataclass(frozen=True, slots=True)
class Listed:
    """A page, and where to follow from."""

    bulletins: Sequence[Bulletin]
    position: int


def publish(connection: Connection, publication: Publication, context: Context, code: str) -> Bulletin:
    """The new version; of a replay the one that it led to. `code` begins the numbers of this district.

    Raises RequestIdReused, FormInvalid, NotFound, StaleVersion or StateForbids, and then changes nothing.
    """
    lock_bulletins(connection)
    request = publication.request("")
    if replayed(connection, request):
        return _published(connection, request)
    effective = context.now if publication.effective_time is None else publication.effective_time
    if publication.until_time is not None and publication.until_time <= effective:
        raise FormInvalid([Violation("until_time", "bulletin.ends", "must be after its begin", "timestamp")])
    number, version = _place(connection, publication, context, code)
    made = Bulletin(
        *(number, version, context.district, publication.publisher, publication.kind, publication.zh, publication.en),
        *(effective, publication.until_time, publication.agencies, publication.commitments),
        *(publication.withdrawal, context.now, take_positions(connection, 1)),
    )
    insert_bulletins(connection, [made])
    remember(connection, [replace(request, number=f"{number}.{version}")], context.now)
    details = {"version": version, "operator": publication.officer, "withdrawal": publication.withdrawal}
    entry = Entry(number, PUBLISHED, publication.publisher, details)
    write_audit(connection, context.replica, context.now, [entry])
    return made


def _published(connection: Connection, request: Request) -> Bulletin:
    known = known_requests(connection, [request])[request.originator, request.request_id].number
    number, _, version = known.partition(".")
    return next(each for each in versions_of(connection, [number])[number] if each.version == int(version))


def _place(connection: Connection, publication: Publication, context: Context, code: str) -> tuple[str, int]:
    """Number and version of what is published."""
    if not publication.number:
        year = datetime.fromtimestamp(context.now / 1_000_000, UTC).year
        return bulletin_number(code, year, take_serial(connection)), 1
    before = versions_of(connection, [publication.number]).get(publication.number, [])
    if not before or (before[0].district, before[0].publisher) != (context.district, publication.publisher):
        raise NotFound("bulletin", publication.number)
    if before[0].version != publication.replaced_version:
        raise StaleVersion(publication.replaced_version, before[0].version)
    if before[0].withdrawal:
        raise StateForbids("WITHDRAWN", "PublishBulletin")
    return publication.number, before[0].version + 1


def hear_bulletins(
    connection: Connection, partner: str, found: Sequence[Bulletin], after: int, position: int, context: Context
) -> list[str]:
    """Keeps what a partner has published; returns the numbers of versions that say something else than before.

    Nothing is taken where another replica has read on meanwhile. What was published stays: the first word counts.
    """
    lock_bulletins(connection)
    if read_position(connection, partner) != after:
        return []
    known = versions_of(connection, [each.number for each in found])
    new: list[Bulletin] = []
    changed = []
    for each in found:
        before = next((one for one in known.get(each.number, ()) if one.version == each.version), None)
        if before is None:
            new.append(each)
            known.setdefault(each.number, []).append(each)
        elif not before.says_the_same(each):
            changed.append(each.number)
    first = take_positions(connection, len(new))
    insert_bulletins(connection, [replace(each, position=first + place) for place, each in enumerate(new)])
    keep_position(connection, partner, position)
    entries = [Entry(each.number, HEARD, each.publisher, {"version": each.version, "party": partner}) for each in new]
    write_audit(connection, context.replica, context.now, entries)
    return changed


def begin_anew(connection: Connection, partner: str) -> None:
    """A partner's list was put back to an older copy: it is read from its beginning."""
    keep_position(connection, partner, 0)


def listed(connection: Connection, wanted: Wanted, before: int | None, limit: int) -> Listed:
    """A page of current versions, the newest first."""
    begin_snapshot(connection)
    return Listed(current_bulletins(connection, wanted, before, limit), newest_position(connection))


def all_versions(connection: Connection, number: str) -> list[Bulletin]:
    """The newest first; NotFound."""
    found = versions_of(connection, [number]).get(number)
    if found is None:
        raise NotFound("bulletin", number)
    return found


def followed(connection: Connection, position: int, district: str = "") -> tuple[list[Bulletin], dict[str, int]]:
    """The next ones of the list, and the newest version of each; PositionAhead."""
    begin_snapshot(connection)
    if position > (newest := newest_position(connection)):
        raise PositionAhead(position, newest)
    found = bulletins_after(connection, position, BATCH, district)
    versions = versions_of(connection, [each.number for each in found])
    return found, {number: each[0].version for number, each in versions.items()}
