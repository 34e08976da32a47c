"""Uses of guarantees for movements: the journey of domain.guarantee, beside the movement's own.

One that is confirmed lets the movement go, one that was refused keeps it until other guarantees are named. The use is
returned when the movement ends, and claimed when its duty is recovered; what was claimed ends the recovery.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from gateway.domain.guarantee import OPEN, STANDING, STEPS, GuaranteeRelease, ReleaseState
from gateway.domain.identifiers import Micros
from gateway.domain.transit.change import Wish
from gateway.domain.transit.movement import Movement
from gateway.domain.transit.states import BEFORE_RELEASE, Event
from gateway.operations.context import Context
from gateway.operations.grants import audit_releases
from gateway.storage.guarantees import due_releases, load_releases, update_releases
from gateway.storage.tables import movement_guarantees

# Uses of which one step of the driver takes care.
BATCH = 256
LEDGER = "ledger"
Move = tuple[GuaranteeRelease, GuaranteeRelease]


def uses_of(connection: Connection, mrns: Sequence[str]) -> dict[str, list[GuaranteeRelease]]:
    """MRN -> all uses for it, by generation."""
    return load_releases(connection, mrns, movement_guarantees)


def newest_use(connection: Connection, mrn: str) -> GuaranteeRelease | None:
    """The one that counts."""
    return next(reversed(uses_of(connection, [mrn])[mrn]), None)


def wish_uses(connection: Connection, wishes: Mapping[str, Wish], context: Context) -> None:
    """What stands for these movements is to be returned or claimed."""
    now = context.lease_now(connection)
    moves: list[Move] = []
    for mrn, uses in uses_of(connection, sorted(wishes)).items():
        state = ReleaseState.CLAIMING if wishes[mrn] is Wish.CLAIM else ReleaseState.RETURNING
        for use in uses:
            after = use.moved(state, due_time=now) if use.state in STANDING else None
            moves += [(use, after)] if after is not None else []
    write_uses(connection, moves, context)


def write_uses(connection: Connection, moves: Sequence[Move], context: Context) -> None:
    """Stores (before, after), whose movements are locked."""
    update_releases(connection, moves, movement_guarantees)
    audit_releases(connection, [after for before, after in moves if after.state is not before.state], context)


def due_uses(connection: Connection, home: str, context: Context) -> list[GuaranteeRelease]:
    """Of which a step is to be taken at this home. A hold whose caller did not come back is undone."""
    now = context.lease_now(connection)
    mrns = due_releases(connection, home, now, BATCH, movement_guarantees)
    every = [use for uses in uses_of(connection, mrns).values() for use in uses]
    return [use for use in every if use.home == home and use.due_time is not None and use.due_time <= now]


def undone(uses: Sequence[GuaranteeRelease]) -> list[Move]:
    """(before, after) of those that were asked for, and whose access codes nobody has any more."""
    moves = [(use, use.moved(ReleaseState.RETURNING)) for use in uses if use.state is ReleaseState.ASKED]
    return [(before, replace(after, due_time=before.due_time)) for before, after in moves if after is not None]


def event_of(before: GuaranteeRelease, after: GuaranteeRelease, movement: Movement) -> Event | None:
    """What the end of a step is to its movement."""
    if after.state is ReleaseState.CONFIRMED:
        return Event.GUARANTEE_CONFIRMED
    if before.state is ReleaseState.CLAIMING and after.state not in OPEN:
        return Event.RECOVERED
    # Told when it is given up, and not once more when it is back: until then its home may be away for long.
    gone = before.state in STANDING and after.state in (ReleaseState.REFUSED, ReleaseState.RETURNING)
    return Event.GUARANTEE_REFUSED if gone and movement.state in BEFORE_RELEASE else None


def settled(use: GuaranteeRelease, movement: Movement, now: Micros) -> GuaranteeRelease:
    """Due only where a step is to be taken; what was confirmed for a movement that has ended meanwhile goes back."""
    if movement.ended and use.state in STANDING:
        return use.moved(ReleaseState.RETURNING, due_time=now) or use
    return use if use.state in STEPS else replace(use, due_time=None)
