"""Who works on what: leases of cases with a fencing epoch, and duties that one replica at a time does.

Lease time is the database's own where replicas share a server (PostgreSQL); on SQLite they share the machine, and the
injected clock serves.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from agencykit.storage.rows import Fields, for_update, insert, rows_in, run, run_many
from gateway.domain.identifiers import Micros
from gateway.domain.quarantine import Kind
from gateway.storage.tables import cases, duties

# One that is set aside as a whole (domain.quarantine) is nobody's until it is tried again.
_NOT_ASIDE = f"""AND NOT EXISTS (
  SELECT 1 FROM quarantine AS q WHERE q.number = c.number AND q.kind = {int(Kind.CLEARANCE)} AND q.state = 1
)"""
_DUE = f"""
SELECT c.number FROM cases AS c
WHERE c.due_time <= ? AND c.claimed_until <= ? {_NOT_ASIDE}
ORDER BY c.urgent DESC, c.due_time LIMIT ?
"""
_PARKED = f"""
SELECT c.number FROM parked AS p JOIN cases AS c ON c.number = p.number
WHERE p.agency = ? AND p.due_time <= ? AND c.claimed_until <= ? {_NOT_ASIDE}
ORDER BY c.urgent DESC, p.due_time LIMIT ?
"""
_CLAIM = "UPDATE cases SET claimed_by = ?, claimed_until = ?, due_time = ?, epoch = epoch + 1 WHERE number = ?"
_FREE = """
UPDATE cases SET claimed_by = '', claimed_until = 0, due_time = ? WHERE number = ? AND claimed_by = ?
"""
_RECLAIM = """
UPDATE cases SET claimed_by = '', claimed_until = 0, due_time = ?, epoch = epoch + 1 WHERE claimed_by = ?
"""
_RECLAIM_DUTIES = "UPDATE duties SET claimed_by = '', claimed_until = 0, epoch = epoch + 1 WHERE claimed_by = ?"
_TAKE_DUTY = """
UPDATE duties SET claimed_by = ?, epoch = epoch + 1 WHERE name = ? AND claimed_by <> ? AND claimed_until <= ?
"""
_RENEW = "UPDATE duties SET claimed_until = ? WHERE claimed_by = ? RETURNING name, epoch"
_LEAVE = "UPDATE duties SET claimed_by = '', claimed_until = 0 WHERE claimed_by = ?"


def lease_now(connection: Connection, clock_now: Micros) -> Micros:
    """The moment by which leases are judged."""
    if connection.dialect.name != "postgresql":
        return clock_now
    [(now,)] = run(connection, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
    return int(now)


def claim_due(connection: Connection, replica: str, now: Micros, lease: Micros, limit: int) -> list[str]:
    """Takes cases that are due and free, urgent ones first; returns their numbers."""
    text = _DUE + for_update(connection, " FOR UPDATE OF c SKIP LOCKED")
    return _claim(connection, text, (now, now, limit), replica, now + lease)


def claim_parked(
    connection: Connection, agency: str, replica: str, now: Micros, lease: Micros, limit: int
) -> list[str]:
    """Takes free cases with a part parked at this agency, longest parked first; returns their numbers."""
    text = _PARKED + for_update(connection, " FOR UPDATE OF c SKIP LOCKED")
    return _claim(connection, text, (agency, now, now, limit), replica, now + lease)


def parked_at(connection: Connection) -> set[str]:
    """Agencies at which something is parked."""
    return {agency for (agency,) in run(connection, "SELECT DISTINCT agency FROM parked")}


def _claim(connection: Connection, text: str, wanted: Fields, replica: str, until: Micros) -> list[str]:
    numbers = list(dict.fromkeys(number for (number,) in run(connection, text, wanted)))
    run_many(connection, _CLAIM, [(replica, until, until, number) for number in sorted(numbers)])
    return numbers


def free(connection: Connection, number: str, replica: str, due_time: Micros) -> None:
    """Lets go of a case that was claimed, as it was."""
    run(connection, _FREE, (due_time, number, replica))


def reclaim(connection: Connection, replica: str, now: Micros) -> int:
    """Frees at once what a dead predecessor of the same name held, and fences it off; returns how many cases."""
    run_many(connection, _RECLAIM_DUTIES, [(replica,)])
    return run_many(connection, _RECLAIM, [(now, replica)])


def wake_cases(connection: Connection, numbers: Iterable[str], now: Micros) -> set[str]:
    """Makes cases due at once, whoever holds them; returns those that are known here."""
    found = rows_in(connection, cases, ("number",), ("number",), dict.fromkeys(numbers), lock="wait")
    run_many(connection, "UPDATE cases SET due_time = ? WHERE number = ?", [(now, number) for (number,) in found])
    return {number for (number,) in found}


def take_duties(
    connection: Connection, names: Sequence[str], holder: str, now: Micros, lease: Micros
) -> dict[str, int]:
    """Takes or renews duties; returns the epochs of those held. Another holder's are left alone until they run out."""
    insert(connection, duties, [(name, "", 0, 0) for name in sorted(names)], "ignore")
    run_many(connection, _TAKE_DUTY, [(holder, name, holder, now) for name in sorted(names)])
    return {name: epoch for name, epoch in run(connection, _RENEW, (now + lease, holder)) if name in names}


def leave_duties(connection: Connection, holder: str) -> None:
    """Gives up all duties, so that another replica need not wait for the lease to end."""
    run_many(connection, _LEAVE, [(holder,)])


def holds_duty(connection: Connection, name: str, epoch: int) -> bool:
    """Whether the duty is still held under this epoch; keeps it so until the end of the transaction."""
    return run(connection, f"SELECT epoch FROM duties WHERE name = ?{for_update(connection)}", (name,)) == [(epoch,)]
