"""How far an agency has been told of all orders: what a gateway says of it, and how old that makes the agency's view.

The gateway tells everything as soon as it is recorded, and says every few seconds up to which moment that was the
whole of it. An agency that has not heard it for a while may have missed a stop order, and cannot know.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.decisions import tables
from agencykit.decisions.restoring import BEHIND, held, hold
from agencykit.refusals import PositionAhead
from agencykit.storage.rows import insert, run

_ADVANCE = """
INSERT INTO completeness (identity, complete_time, receive_time) VALUES (?, ?, ?)
ON CONFLICT (identity) DO UPDATE SET complete_time = excluded.complete_time, receive_time = excluded.receive_time
WHERE completeness.complete_time < excluded.complete_time
"""


@dataclass(frozen=True, slots=True)
class Complete:
    """A gateway's word: everything recorded before `time` (microseconds since 1970, its clock) has been told.

    `keys` are (fingerprint, DER certificate) of what it signs orders with; `receipted` is the newest such moment that
    this agency receipted before, 0 where the gateway remembers none.
    """

    identity: str
    time: int
    keys: Sequence[tuple[bytes, bytes]] = ()
    receipted: int = 0


def record_complete(connection: Connection, complete: Complete, now: int) -> None:
    """Stores it, in the transaction of the outcomes it came with. An older word than the one known changes nothing.

    Nor does any while this database is held as an old backup: what was told before is lost here. Where a word that was
    receipted is not here, orders that were told before it may be lost as well: PositionAhead, until all was told again.
    """
    if not held(connection):
        known = _known(connection, complete.identity)
        if known < complete.receipted:
            raise PositionAhead(complete.receipted, known)
        run(connection, _ADVANCE, (complete.identity, complete.time, now))
    rows = [(key_id, certificate, complete.identity, now) for key_id, certificate in complete.keys]
    insert(connection, tables.order_keys, rows, "ignore")


def hold_as_old(connection: Connection, identity: str, now: int) -> bool:
    """After such a refusal: decides nothing from now on, but where it is known already that this is an old copy, and
    somebody has said since that it may go on. Whether it is held only now.
    """
    [(known,)] = run(connection, "SELECT count(*) FROM restorations")
    if known and not _known(connection, identity):
        return False
    return hold(connection, BEHIND, now)


def _known(connection: Connection, identity: str) -> int:
    found = run(connection, "SELECT complete_time FROM completeness WHERE identity = ?", (identity,))
    return int(found[0][0]) if found else 0


def view_age(connection: Connection, identity: str, now: int) -> int | None:
    """How old the view of this gateway's orders is, in microseconds; None where it never said.

    The older of two: since it was said, by our clock, and since what was said held, by the two clocks. So a message
    that was long on its way counts for no more than it is worth, and neither does one from a clock ahead of ours.
    """
    found = run(connection, "SELECT complete_time, receive_time FROM completeness WHERE identity = ?", (identity,))
    return max(now - found[0][0], now - found[0][1], 0) if found else None


def order_key(connection: Connection, key_id: bytes) -> bytes | None:
    """The certificate with this fingerprint, as a gateway sent it; nothing vouches for it but its authority."""
    found = run(connection, "SELECT certificate FROM order_keys WHERE key_id = ?", (key_id,))
    return bytes(found[0][0]) if found else None
