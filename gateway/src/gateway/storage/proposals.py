"""Proposals: inserted once, ended once."""

from collections.abc import Iterable
from dataclasses import astuple, replace
from operator import attrgetter

from sqlalchemy import Connection

from agencykit.storage.rows import change, insert, rows_in
from gateway.domain.identifiers import Micros
from gateway.domain.proposal import Proposal, ProposalState
from gateway.storage.tables import proposals

_COLUMNS = (
    *("number", "act", "subject", "proposer", "request_id", "reason", "propose_time"),
    *("state", "second", "end_request_id", "end_time"),
)
_END = """
UPDATE proposals SET state = ?, second = ?, end_request_id = ?, end_time = ?
WHERE proposer = ? AND act = ? AND request_id = ? AND state = 1
"""


def load_proposals(connection: Connection, act: str, number: str) -> list[Proposal]:
    """All of one case, the oldest first."""
    return proposals_of(connection, act, [number]).get(number, [])


def proposals_of(connection: Connection, act: str, numbers: Iterable[str]) -> dict[str, list[Proposal]]:
    """Number -> its proposals of this act, the oldest first; no query for no number."""
    found: dict[str, list[Proposal]] = {}
    rows = rows_in(connection, proposals, _COLUMNS, ("number",), dict.fromkeys(numbers))
    read = [replace(Proposal(*row), state=ProposalState(row[7])) for row in rows if row[1] == act]
    for each in sorted(read, key=attrgetter("propose_time")):
        found.setdefault(each.number, []).append(each)
    return found


def insert_proposal(connection: Connection, proposal: Proposal) -> None:
    """A new one."""
    insert(connection, proposals, [astuple(proposal)], columns=_COLUMNS)


def end_proposal(
    connection: Connection, proposal: Proposal, state: ProposalState, by: str, request_id: str, now: Micros
) -> None:
    """Done or withdrawn, on condition that it is open. Whoever calls holds the case's row."""
    key = (proposal.proposer, proposal.act, proposal.request_id)
    if change(connection, _END, (int(state), by, request_id, now, *key)) != 1:
        raise RuntimeError("a proposal that was open under the case's lock is not")
