"""Announcing, withdrawing, telling and hearing of planned unavailability. Each function is one transaction."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from agencykit.refusals import NotFound, RequestIdReused
from gateway.domain.unavailability import Notice
from gateway.operations.context import Context
from gateway.storage.audit import Entry, write_audit
from gateway.storage.notices import (
    add_notices,
    find_notice,
    forget_notices,
    load_notices,
    load_revisions,
    revisions,
    set_revision,
    set_told,
    withdraw_notice,
)

ANNOUNCED, WITHDRAWN, HEARD = "unavailability announced", "unavailability withdrawn", "unavailability heard"


class ToTell(NamedTuple):
    """All notices that have not ended, and their revision."""

    revision: int
    notices: Sequence[Notice]


class Standing(NamedTuple):
    """All notices that have not ended, by district, and the revisions (told by it, told to it) of each."""

    notices: Mapping[str, Sequence[Notice]]
    revisions: Mapping[str, tuple[int, int]]

    def of(self, district: str) -> Sequence[Notice]:
        """Those of one district."""
        return self.notices.get(district, ())

    def notified(self, partner: str, own: str) -> bool:
        """Whether the partner knows all of the own."""
        return self.revisions.get(partner, (0, 0))[1] >= self.revisions.get(own, (0, 0))[0]


def announce(connection: Connection, notice: Notice, operator: str, context: Context) -> Notice:
    """The notice as it stands: the same again is the same notice; RequestIdReused where it says something else."""
    revision, _ = revisions(connection, context.district)
    known = find_notice(connection, context.district, notice.id)
    if known is not None:
        if not known.says_the_same(notice):
            raise RequestIdReused(notice.id)
        return known
    add_notices(connection, context.district, [notice])
    set_revision(connection, context.district, revision + 1)
    _audit(connection, context, ANNOUNCED, notice.id, operator)
    return notice


def withdraw(connection: Connection, notice_id: str, operator: str, context: Context) -> Notice:
    """The notice as it stands, withdrawn; NotFound."""
    revision, _ = revisions(connection, context.district)
    if withdraw_notice(connection, context.district, notice_id, context.now):
        set_revision(connection, context.district, revision + 1)
        _audit(connection, context, WITHDRAWN, notice_id, operator)
    known = find_notice(connection, context.district, notice_id)
    if known is None:
        raise NotFound("notice", notice_id)
    return known


def to_tell(connection: Connection, partner: str, context: Context) -> ToTell | None:
    """What the partner has still to hear; None where it knows all."""
    standing = standing_notices(connection, context)
    if standing.notified(partner, context.district):
        return None
    return ToTell(standing.revisions[context.district][0], standing.of(context.district))


def told(connection: Connection, partner: str, revision: int, kept: int, context: Context) -> None:
    """The partner was told `revision` and keeps `kept`.

    Where that is higher, this database is older than what the partner knows: the own revision goes above it, so that
    all are told anew.
    """
    revisions(connection, partner)
    if kept <= revision:
        return set_told(connection, partner, revision)
    own, _ = revisions(connection, context.district)
    set_revision(connection, context.district, max(own, kept + 1))


def hear(connection: Connection, partner: str, revision: int, notices: Sequence[Notice], context: Context) -> int:
    """Takes a partner's notices in place of those it told before, unless those were newer; the revision kept."""
    kept, _ = revisions(connection, partner)
    if revision <= kept:
        return kept
    forget_notices(connection, partner)
    add_notices(connection, partner, notices)
    set_revision(connection, partner, revision)
    _audit(connection, context, HEARD, "", partner)
    return revision


def standing_notices(connection: Connection, context: Context) -> Standing:
    """Of all districts."""
    return Standing(load_notices(connection, context.now), load_revisions(connection))


def _audit(connection: Connection, context: Context, act: str, notice_id: str, party: str) -> None:
    details = {"notice": notice_id, "party": party}
    write_audit(connection, context.replica, context.now, [Entry("", act, details=details)])
