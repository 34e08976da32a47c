"""A gateway's database that is older than what others hold of it: an old backup, put back.

Its cases and orders since are lost here and stand elsewhere. If it went on, it would give other orders under numbers
that are taken. So it writes nothing until two persons have said that it may go on; and then its orders have numbers and
its sheets a chain that nobody has seen.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from agencykit.storage.rows import run

RESTORED, WITNESSED = "restored", "witnessed"
# By how much numbers of orders are raised: no case has so many.
NUMBERS = 1000


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether nothing may be written, and of which generation sheets and orders are: 0, until it first went on after an
    old backup. `resume_time`: when it last did; what was signed before may be lost here, and that is known.
    """

    held: bool
    generation: int
    resume_time: int


def standing(connection: Connection) -> Standing:
    """In one query: every transaction of a gateway begins with it."""
    query = "SELECT count(*), count(end_time), coalesce(max(generation), 0), coalesce(max(end_time), 0) FROM old_copies"
    [(count, ended, generation, resume_time)] = run(connection, query)
    return Standing(count > ended, int(generation), int(resume_time))


def chain_of(replica: str, number: int) -> str:
    """A replica's chain of sheets in this generation: `1`, then `1.1`."""
    return f"{replica}.{number}" if number else replica


def generation_of(chain: str) -> int:
    """Of which generation a chain of sheets is."""
    number = chain.partition(".")[2]
    return int(number) if number.isdigit() else 0


def hold(connection: Connection, cause: str, now: int, witness: str = "", chain: str = "", number: int = 0) -> bool:
    """Writes nothing from now on; False where it does not anyway. `witness` holds what is lost here."""
    before = standing(connection)
    if before.held:
        return False
    row = {"id": before.generation + 1, "now": now, "cause": cause, "who": witness, "chain": chain}
    # Several may show at once what they hold: the first of them is kept, one for each generation.
    inserted = connection.execute(
        text(
            "INSERT INTO old_copies (id, create_time, cause, witness, chain, number, first_by, second_by, generation)"
            " VALUES (:id, :now, :cause, :who, :chain, :number, '', '', 0) ON CONFLICT (id) DO NOTHING"
        ),
        row | {"number": number},
    )
    if inserted.rowcount != 1:
        return False
    # Whoever writes under a lease is fenced out.
    _do(connection, "UPDATE duties SET claimed_by = '', claimed_until = 0, epoch = epoch + 1", {})
    _do(connection, "UPDATE cases SET claimed_by = '', claimed_until = 0, epoch = epoch + 1 WHERE claimed_by <> ''", {})
    return True


def resume(connection: Connection, who: str, now: int) -> str:
    """What the first person says is kept, and what a second says ends it. Returns what was done, in a line."""
    found = run(connection, "SELECT id, first_by FROM old_copies WHERE end_time IS NULL")
    if not found:
        return "it is not held; nothing was done"
    [(row, first)] = found
    if not first:
        _do(connection, "UPDATE old_copies SET first_by = :who WHERE id = :id", {"who": who, "id": row})
        _tell(connection, now, "resume_proposed", who)
        return f"{who} says so; it goes on once another person has said the same"
    if first == who:
        return f"{who} has said so before; another person must"
    new = standing(connection).generation + 1
    _do(
        connection,
        "UPDATE old_copies SET second_by = :who, end_time = :now, generation = :new WHERE id = :id",
        {"who": who, "now": now, "new": new, "id": row},
    )
    _do(connection, "UPDATE cases SET order_number = order_number + :more", {"more": NUMBERS})
    _tell(connection, now, "resumed", who)
    return f"it goes on in generation {new} once all its replicas are restarted"


def _tell(connection: Connection, now: int, act: str, who: str) -> None:
    _do(
        connection,
        "INSERT INTO audit (time, replica, number, act, agency, details) VALUES (:now, :who, '', :act, '', '{}')",
        {"now": now, "who": who, "act": act},
    )


def _do(connection: Connection, statement: str, values: dict[str, object]) -> None:
    connection.execute(text(statement), values)
