"""A case's asks: text in its row, and a row of their own only while they are parked.

Almost every ask is answered within the second. As rows they would be four inserts and four updates for each clearance,
half of all that is written; as text they travel with the case that is written anyway.
"""

import json
from collections.abc import Iterable
from functools import lru_cache

from sqlalchemy import Connection

from agencykit.storage.rows import Fields, delete_in, insert
from gateway.domain.case import Ask, AskState, Case
from gateway.domain.identifiers import DERIVATION, Micros
from gateway.storage.tables import parked

_STATES = tuple(AskState)
# `json.dumps` with settings of its own makes an encoder anew each time.
_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
_KEY = ("agency", "number")


@lru_cache(maxsize=1024)
def to_text(asks: tuple[Ask, ...]) -> str:
    """JSON: the number of the derivation of their request ids, then each as a list in the order of Ask's fields.

    Cases of one convoy share their asks, so few are written.
    """
    return _written([DERIVATION, *asks])


def from_text(text: str) -> tuple[Ask, ...]:
    """The inverse of `to_text`. Asks whose request ids were derived otherwise must not be sent under new ones."""
    derivation, *written = json.loads(text)
    if derivation != DERIVATION:
        raise ValueError(f"request ids by derivation {derivation}; this gateway knows {DERIVATION}")
    return tuple(
        [Ask(agency, purpose, version, _STATES[state], *rest) for agency, purpose, version, state, *rest in written]
    )


def update_parked(connection: Connection, changed: Iterable[tuple[Case, Case]]) -> None:
    """Keeps the rows of what is parked, for cases (before, after) in one transaction with them."""
    gone: list[Fields] = []
    added: list[Fields] = []
    for before, after in changed:
        were, are = parked_at_agencies(before), parked_at_agencies(after)
        if were != are:
            gone += [(agency, after.number) for agency in were]
            added += [(agency, after.number, due_time) for agency, due_time in are.items()]
    delete_in(connection, parked, _KEY, gone)
    insert(connection, parked, added)


def parked_at_agencies(case: Case) -> dict[str, Micros]:
    """Agency -> when it is to be asked again, for the agencies with a part of the case parked."""
    found: dict[str, Micros] = {}
    for ask in case.asks:
        if ask.state is AskState.PARKED:
            found[ask.agency] = min(ask.due_time, found.get(ask.agency, ask.due_time))
    return found
