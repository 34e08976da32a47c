"""Tombstones of what was purged: a late request finds that it was there, and has no second effect.

They hold numbers, and digests of whose reference it was: neither can be read back.
"""

import hashlib
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from agencykit.refusals import RecordPurged
from agencykit.storage.rows import insert, rows_in
from gateway.domain.identifiers import Micros
from gateway.storage.tables import purged


def of_clearance(number: str) -> str:
    """The key of a clearance."""
    return f"clearance {number}"


def of_movement(side: int, mrn: str) -> str:
    """The key of one side's view of a movement."""
    return f"movement {int(side)} {mrn}"


def of_complaint(number: str) -> str:
    """The key of a complaint."""
    return f"complaint {number}"


def of_reference(owner: str, reference: str) -> str:
    """The key of a reference (LRN) of a broker or declarant, each of which has names of its own."""
    return "reference " + hashlib.sha256(f"{owner}\n{reference}".encode()).hexdigest()


def of_lrn(declarant: str, lrn: str) -> str:
    """The key of a declarant's reference of a movement."""
    return "lrn " + hashlib.sha256(f"{declarant}\n{lrn}".encode()).hexdigest()


def purged_before(connection: Connection, keys: Iterable[str]) -> dict[str, str]:
    """Key -> number of what was purged, for those that were."""
    return dict(rows_in(connection, purged, ("key", "number"), ("key",), list(dict.fromkeys(keys))))


def check_kept(connection: Connection, key: str) -> None:
    """RecordPurged for a movement that was."""
    for number in purged_before(connection, [key]).values():
        raise RecordPurged("movement", number)


def bury(connection: Connection, keys: Sequence[tuple[str, str]], now: Micros) -> None:
    """Lays tombstones: (key, number)."""
    insert(connection, purged, [(key, number, now) for key, number in keys], on_conflict="ignore")
