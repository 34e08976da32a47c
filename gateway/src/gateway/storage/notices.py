"""Notices of unavailability, by district, with the revisions by which districts know who has heard what."""

from collections.abc import Sequence

from sqlalchemy import Connection

from agencykit.storage.rows import change, for_update, insert, run
from gateway.domain.identifiers import Micros
from gateway.domain.unavailability import Notice
from gateway.storage.tables import notice_revisions, notices

_FIELDS = "id, scope, from_time, until_time, reason, announce_time, withdraw_time"
_SELECT = f"SELECT district, {_FIELDS} FROM notices WHERE until_time > ? ORDER BY from_time, id"
_ONE = f"SELECT {_FIELDS} FROM notices WHERE district = ? AND id = ?"
_WITHDRAW = "UPDATE notices SET withdraw_time = ? WHERE district = ? AND id = ? AND withdraw_time IS NULL"
_REVISIONS = "SELECT revision, told_revision FROM notice_revisions WHERE district = ?"


def load_notices(connection: Connection, now: Micros) -> dict[str, list[Notice]]:
    """By district those that have not ended, by begin."""
    found: dict[str, list[Notice]] = {}
    for district, *fields in run(connection, _SELECT, (now,)):
        found.setdefault(district, []).append(Notice(*fields))
    return found


def find_notice(connection: Connection, district: str, notice_id: str) -> Notice | None:
    """One of a district, ended or not."""
    return next((Notice(*fields) for fields in run(connection, _ONE, (district, notice_id))), None)


def add_notices(connection: Connection, district: str, made: Sequence[Notice]) -> None:
    """Adds them."""
    rows = [
        (district, n.id, n.scope, n.from_time, n.until_time, n.reason, n.announce_time, n.withdraw_time) for n in made
    ]
    insert(connection, notices, rows)


def withdraw_notice(connection: Connection, district: str, notice_id: str, now: Micros) -> bool:
    """Withdraws one that stands; whether there was one."""
    return change(connection, _WITHDRAW, (now, district, notice_id)) == 1


def forget_notices(connection: Connection, district: str) -> None:
    """Takes all of a district away."""
    change(connection, "DELETE FROM notices WHERE district = ?", (district,))


def revisions(connection: Connection, district: str) -> tuple[int, int]:
    """(revision told by it, revision told to it), held until the end of the transaction; of the own, only the first."""
    insert(connection, notice_revisions, [(district, 0, 0)], "ignore")
    [(revision, told)] = run(connection, _REVISIONS + for_update(connection), (district,))
    return int(revision), int(told)


def set_revision(connection: Connection, district: str, revision: int) -> None:
    """Its notices are of this revision."""
    change(connection, "UPDATE notice_revisions SET revision = ? WHERE district = ?", (revision, district))


def set_told(connection: Connection, district: str, revision: int) -> None:
    """It knows the own notices of this revision."""
    change(connection, "UPDATE notice_revisions SET told_revision = ? WHERE district = ?", (revision, district))


def load_revisions(connection: Connection) -> dict[str, tuple[int, int]]:
    """By district (revision told by it, revision told to it)."""
    rows = run(connection, "SELECT district, revision, told_revision FROM notice_revisions")
    return {district: (int(revision), int(told)) for district, revision, told in rows}
