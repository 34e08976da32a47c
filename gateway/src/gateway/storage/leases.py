"""Who works on what: leases of cases with a fencing epoch, and duties that one replica at a time does.

Lease time is the database's own where replicas share a server (PostgreSQL); on SQLite they share the machine, and the
injected clock serves.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, and_, select, update

from agencykit.storage import insert_rows
from gateway.domain.identifiers import Micros
from gateway.storage.rows import Fields, mark
from gateway.storage.tables import cases, duties

_DUE = """
SELECT number FROM cases WHERE due_time <= {mark} AND claimed_until <= {mark}
ORDER BY urgent DESC, due_time LIMIT {mark} {lock}
"""
_PARKED = """
SELECT c.number FROM asks AS a JOIN cases AS c ON c.number = a.number
WHERE a.state = 2 AND a.agency = {mark} AND a.due_time <= {mark} AND c.claimed_until <= {mark}
ORDER BY c.urgent DESC, a.due_time LIMIT {mark} {lock}
"""
_CLAIM = """
UPDATE cases SET claimed_by = {mark}, claimed_until = {mark}, due_time = {mark}, epoch = epoch + 1 WHERE number = {mark}
"""


def lease_now(connection: Connection, clock_now: Micros) -> Micros:
    """The moment by which leases are judged."""
    if connection.dialect.name != "postgresql":
        return clock_now
    return int(
        connection.exec_driver_sql("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint").scalar_one()
    )


def claim_due(connection: Connection, replica: str, now: Micros, lease: Micros, limit: int) -> list[str]:
    """Takes cases that are due and free, urgent ones first; returns their numbers."""
    text = _text(connection, _DUE, "FOR UPDATE SKIP LOCKED")
    return _claim(connection, text, (now, now, limit), replica, now + lease)


def claim_parked(
    connection: Connection, agency: str, replica: str, now: Micros, lease: Micros, limit: int
) -> list[str]:
    """Takes free cases with a part parked at this agency, longest parked first; returns their numbers."""
    text = _text(connection, _PARKED, "FOR UPDATE OF c SKIP LOCKED")
    return _claim(connection, text, (agency, now, now, limit), replica, now + lease)


def parked_at(connection: Connection) -> set[str]:
    """Agencies at which something is parked."""
    return {row[0] for row in connection.exec_driver_sql("SELECT DISTINCT agency FROM asks WHERE state = 2")}


def _text(connection: Connection, text: str, lock: str = "") -> str:
    dialect = connection.dialect.name
    return text.format(mark=mark(dialect), lock=lock if dialect == "postgresql" else "")


def _claim(connection: Connection, text: str, wanted: Fields, replica: str, until: Micros) -> list[str]:
    found = connection.exec_driver_sql(text, wanted)
    numbers = list(dict.fromkeys(row[0] for row in found))
    if numbers:
        claimed = [(replica, until, until, number) for number in sorted(numbers)]
        connection.exec_driver_sql(_text(connection, _CLAIM), claimed)
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
