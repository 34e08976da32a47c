"""Who works on what: leases of cases with a fencing epoch, and duties that one replica at a time does.

Lease time is the database's own where replicas share a server (PostgreSQL); on SQLite they share the machine, and the
injected clock serves.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Select, and_, bindparam, select, update

from agencykit.storage import insert_rows
from gateway.domain.case import AskState
from gateway.domain.identifiers import Micros
from gateway.storage.rows import rows_of
from gateway.storage.tables import asks, cases, duties

_CLAIM = (
    update(cases)
    .where(cases.c.number == bindparam("n"))
    .values(
        claimed_by=bindparam("replica"),
        claimed_until=bindparam("until"),
        due_time=bindparam("until"),
        epoch=cases.c.epoch + 1,
    )
)


def lease_now(connection: Connection, clock_now: Micros) -> Micros:
    """The moment by which leases are judged."""
    if connection.dialect.name != "postgresql":
        return clock_now
    return int(
        connection.exec_driver_sql("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint").scalar_one()
    )


def claim_due(connection: Connection, replica: str, now: Micros, lease: Micros, limit: int) -> list[str]:
    """Takes cases that are due and free, urgent ones first; returns their numbers."""
    free = and_(cases.c.due_time <= now, cases.c.claimed_until <= now)
    query = select(cases.c.number).where(free).order_by(cases.c.urgent.desc(), cases.c.due_time).limit(limit)
    return _claim(connection, query, replica, now + lease)


def claim_parked(
    connection: Connection, agency: str, replica: str, now: Micros, lease: Micros, limit: int
) -> list[str]:
    """Takes free cases with a part parked at this agency, longest parked first; returns their numbers."""
    parked = and_(asks.c.state == int(AskState.PARKED), asks.c.agency == agency, asks.c.due_time <= now)
    query = (
        select(cases.c.number)
        .join(asks, asks.c.number == cases.c.number)
        .where(parked, cases.c.claimed_until <= now)
        .order_by(cases.c.urgent.desc(), asks.c.due_time)
        .limit(limit)
    )
    return _claim(connection, query, replica, now + lease)


def _claim(connection: Connection, query: Select[str], replica: str, until: Micros) -> list[str]:
    rows = rows_of(connection, query.with_for_update(skip_locked=True, of=cases))
    numbers = list(dict.fromkeys(row[0] for row in rows))
    if numbers:
        given = [{"n": number, "replica": replica, "until": until} for number in sorted(numbers)]
        connection.execute(_CLAIM, given)
    return numbers


def reclaim(connection: Connection, replica: str, now: Micros) -> int:
    """Frees at once what a dead predecessor of the same name held, and fences it off; returns how many cases."""
    mine = update(cases).where(cases.c.claimed_by == replica)
    freed = connection.execute(mine.values(claimed_by="", claimed_until=0, due_time=now, epoch=cases.c.epoch + 1))
    held = update(duties).where(duties.c.claimed_by == replica)
    connection.execute(held.values(claimed_by="", claimed_until=0, epoch=duties.c.epoch + 1))
    return int(freed.rowcount)


def wake_cases(connection: Connection, numbers: Iterable[str], now: Micros) -> set[str]:
    """Makes cases due at once, whoever holds them; returns those that are known here."""
    query = select(cases.c.number).where(cases.c.number.in_(sorted(dict.fromkeys(numbers)))).order_by(cases.c.number)
    found = {row[0] for row in connection.execute(query.with_for_update())}
    if found:
        connection.execute(update(cases).where(cases.c.number.in_(found)).values(due_time=now))
    return found


def take_duties(
    connection: Connection, names: Sequence[str], holder: str, now: Micros, lease: Micros
) -> dict[str, int]:
    """Takes or renews duties; returns the epochs of those held. Another holder's are left alone until they run out."""
    insert_rows(connection, duties, [(name, "", 0, 0) for name in sorted(names)], on_conflict="ignore")
    c = duties.c
    free = and_(c.name.in_(names), c.claimed_by != holder, c.claimed_until <= now)
    connection.execute(update(duties).where(free).values(claimed_by=holder, epoch=c.epoch + 1))
    held = update(duties).where(c.name.in_(names), c.claimed_by == holder).values(claimed_until=now + lease)
    return {row[0]: row[1] for row in connection.execute(held.returning(c.name, c.epoch))}


def leave_duties(connection: Connection, holder: str) -> None:
    """Gives up all duties, so that another replica need not wait for the lease to end."""
    connection.execute(update(duties).where(duties.c.claimed_by == holder).values(claimed_by="", claimed_until=0))


def holds_duty(connection: Connection, name: str, epoch: int) -> bool:
    """Whether the duty is still held under this epoch; keeps it so until the end of the transaction."""
    found = connection.execute(select(duties.c.epoch).where(duties.c.name == name).with_for_update()).scalar()
    return found == epoch
