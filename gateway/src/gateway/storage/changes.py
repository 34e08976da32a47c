"""One number for each change of any case, in the order of commits, so that a watcher who asks for what came after his
last number misses nothing: whoever takes numbers holds the counter's row until his commit. Take them last.
"""

from sqlalchemy import Connection

from agencykit.storage.rows import run

_TAKE = "UPDATE counters SET value = value + ? WHERE name = 'changes' RETURNING value"
_LAST = "SELECT value FROM counters WHERE name = 'changes'"


def take_changes(connection: Connection, count: int) -> int:
    """Takes the next `count` numbers and returns the first."""
    [(last,)] = run(connection, _TAKE, (count,))
    return int(last) - count + 1


def last_change(connection: Connection) -> int:
    """The newest number; 0 before the first change."""
    [(last,)] = run(connection, _LAST)
    return int(last)
