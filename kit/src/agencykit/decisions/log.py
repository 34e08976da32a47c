"""The decision log: appended to by its one writer, by a conditional update of (log, epoch, head)."""

from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.decisions import tables
from agencykit.decisions.sql import for_update, marked
from agencykit.evidence import SealedBatch
from agencykit.evidence.chain import EMPTY_HEAD
from agencykit.refusals import LogUnwritable
from agencykit.storage.bulk import insert_rows


@dataclass(frozen=True, slots=True)
class Head:
    """Where a log ends."""

    sequence: int
    head: bytes


def open_log(connection: Connection, log: str) -> int:
    """Takes the log for a new writer and returns its epoch; whoever wrote it before can no longer."""
    sql = marked(
        connection,
        "INSERT INTO logs (log, epoch, sequence, head) VALUES (?, 1, 0, ?) "
        "ON CONFLICT (log) DO UPDATE SET epoch = logs.epoch + 1 RETURNING epoch",
    )
    taken = connection.exec_driver_sql(sql, (log, EMPTY_HEAD))
    return int(taken.scalar_one())


def read_head(connection: Connection, log: str, epoch: int) -> Head:
    """The head that the writer of this epoch may append to; LogUnwritable for a writer that was fenced out."""
    sql = marked(connection, "SELECT epoch, sequence, head FROM logs WHERE log = ?") + for_update(connection)
    found = connection.exec_driver_sql(sql, (log,)).one_or_none()
    if found is None or found[0] != epoch:
        raise LogUnwritable
    return Head(found[1], bytes(found[2]))


def advance(connection: Connection, log: str, epoch: int, before: Head, after: Head) -> None:
    """Moves the head; LogUnwritable when another writer has moved it since."""
    sql = marked(connection, "UPDATE logs SET sequence = ?, head = ? WHERE log = ? AND epoch = ? AND sequence = ?")
    values = (after.sequence, after.head, log, epoch, before.sequence)
    if connection.exec_driver_sql(sql, values).rowcount != 1:
        raise LogUnwritable


def store_seal(connection: Connection, log: str, first_sequence: int, sealed: SealedBatch) -> None:
    """Keeps what was signed for the batch that begins at `first_sequence`."""
    row = (log, first_sequence, len(sealed.proofs), sealed.seal, sealed.signature)
    insert_rows(connection, tables.seals, [row])
