"""Positions in lists that are read by position: numbered in the order in which transactions end.

A plain sequence would not do: of two transactions the one with the higher number may end first, and a reader who has
seen that one would never look for the other.
"""

from sqlalchemy import Connection

from agencykit.refusals import PositionAhead
from agencykit.storage.rows import run

_TAKE = """
INSERT INTO positions (list, position) VALUES (?, ?)
ON CONFLICT (list) DO UPDATE SET position = positions.position + excluded.position RETURNING position
"""


def take_positions(connection: Connection, name: str, count: int) -> int:
    """The first of `count` new positions of a list, from 1.

    Whoever takes some holds the list until his transaction ends, so take them last. None is taken for a count of 0.
    """
    if not count:
        return 0
    [(last,)] = run(connection, _TAKE, (name, count))
    return int(last) - count + 1


def check_position(connection: Connection, name: str, position: int) -> None:
    """PositionAhead where a follower has read further than the list goes: its database is an older copy put back.

    He would wait in silence for what the list gives the same positions again.
    """
    if not position:
        return
    found = run(connection, "SELECT position FROM positions WHERE list = ?", (name,))
    newest = int(found[0][0]) if found else 0
    if position > newest:
        raise PositionAhead(position, newest)
