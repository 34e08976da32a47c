"""Signed decisions out of the database, put together exactly as they were signed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from agencykit.decisions import tables
from agencykit.decisions.candidates import Decided
from agencykit.storage.bulk import select_in
from clearance.common.v1.evidence_pb2 import InclusionProof, SignedDecision

_D, _S = tables.decisions.c, tables.seals.c
_COLUMNS = (
    _D.log,
    _D.sequence,
    _D.clearance_number,
    _D.version,
    _D.revision,
    _D.verdict,
    _D.decision,
    _D.proof,
    _D.first_sequence,
)


def current_decisions(connection: Connection, versions: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Decided]:
    """The newest decision on each (clearance number, version) that has one."""
    newest: dict[tuple[str, int], Row[*tuple[Any, ...]]] = {}
    for row in select_in(connection, _COLUMNS, [_D.clearance_number, _D.version], versions):
        known = newest.get((row.clearance_number, row.version))
        if known is None or row.revision > known.revision:
            newest[row.clearance_number, row.version] = row
    return dict(zip(newest, _assembled(connection, list(newest.values())), strict=True))


def one_decision(connection: Connection, number: str, version: int, revision: int) -> Decided | None:
    """The decision of this version and revision; 0 stands for the newest."""
    query = select(*_COLUMNS).where(_D.clearance_number == number)
    if version:
        query = query.where(_D.version == version)
    if revision:
        query = query.where(_D.revision == revision)
    row = connection.execute(query.order_by(_D.version.desc(), _D.revision.desc()).limit(1)).one_or_none()
    return _assembled(connection, [row])[0] if row is not None else None


def heads(connection: Connection) -> dict[str, int]:
    """Every log of this database and its last sequence."""
    return {row[0]: row[1] for row in connection.execute(select(tables.logs.c.log, tables.logs.c.sequence))}


def decisions_after(
    connection: Connection, positions: Mapping[str, int], limit: int
) -> list[tuple[str, int, SignedDecision]]:
    """Up to `limit` decisions (log, sequence, signed) after the positions, in the order of each log.

    A log not named starts at 0. Gapless, because a log's sequence is given by its one writer inside its transaction.
    """
    found: list[Row[*tuple[Any, ...]]] = []
    for log, head in sorted(heads(connection).items()):
        after = positions.get(log, 0)
        if after < head and len(found) < limit:
            query = select(*_COLUMNS).where(_D.log == log, _D.sequence > after).order_by(_D.sequence)
            found += connection.execute(query.limit(limit - len(found))).all()
    signed = _assembled(connection, found)
    return [(row.log, row.sequence, decided.signed) for row, decided in zip(found, signed, strict=True)]


def _assembled(connection: Connection, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Decided]:
    places = {(row.log, row.first_sequence) for row in rows}
    seals = {
        (seal.log, seal.first_sequence): (bytes(seal.seal), bytes(seal.signature))
        for seal in select_in(
            connection, [_S.log, _S.first_sequence, _S.seal, _S.signature], [_S.log, _S.first_sequence], places
        )
    }
    return [_decided(row, *seals[row.log, row.first_sequence]) for row in rows]


def _decided(row: Row[*tuple[Any, ...]], seal: bytes, signature: bytes) -> Decided:
    signed = SignedDecision(
        decision=bytes(row.decision), proof=InclusionProof.FromString(row.proof), seal=seal, signature=signature
    )
    return Decided(signed, row.verdict, row.version, row.revision)
