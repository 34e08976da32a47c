"""Appointments in the port's database. What is booked in a slot is added up from them and kept nowhere else."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from agencykit.storage.rows import insert, rows_in, run, update
from port.domain.capacity import Resource, Taken, booked
from port.storage.tables import slot_bookings

BOOKED, CANCELLED = 1, 2
_NAMES = tuple(column.name for column in slot_bookings.columns)
_CHANGING = ("resource", "start_time", "end_time", "state", "update_time")
# Bounded by resource and time, so that the index finds the few that touch the window; a full slot of trucks is one row.
_TAKEN = """
SELECT start_time, end_time, SUM(units) FROM slot_bookings
WHERE resource = ? AND end_time > ? AND start_time < ? AND state = 1 AND id <> ? AND NOT EXISTS (
  SELECT 1 FROM places
  WHERE places.document = slot_bookings.document AND places.container = slot_bookings.container AND yard = resource
) GROUP BY start_time, end_time
"""


class Appointment(NamedTuple):
    """A row of `slot_bookings`, its columns in their order."""

    id: str
    resource: str
    start_time: int
    end_time: int
    units: int
    document: str
    container: str
    conveyance: str
    holder: str
    state: int
    request_id: str
    create_time: int
    update_time: int


def lock_resources(connection: Connection, codes: Collection[str]) -> None:
    """Whoever takes or gives room of a resource waits for the one before him. In order of the codes."""
    if connection.dialect.name == "postgresql":
        text = "SELECT pg_advisory_xact_lock(hashtext('resource:' || code)) FROM unnest(?::text[]) AS given(code)"
        run(connection, text, (sorted(codes),))


def booked_at(
    connection: Connection, windows: Mapping[Resource, tuple[int, int]], without: str = ""
) -> dict[str, Counter[int]]:
    """Units booked in each slot of each resource within its window (start, end); one query for each resource.

    `without` is an appointment that does not count; nor does one of a container that has its place there already.
    """
    return {
        resource.code: booked(
            resource, [Taken(*row) for row in run(connection, _TAKEN, (resource.code, *window, without))]
        )
        for resource, window in windows.items()
    }


def by_request(connection: Connection, ids: Collection[str]) -> dict[tuple[str, str], Appointment]:
    """Appointments by holder and the request id that booked them."""
    found = [Appointment(*row) for row in rows_in(connection, slot_bookings, _NAMES, ("request_id",), sorted(set(ids)))]
    return {(each.holder, each.request_id): each for each in found}


def one_appointment(connection: Connection, appointment_id: str) -> Appointment | None:
    """The appointment with this id, its row kept until the end of a writing transaction."""
    found = rows_in(connection, slot_bookings, _NAMES, ("id",), [appointment_id], lock="wait")
    return Appointment(*found[0]) if found else None


def add_appointments(connection: Connection, added: Sequence[Appointment]) -> None:
    """Stores new ones."""
    insert(connection, slot_bookings, added)


def change_appointment(connection: Connection, changed: Appointment) -> None:
    """Writes what may change."""
    values = tuple(getattr(changed, name) for name in _CHANGING)
    update(connection, slot_bookings, _CHANGING, ("id",), [(*values, changed.id)])


def page(
    connection: Connection, holder: str, resources: Sequence[str], after: int, last_id: str, size: int
) -> list[Appointment]:
    """Appointments by id after `last_id`; an empty holder or no resources mean all, `after` is the least end.

    One query for each resource, each along an index: the table only grows.
    """
    text = f"SELECT {', '.join(_NAMES)} FROM slot_bookings WHERE id > ? AND end_time > ?"
    parameters: tuple[str | int, ...] = (last_id, after)
    if holder:
        text, parameters = f"{text} AND holder = ?", (*parameters, holder)
    texts = [(f"{text} AND resource = ?", (*parameters, code)) for code in resources] or [(text, parameters)]
    found = [row for each, given in texts for row in run(connection, f"{each} ORDER BY id LIMIT ?", (*given, size))]
    return [Appointment(*row) for row in sorted(found)[:size]]
