"""A database that is older than what others hold of it: an old backup, put back.

What it decided since, others have and it has not. If it went on, it would write other decisions at places that are
taken, and act on orders that were stopped meanwhile. So it decides nothing and lets nothing out until somebody has said
that it may go on; and then it writes logs of other names, so that no place is ever taken twice.
"""

from collections.abc import Mapping

from sqlalchemy import Connection

from agencykit.decisions import tables
from agencykit.storage.rows import change, insert, run, run_many

RESTORED, BEHIND = "restored", "behind"


def held(connection: Connection) -> bool:
    """Whether nothing may be decided."""
    return bool(run(connection, "SELECT 1 FROM restorations WHERE end_time IS NULL LIMIT 1"))


def generation(connection: Connection) -> int:
    """0, until it first went on after an old backup: logs of a later generation have names of their own."""
    [(last,)] = run(connection, "SELECT coalesce(max(generation), 0) FROM restorations")
    return int(last)


def generation_of(log: str) -> int:
    """`customs/1` is of the first, 0; `customs/1.2` of the one after two restorations."""
    number = log.partition(".")[2]
    return int(number) if number.isdigit() else 0


def hold(connection: Connection, cause: str, now: int, log: str = "", position: int = 0) -> bool:
    """Decides nothing from now on; False where it does not anyway. Its view of orders is worth nothing either."""
    for row, known in run(connection, "SELECT id, log FROM restorations WHERE end_time IS NULL"):
        if generation_of(log) > generation_of(known) or not known:
            change(connection, "UPDATE restorations SET log = ?, position = ? WHERE id = ?", (log, position, row))
        return False
    [(last,)] = run(connection, "SELECT coalesce(max(id), 0) FROM restorations")
    insert(connection, tables.restorations, [(last + 1, now, cause, log, position, None, "", 0)])
    _forget_words(connection)
    return True


def _forget_words(connection: Connection) -> None:
    """How far gateways had told everything; each says next what was receipted, and tells all again (completeness)."""
    run_many(connection, "DELETE FROM completeness WHERE identity <> ?", [("",)])


def ahead(connection: Connection, positions: Mapping[str, int]) -> tuple[str, int, int] | None:
    """The log of the newest generation of which a follower has read more than there is: its name, his position, the end
    here. A log that a former restoration ended may be behind: that is known.
    """
    ends: dict[str, int] = dict(run(connection, "SELECT log, sequence FROM logs"))
    current = generation(connection)
    found = [(log, read, ends.get(log, 0)) for log, read in positions.items() if read > ends.get(log, 0)]
    return max((each for each in found if generation_of(each[0]) >= current), key=_by_generation, default=None)


def _by_generation(found: tuple[str, int, int]) -> tuple[int, str]:
    return generation_of(found[0]), found[0]


def resume(connection: Connection, who: str, now: int) -> int:
    """Goes on although what others hold is lost here; the new generation, above each that anybody has seen.

    Whoever writes now is fenced out, and writes under the new names once he has begun anew. No word of before on how
    complete its orders are counts any more. 0 where nothing is held.
    """
    rows = run(connection, "SELECT id, log FROM restorations WHERE end_time IS NULL")
    if not rows:
        return 0
    new = max(generation(connection), *(generation_of(log) for _, log in rows)) + 1
    text = "UPDATE restorations SET end_time = ?, ended_by = ?, generation = ? WHERE id = ?"
    run_many(connection, text, [(now, who, new, row) for row, _ in rows])
    change(connection, "UPDATE logs SET epoch = epoch + 1")
    _forget_words(connection)
    return new
