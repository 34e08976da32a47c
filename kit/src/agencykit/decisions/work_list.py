"""Pages of work, oldest first."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, tuple_

from agencykit.decisions import tables
from agencykit.decisions.examinations import Appointment, standing_appointments
from agencykit.decisions.lookups import EXAMINATION, OPEN, TAKEN
from agencykit.refusals import PageTokenInvalid

DEFAULT_PAGE = 100


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """Which work is listed: of one state (0: open and taken), of one clearance (empty: of all)."""

    state: int
    clearance_number: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of work, each with the joint examination accepted for it, and the token of the next."""

    page: list[tuple[Row[*tuple[Any, ...]], Appointment | None]]
    next_token: str


def list_work(connection: Connection, wanted: WorkFilter, size: int, token: str) -> Listed:
    """A page of at most `size` (0: 100) pieces of work; PageTokenInvalid."""
    work = tables.work.c
    size = size or DEFAULT_PAGE
    query = select(tables.work).where(work.state.in_((wanted.state,) if wanted.state else (OPEN, TAKEN)))
    if wanted.clearance_number:
        query = query.where(work.clearance_number == wanted.clearance_number)
    if token:
        query = query.where(tuple_(work.create_time, work.id) > tuple_(*_position(token, wanted)))
    rows = list(connection.execute(query.order_by(work.create_time, work.id).limit(size + 1)))
    page = rows[:size]
    appointed = standing_appointments(connection, [row.clearance_number for row in page if _to_examine(row)])
    told = [(row, appointed.get(row.clearance_number) if _to_examine(row) else None) for row in page]
    return Listed(told, _token(page[-1], wanted) if len(rows) > size else "")


def _to_examine(row: Row[*tuple[Any, ...]]) -> bool:
    return row.kind == EXAMINATION and row.state in (OPEN, TAKEN)


def _token(last: Row[*tuple[Any, ...]], wanted: WorkFilter) -> str:
    content = [wanted.state, wanted.clearance_number, last.create_time, last.id]
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


def _position(token: str, wanted: WorkFilter) -> tuple[int, str]:
    """Where the page before ended; a token of another filter is not this list's."""
    try:
        state, number, create_time, work_id = json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError):
        raise PageTokenInvalid from None
    sound = isinstance(create_time, int) and abs(create_time) < 2**63 and isinstance(work_id, str)
    if not sound or WorkFilter(state, number) != wanted:
        raise PageTokenInvalid
    return create_time, work_id
