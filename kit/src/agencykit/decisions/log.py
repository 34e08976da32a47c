"""The decision log: appended to by its one writer, by a conditional update of (log, epoch, head)."""

from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.decisions import tables
from agencykit.decisions.restoring import held
from agencykit.evidence import SealedBatch
from agencykit.evidence.chain import EMPTY_HEAD
from agencykit.refusals import LogUnwritable
from agencykit.storage.rows import change, for_update, insert, run


@dataclass(frozen=True, slots=True)
class Head:
    """Where a log ends."""

    sequence: int
    head: bytes


def open_log(connection: Connection, log: str) -> int:
    """Takes the log for a new writer and returns its epoch; whoever wrote it before can no longer."""
    [(epoch,)] = run(
        connection,
        "INSERT INTO logs (log, epoch, sequence, head) VALUES (?, 1, 0, ?) "
        "ON CONFLICT (log) DO UPDATE SET epoch = logs.epoch + 1 RETURNING epoch",
        (log, EMPTY_HEAD),
    )
    return int(epoch)


def read_head(connection: Connection, log: str, epoch: int) -> Head:
    """The head that the writer of this epoch may append to; LogUnwritable for a writer that was fenced out, and for all
    while the database is held as an old backup.
    """
    if held(connection):
        raise LogUnwritable
    text = f"SELECT epoch, sequence, head FROM logs WHERE log = ?{for_update(connection)}"
    for found, sequence, head in run(connection, text, (log,)):
        if found == epoch:
            return Head(sequence, head)
    raise LogUnwritable


def advance(connection: Connection, log: str, epoch: int, before: Head, after: Head) -> None:
    """Moves the head; LogUnwritable when another writer has moved it since."""
    text = "UPDATE logs SET sequence = ?, head = ? WHERE log = ? AND epoch = ? AND sequence = ?"
    if change(connection, text, (after.sequence, after.head, log, epoch, before.sequence)) != 1:
        raise LogUnwritable


def store_seal(connection: Connection, log: str, first_sequence: int, sealed: SealedBatch) -> None:
    """Keeps what was signed for the batch that begins at `first_sequence`."""
    row = (log, first_sequence, len(sealed.proofs), sealed.seal, sealed.signature)
    insert(connection, tables.seals, [row])
