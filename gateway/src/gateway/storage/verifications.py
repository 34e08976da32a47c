"""What partners declared and is verified here, and what was said of it to them (domain.verification)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.storage.rows import insert, rows_in, run, run_many, update
from gateway.domain.exit import Exit
from gateway.domain.identifiers import Micros
from gateway.domain.quarantine import Kind
from gateway.storage.tables import verification_decisions, verification_logs, verifications

_COLUMNS = tuple(verifications.columns.keys())
CHANGED = "SELECT number, change FROM cases WHERE change > ? ORDER BY change LIMIT ?"
# What is set aside waits for somebody (domain.quarantine).
_DUE = f"""
SELECT number FROM verifications AS v WHERE due = 1 AND NOT EXISTS (
  SELECT 1 FROM quarantine AS q WHERE q.number = v.number AND q.kind = {int(Kind.VERIFICATION)} AND q.state = 1
) LIMIT ?
"""
_SAID = """
SELECT sequence, signed FROM verification_decisions WHERE home = ? AND sequence > ? ORDER BY sequence LIMIT ?
"""
EXITS = """
SELECT e.number, e.position, e.version, e.order_number, e.container, e.way, e.exit_time, e.last
FROM exits AS e WHERE e.home = ? AND e.home <> '' AND e.position > ? ORDER BY e.position LIMIT ?
"""
NO_HEAD = bytes(32)


@dataclass(slots=True)
class Verification:
    """One row. See the table."""

    number: str
    home: str
    withdrawn_version: int = 0
    revision: int = 0
    said: str = ""
    obeyed: int = 0
    due: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """One decision of the gateway on a verification, as it was signed."""

    sequence: int
    number: str
    revision: int
    version: int
    signed: bytes


def load_verifications(connection: Connection, numbers: Iterable[str]) -> dict[str, Verification]:
    """By number, their rows locked; one that is not known is left out."""
    rows = rows_in(connection, verifications, _COLUMNS, ("number",), dict.fromkeys(numbers), lock="wait")
    return {
        number: Verification(number, home, withdrawn_version, revision, said, obeyed, bool(due))
        for number, home, withdrawn_version, revision, said, obeyed, due in rows
    }


def insert_verifications(connection: Connection, added: Iterable[Verification]) -> None:
    """New ones; one that is there already stays."""
    insert(connection, verifications, [_row(each) for each in added], on_conflict="ignore")


def update_verifications(connection: Connection, changed: Iterable[Verification]) -> None:
    """Those whose rows are locked."""
    rows = [(*_row(each)[2:], each.number) for each in changed]
    update(connection, verifications, _COLUMNS[2:], ("number",), rows)


def _row(one: Verification) -> tuple[object, ...]:
    return one.number, one.home, one.withdrawn_version, one.revision, one.said, one.obeyed, int(one.due)


def opened(connection: Connection, wanted: Sequence[tuple[str, str]]) -> dict[str, Verification]:
    """Rows of cases (number, home) about to be accepted, locked, made where there were none; a tombstone stays."""
    insert_verifications(connection, [Verification(number, home) for number, home in wanted])
    return load_verifications(connection, [number for number, _ in wanted]) if wanted else {}


def changed_numbers(connection: Connection, after: int, limit: int) -> list[tuple[str, int]]:
    """(number, place among all changes) of whatever cases changed, in their order."""
    return [(number, int(change)) for number, change in run(connection, CHANGED, (after, limit))]


def verified_here(connection: Connection, numbers: Collection[str]) -> set[str]:
    """Of these cases those that are verified here for a partner."""
    return {number for (number,) in rows_in(connection, verifications, ("number",), ("number",), sorted(numbers))}


def due_numbers(connection: Connection, limit: int) -> list[str]:
    """Those that are looked at again."""
    return [number for (number,) in run(connection, _DUE, (limit,))]


def look_again(connection: Connection, numbers: Collection[str]) -> None:
    """These are looked at again."""
    run_many(connection, "UPDATE verifications SET due = 1 WHERE number = ?", [(number,) for number in numbers])


def untold_to(connection: Connection, agency: str, numbers: Collection[str]) -> set[str]:
    """Of these cases those with an outcome that the agency has not receipted."""
    if not numbers:
        return set()
    marks = ", ".join("?" * len(numbers))
    text = f"SELECT number FROM untold WHERE number IN ({marks}) "
    text += f"UNION SELECT number FROM outbox WHERE agency = ? AND number IN ({marks})"
    return {number for (number,) in run(connection, text, (*numbers, agency, *numbers))}


def lock_logs(connection: Connection, homes: Collection[str]) -> dict[str, tuple[int, bytes]]:
    """Home -> (last sequence, head) of what was said to it; the rows are locked."""
    insert(connection, verification_logs, [(home, 0, NO_HEAD) for home in sorted(homes)], on_conflict="ignore")
    columns = ("home", "sequence", "head")
    rows = rows_in(connection, verification_logs, columns, ("home",), sorted(homes), lock="wait")
    return {home: (int(sequence), bytes(head)) for home, sequence, head in rows}


def append(connection: Connection, home: str, spoken: Sequence[Spoken], head: bytes, now: Micros) -> None:
    """Says these to a home, whose log is locked."""
    rows = [(home, each.sequence, each.number, each.revision, each.version, each.signed, now) for each in spoken]
    insert(connection, verification_decisions, rows)
    update(connection, verification_logs, ("sequence", "head"), ("home",), [(spoken[-1].sequence, head, home)])


def said_after(connection: Connection, home: str, position: int, limit: int) -> list[tuple[int, bytes]]:
    """(sequence, signed) of what was said to a home after a position."""
    return [(int(sequence), bytes(signed)) for sequence, signed in run(connection, _SAID, (home, position, limit))]


def last_said(connection: Connection, home: str) -> int:
    """The last sequence said to a home; 0 before the first."""
    rows = run(connection, "SELECT sequence FROM verification_logs WHERE home = ?", (home,))
    return int(rows[0][0]) if rows else 0


def newest_said(connection: Connection, numbers: Collection[str]) -> dict[str, tuple[bytes, int]]:
    """Number -> (signed, version) of what was said last of a case; one of which nothing was is left out."""
    newest = rows_in(connection, verifications, ("number", "revision"), ("number",), sorted(set(numbers)))
    columns = ("number", "signed", "version")
    rows = rows_in(connection, verification_decisions, columns, ("number", "revision"), newest)
    return {number: (bytes(signed), int(version)) for number, signed, version in rows}


def exits_after(connection: Connection, home: str, position: int, limit: int) -> list[Exit]:
    """What left of a home's goods after a position of the port's list, in its order."""
    found = run(connection, EXITS, (home, position, limit))
    return [
        Exit(number, place, version, order_number, container, way, exit_time, bool(last))
        for number, place, version, order_number, container, way, exit_time, last in found
    ]
