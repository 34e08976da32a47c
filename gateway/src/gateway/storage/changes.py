"""One number for each change of any case, in the order of commits, so that a watcher who asks for what came after his
last number misses nothing: whoever takes numbers holds the counter's row until his commit. Take them last.
"""

from sqlalchemy import Connection, select, update

from gateway.storage.tables import counters

CHANGES = "changes"


def take_changes(connection: Connection, count: int) -> int:
    """Takes the next `count` numbers and returns the first."""
    taken = update(counters).where(counters.c.name == CHANGES).values(value=counters.c.value + count)
    last = connection.execute(taken.returning(counters.c.value)).scalar_one()
    return int(last) - count + 1


def last_change(connection: Connection) -> int:
    """The newest number; 0 before the first change."""
    return int(connection.execute(select(counters.c.value).where(counters.c.name == CHANGES)).scalar_one())
