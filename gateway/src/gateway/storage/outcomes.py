"""What is still to be told to the agencies of what became of cases.

An outcome is one row until all agencies have been told, which mostly takes one call to each. Only for an agency that
could not be told is there a row of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.storage.rows import Fields, change, delete_in, insert, run, run_many
from gateway.domain.identifiers import Micros, derived_request_id
from gateway.domain.policy import applied_policy
from gateway.domain.states import OUTCOMES, State
from gateway.storage.tables import outbox, untold
from gateway.storage.tables.clearances import STANDING

_UNTOLD = """
SELECT u.number, u.order_number, u.version, u.kind, u.outcome_time, d.order_bytes, d.signature, c.trace, c.digest,
  c.policy
FROM untold AS u
LEFT JOIN orders AS d ON d.number = u.number AND d.order_number = u.order_number
JOIN cases AS c ON c.number = u.number
ORDER BY u.outcome_time, u.number, u.order_number LIMIT ?
"""
_DUE = """
SELECT o.number, o.order_number, o.version, o.kind, o.outcome_time, d.order_bytes, d.signature, c.trace, c.digest,
  o.refusals
FROM outbox AS o
LEFT JOIN orders AS d ON d.number = o.number AND d.order_number = o.order_number
JOIN cases AS c ON c.number = o.number
WHERE o.agency = ? AND o.due_time <= ? ORDER BY o.due_time, o.number, o.order_number LIMIT ?
"""
_TRY_AGAIN = "UPDATE outbox SET refusals = 0, due_time = ? WHERE agency = ? AND number = ? AND order_number = ?"
_RETRY = "UPDATE outbox SET refusals = 0, due_time = ? WHERE number = ?"
_PUT_OFF = """
UPDATE outbox SET refusals = refusals + 1, due_time = ? WHERE agency = ? AND number = ? AND order_number = ?
"""

# By the time of its order, if there is one: a case changes for other reasons too.
_STANDING = f"""
SELECT c.number, coalesce(d.order_number, c.order_number), c.version, c.state,
coalesce(d.issue_time, c.update_time), c.policy
FROM cases AS c LEFT JOIN orders AS d ON d.number = c.number
AND d.order_number = (SELECT max(o.order_number) FROM orders AS o WHERE o.number = c.number)
WHERE c.number > ? AND c.{STANDING.text} ORDER BY c.number LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case: the same for every agency that is told of it."""

    number: str
    order_number: int
    version: int
    kind: int
    outcome_time: Micros
    # The order it is about, if one was issued, the case's trace and the digest of its consignment; read with the row.
    order_bytes: bytes = b""
    signature: bytes = b""
    trace: str = ""
    digest: bytes = b""
    # How often the agency refused it before.
    attempts: int = 0

    @property
    def size(self) -> int:
        """About how many bytes it takes in a call."""
        return len(self.order_bytes) + 512

    @property
    def subject(self) -> str:
        """Which one of its case."""
        return str(self.order_number)

    def request_id(self, agency: str) -> str:
        """The request id under which one agency is told of it, however often; with a later time it is another."""
        purpose = f"outcome.{self.order_number}.{self.outcome_time}"
        return derived_request_id(self.number, self.version, agency, purpose)


def insert_untold(connection: Connection, outcomes: Iterable[Outcome]) -> None:
    """What every agency asked must be told."""
    rows = [(o.number, o.order_number, o.version, o.kind, o.outcome_time) for o in outcomes]
    insert(connection, untold, rows)


def untold_outcomes(connection: Connection, limit: int) -> list[tuple[Outcome, Sequence[str]]]:
    """The oldest that nobody has been told of, each with the agencies to tell."""
    rows = run(connection, _UNTOLD, (limit,))
    return [(_outcome(row[:-1]), applied_policy(row[-1]).told) for row in rows]


def oldest_untold(connection: Connection) -> Micros | None:
    """When the oldest happened that nobody has been told of; None where all has been told."""
    [(moment,)] = run(connection, "SELECT min(outcome_time) FROM untold")
    return None if moment is None else int(moment)


def oldest_outboxed(connection: Connection) -> dict[str, Micros]:
    """For each agency that was not told everything: when the oldest happened, set aside or not."""
    return dict(run(connection, "SELECT agency, min(outcome_time) FROM outbox GROUP BY agency"))


def due_outcomes(connection: Connection, agency: str, now: Micros, limit: int) -> list[Outcome]:
    """The oldest that are due for one agency; those of one case in their order."""
    return [_outcome(row[:-1], row[-1]) for row in run(connection, _DUE, (agency, now, limit))]


def _outcome(row: Fields, attempts: int = 0) -> Outcome:
    number, order_number, version, kind, moment, order_bytes, signature, trace, digest = row
    order = (bytes(order_bytes or b""), bytes(signature or b""))
    return Outcome(number, order_number, version, kind, moment, *order, trace, bytes(digest), attempts)


def forget_untold(connection: Connection, outcomes: Iterable[Outcome]) -> None:
    """Removes what every agency has been told, or has in its outbox."""
    delete_in(connection, untold, ("number", "order_number"), [(o.number, o.order_number) for o in outcomes])


def put_in_outbox(connection: Connection, left: Iterable[tuple[str, Outcome]], due_time: Micros) -> None:
    """What one agency could not be told: (agency, outcome)."""
    rows = [
        (agency, o.number, o.order_number, o.version, o.kind, o.outcome_time, o.attempts, due_time)
        for agency, o in left
    ]
    insert(connection, outbox, rows, "ignore")


def forget_outcomes(connection: Connection, agency: str, told: Iterable[Outcome]) -> None:
    """Removes what the agency has receipted."""
    keys = [(agency, outcome.number, outcome.order_number) for outcome in told]
    delete_in(connection, outbox, ("agency", "number", "order_number"), keys)


def put_off_outcome(connection: Connection, agency: str, outcome: Outcome, due_time: Micros | None) -> None:
    """Counts a refusal and sets when it is told again; None sets it aside."""
    run_many(connection, _PUT_OFF, [(due_time, agency, outcome.number, outcome.order_number)])


def tell_again(connection: Connection, agency: str, after: str, now: Micros, size: int) -> str | None:
    """Puts into the agency's outbox what became last of the next cases that stand, of those it was asked about.

    The number to go on after; None where there is no further one.
    """
    rows = run(connection, _STANDING, (after, size))
    told = [row for row in rows if agency in applied_policy(row[-1]).told]
    again = [Outcome(row[0], row[1], row[2], int(OUTCOMES[State(row[3])]), row[4]) for row in told]
    put_in_outbox(connection, [(agency, outcome) for outcome in again], now)
    return str(rows[-1][0]) if rows else None


def retry_outcomes(connection: Connection, number: str, now: Micros) -> int:
    """Has what one case's agencies could not be told be told again at once, set aside or not; returns how many."""
    return change(connection, _RETRY, (now, number))


def tell_outcomes_again(connection: Connection, aside: Iterable[tuple[str, str, int]], now: Micros) -> None:
    """Has these (agency, number, order number) be told again at once."""
    run_many(connection, _TRY_AGAIN, [(now, *each) for each in aside])
