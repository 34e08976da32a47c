"""Pages of cases, and what changed since."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Select, and_, or_, select

from gateway.domain.identifiers import Micros
from gateway.storage.rows import rows_of
from gateway.storage.tables import cases

c = cases.c


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases. Empty or None means all; `broker` is a full identity."""

    broker: str = ""
    states: tuple[int, ...] = ()
    waiting_party: str = ""
    created_from: Micros | None = None
    numbers: tuple[str, ...] = ()


def page_of_numbers(
    connection: Connection, wanted: Filter, after: tuple[Micros, str] | None, size: int
) -> list[tuple[Micros, str]]:
    """(create time, number) of the next `size` cases, newest first, after the last of the page before."""
    query = _filtered(select(c.create_time, c.number), wanted)
    if after is not None:
        moment, number = after
        query = query.where(or_(c.create_time < moment, and_(c.create_time == moment, c.number < number)))
    query = query.order_by(c.create_time.desc(), c.number.desc()).limit(size)
    return [(moment, number) for moment, number in rows_of(connection, query)]


def changed_numbers(connection: Connection, wanted: Filter, after: int, size: int) -> list[tuple[int, str]]:
    """(change, number) of cases changed after that change, oldest change first; each case once, at its newest."""
    query = _filtered(select(c.change, c.number), wanted).where(c.change > after)
    return [(change, number) for change, number in rows_of(connection, query.order_by(c.change).limit(size))]


def number_by_reference(connection: Connection, broker: str, reference: str) -> str | None:
    """The broker's case of this reference."""
    query = select(c.number).where(c.broker == broker, c.reference == reference)
    return connection.execute(query).scalar()


def _filtered(query: Select[int, str], wanted: Filter) -> Select[int, str]:
    conditions: Sequence[tuple[bool, object]] = (
        (bool(wanted.broker), c.broker == wanted.broker),
        (bool(wanted.states), c.state.in_(wanted.states)),
        (bool(wanted.waiting_party), c.waiting_parties.contains(f"|{wanted.waiting_party}|", autoescape=True)),
        (wanted.created_from is not None, c.create_time >= (wanted.created_from or 0)),
        (bool(wanted.numbers), c.number.in_(wanted.numbers)),
    )
    return query.where(*(condition for applies, condition in conditions if applies))  # type: ignore[arg-type]
