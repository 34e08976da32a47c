"""What callers see of movements."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.refusals import NotFound
from gateway.domain.guarantee import GuaranteeRelease
from gateway.domain.transit.movement import Movement
from gateway.domain.transit.states import Side
from gateway.operations.transit.uses import newest_use, uses_of
from gateway.storage.movement_mail import Posted, waiting_letters
from gateway.storage.movements import Filter, Happened, Key, history, keys_by_reference, list_movements, load_movements


@dataclass(frozen=True, slots=True)
class MovementView:
    """One movement as shown."""

    movement: Movement
    use: GuaranteeRelease | None = None
    events: Sequence[Happened] = ()
    letters: Sequence[Posted] = ()


def view(connection: Connection, key: Key) -> MovementView:
    """All about one. Raises NotFound."""
    movement = load_movements(connection, [key]).get(key)
    if movement is None:
        raise NotFound("movement", key.mrn)
    at_departure = key.side is Side.DEPARTURE
    waiting = waiting_letters(connection, key.mrn)
    letters = [each for each in waiting if (each.stream.side is Side.DEPARTURE) is not at_departure]
    use = newest_use(connection, key.mrn) if key.side is Side.DEPARTURE else None
    return MovementView(movement, use, history(connection, key), letters)


def find(connection: Connection, reference: str, side: int, declarant: str) -> MovementView:
    """By MRN, the departure's view first; or by the LRN of its declarant. Raises NotFound for another's too."""
    by_lrn = keys_by_reference(connection, [(declarant, reference)]) if declarant else {}
    keys = [*by_lrn.values(), *(Key(each, reference) for each in Side if side in (0, each))]
    found = load_movements(connection, keys)
    for key in keys:
        movement = found.get(key)
        if movement is not None and declarant in ("", movement.declarant):
            return view(connection, key)
    raise NotFound("movement", reference)


def page(connection: Connection, wanted: Filter, most: int) -> list[MovementView]:
    """The newest first, without what happened and what is to be said."""
    found = list_movements(connection, wanted, most)
    uses = uses_of(connection, [each.mrn for each in found if each.side is Side.DEPARTURE])
    newest = {mrn: each[-1] for mrn, each in uses.items() if each}
    return [MovementView(each, newest.get(each.mrn) if each.side is Side.DEPARTURE else None) for each in found]
