"""Claims of what a guarantee stands for: one officer proposes, another claims. Each act one transaction."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import Connection

from agencykit.refusals import NotFound, SecondPersonNeeded, StateForbids
from gateway.domain.guarantee import GuaranteeRelease
from gateway.domain.guarantee_acts import claimed, newest_concluded
from gateway.domain.proposal import GUARANTEE_CLAIM, Eyes, Proposal, ProposalState, eyes
from gateway.operations.amend import replayed
from gateway.operations.context import Context
from gateway.operations.guarantee_steps import Act, any_case, record_moves
from gateway.storage.audit import Entry, write_audit
from gateway.storage.guarantees import load_releases
from gateway.storage.proposals import end_proposal, insert_proposal, load_proposals
from gateway.storage.requests import GUARANTEE, Request, remember

_CLAIM, _WITHDRAW = "ClaimGuaranteeRelease", "WithdrawGuaranteeClaim"


def claim(connection: Connection, act: Act, reason: str, context: Context) -> GuaranteeRelease:
    """Proposes the claim, or makes it where another officer has proposed it; of a replay the use that it was about.

    Raises RequestIdReused, NotFound, StateForbids or SecondPersonNeeded, and then changes nothing.
    """
    case = any_case(connection, act.number)
    known, proposals = _known(connection, act.number)
    request = _request(act, f"claim\n{act.number}\n{reason}")
    if replayed(connection, request):
        return _acted_on(known, proposals, act)
    if not known:
        raise NotFound("guarantee release", act.number)
    move = claimed(known, case, act.request_id, act.identity, reason, context.now)
    if move is None:
        raise StateForbids(known[-1].state.name, _CLAIM)
    before, after = move
    standing = _open(proposals, before)
    match eyes(standing, act.identity):
        case Eyes.SAME:
            raise SecondPersonNeeded(_CLAIM, act.identity)
        case Eyes.FIRST:
            said = (act.identity, act.request_id, reason, context.now)
            insert_proposal(connection, Proposal(act.number, GUARANTEE_CLAIM, str(before.generation), *said))
            _audit(connection, "guarantee claim proposed", act, context)
            after = before
        case Eyes.SECOND if standing is not None:
            end_proposal(connection, standing, ProposalState.DONE, act.identity, act.request_id, context.now)
            record_moves(connection, [move], context)
    remember(connection, [request], context.now)
    return after


def withdraw_claim(connection: Connection, act: Act, context: Context) -> GuaranteeRelease:
    """Takes an open proposal back; of a replay the use that it was about.

    Raises RequestIdReused, NotFound or StateForbids, and then changes nothing.
    """
    any_case(connection, act.number)
    known, proposals = _known(connection, act.number)
    request = _request(act, f"withdraw claim\n{act.number}")
    if replayed(connection, request):
        return _acted_on(known, proposals, act)
    # A proposal about a use that was replaced has fallen with it.
    newest = newest_concluded(known)
    standing = _open(proposals, newest) if newest is not None else None
    if standing is None:
        raise StateForbids("NOT_PROPOSED", _WITHDRAW)
    end_proposal(connection, standing, ProposalState.WITHDRAWN, act.identity, act.request_id, context.now)
    _audit(connection, "guarantee claim withdrawn", act, context)
    remember(connection, [request], context.now)
    return known[int(standing.subject) - 1]


def claims_of(connection: Connection, number: str) -> dict[int, Proposal]:
    """Generation -> the newest proposal to claim it that was not withdrawn."""
    found = load_proposals(connection, GUARANTEE_CLAIM, number)
    return {int(each.subject): each for each in found if each.state is not ProposalState.WITHDRAWN}


def _known(connection: Connection, number: str) -> tuple[list[GuaranteeRelease], list[Proposal]]:
    return load_releases(connection, [number])[number], load_proposals(connection, GUARANTEE_CLAIM, number)


def _open(proposals: Sequence[Proposal], release: GuaranteeRelease) -> Proposal | None:
    wanted = (str(release.generation), ProposalState.OPEN)
    return next((each for each in proposals if (each.subject, each.state) == wanted), None)


def _acted_on(known: Sequence[GuaranteeRelease], proposals: Sequence[Proposal], act: Act) -> GuaranteeRelease:
    """As it stands now."""
    said = (act.identity, act.request_id)
    about = [
        each for each in proposals if said in ((each.proposer, each.request_id), (each.second, each.end_request_id))
    ]
    return known[int(about[0].subject) - 1]


def _audit(connection: Connection, event: str, act: Act, context: Context) -> None:
    write_audit(connection, context.replica, context.now, [Entry(act.number, event, "", {"operator": act.identity})])


def _request(act: Act, said: str) -> Request:
    return Request(act.identity, GUARANTEE, act.request_id, hashlib.sha256(said.encode()).digest(), act.number)
