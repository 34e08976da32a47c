"""Releases by hand: one officer proposes, another orders; taken back; settled. Each act one transaction.

An order that goes out: (1) the case is locked; (2) decisions, also those not recorded yet, are read anew, and the rules
are asked, as they were for the proposal; (3) the proposal ends, and under an emergency the caps are drawn on; (4) the
state machine advances, and the numbered, signed order is issued as any other. A crash leaves all of it or nothing.

The case is taken over from whoever holds it; what he still records is fenced off and comes again.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from agencykit.refusals import (
    ManualReleaseForbidden,
    NotFound,
    SecondPersonNeeded,
    StaleVersion,
    StateForbids,
)
from gateway.domain.advance import advance_to
from gateway.domain.case import Case
from gateway.domain.deadlines import next_deadline
from gateway.domain.decision import standings
from gateway.domain.manual import Act, Manual, ManualState
from gateway.domain.proposal import MANUAL_RELEASE, Eyes, Proposal, ProposalState, eyes
from gateway.domain.scope import Scope
from gateway.domain.states import BEFORE_RELEASE
from gateway.operations.amend import replayed
from gateway.operations.context import Context
from gateway.operations.falling_back import Given, drawn, fallback
from gateway.operations.issuing import Step, issue, outcomes
from gateway.operations.rulebook import Rulebook, judged
from gateway.storage.audit import STATE, Entry, write_audit
from gateway.storage.cases import Hold, load_cases, take_over, update_cases
from gateway.storage.changes import take_changes
from gateway.storage.decisions import load_decisions
from gateway.storage.exits import idle_cases
from gateway.storage.guarantees import wake_releases
from gateway.storage.manual import insert_manual, load_manuals, update_manuals
from gateway.storage.orders import insert_orders
from gateway.storage.outcomes import insert_untold
from gateway.storage.proposals import end_proposal, insert_proposal
from gateway.storage.requests import MANUAL, Request, remember
from gateway.storage.scopes import to_text

_ORDER, _WITHDRAW, _SETTLE = "OrderManualRelease", "WithdrawManualRelease", "SettleManualRelease"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an officer asks for: as a proposal, or as the second to ask."""

    request_id: str
    # From the certificate.
    officer: str
    number: str
    reason: str
    version: int
    scope: Scope | None
    absent: tuple[str, ...]
    reason_code: str
    paper_number: str
    # Under an emergency plan alone.
    given: Given | None = None

    @property
    def request(self) -> Request:
        """The request id with what it stands for."""
        return _request(self, f"order\n{self.content}\n{self.reason}")

    @property
    def content(self) -> str:
        """What both officers must say alike."""
        about = (self.version, to_text(self.scope), sorted(self.absent), self.reason_code, self.paper_number)
        return f"{self.number} {about} {self.given}"


@dataclass(frozen=True, slots=True)
class Deed:
    """What an officer does to what stands."""

    request_id: str
    officer: str
    number: str
    reason: str


def order(connection: Connection, wanted: Wanted, context: Context, rules: Rulebook) -> Manual:
    """Proposes it, or orders it where another officer has proposed the same; of a replay what it was about, as it is.

    Raises RequestIdReused, NotFound, StaleVersion, StateForbids, SecondPersonNeeded, ManualReleaseForbidden or
    EmergencyForbidden, and then changes nothing.
    """
    case, known = _locked(connection, wanted.number)  # (1)
    if replayed(connection, wanted.request):
        return _acted_on(known, wanted)
    if wanted.version != case.version:
        raise StaleVersion(wanted.version, case.version)
    if case.state not in BEFORE_RELEASE:
        raise StateForbids(case.state.name, _ORDER)
    standing = _proposed(connection, known, case, wanted, context)
    whose = eyes(standing.proposal if standing else None, wanted.officer)
    if whose is Eyes.SAME:
        raise SecondPersonNeeded(_ORDER, wanted.officer)
    made = judged(connection, standing or _new(connection, wanted, len(known) + 1, context), case, context, rules)
    remember(connection, [wanted.request], context.now)
    if standing is None:
        insert_manual(connection, made)
        insert_proposal(connection, made.proposal)
        _audit(connection, "manual release proposed", made, wanted.officer, context)
        return made
    return _ordered(connection, case, made, wanted, context, rules)


def withdraw(connection: Connection, deed: Deed, context: Context, rules: Rulebook) -> Manual:
    """Takes back what is proposed, or what was ordered; of a replay what it was about, as it stands.

    Raises RequestIdReused, NotFound or StateForbids, and then changes nothing.
    """
    case, known = _locked(connection, deed.number)
    request = _request(deed, f"withdraw\n{deed.number}\n{deed.reason}")
    if replayed(connection, request):
        return _acted_on(known, deed)
    remember(connection, [request], context.now)
    proposed = next((each for each in known if each.state is ManualState.PROPOSED), None)
    if proposed is not None:
        return _dropped(connection, proposed, deed, context)
    if case.manual is None or case.manual.revoked.time is not None:
        raise StateForbids("NOT_ORDERED", _WITHDRAW)
    after = replace(case.manual, revoked=Act(deed.officer, deed.reason, context.now))
    _audit(connection, "manual release withdrawn", after, deed.officer, context)
    return _advanced(connection, case, after, context, rules)


def settle(connection: Connection, deed: Deed, context: Context, rules: Rulebook) -> Manual:
    """Records how a conflict was settled; of a replay what it was about, as it stands.

    Raises RequestIdReused, NotFound or StateForbids, and then changes nothing.
    """
    case, known = _locked(connection, deed.number)
    request = _request(deed, f"settle\n{deed.number}\n{deed.reason}")
    if replayed(connection, request):
        return _acted_on(known, deed)
    if case.manual is None or case.manual.state is not ManualState.CONFLICT:
        raise StateForbids(case.manual.state.name if case.manual else "NOT_ORDERED", _SETTLE)
    remember(connection, [request], context.now)
    after = replace(case.manual, settled=Act(deed.officer, deed.reason, context.now))
    _audit(connection, "manual release settled", after, deed.officer, context)
    return _advanced(connection, case, after, context, rules)


def _locked(connection: Connection, number: str) -> tuple[Case, list[Manual]]:
    case = load_cases(connection, [number], lock=True).get(number)
    if case is None:
        raise NotFound("clearance", number)
    return case, load_manuals(connection, [number]).get(number, [])


def _proposed(
    connection: Connection, known: Sequence[Manual], case: Case, wanted: Wanted, context: Context
) -> Manual | None:
    """The proposal that stands. One for an earlier version fell with it; one that says something else bars this one."""
    standing = next((each for each in known if each.state is ManualState.PROPOSED), None)
    if standing is None:
        return None
    if standing.version != case.version:
        _dropped(connection, standing, Deed(wanted.request_id, wanted.officer, wanted.number, "amended"), context)
        return None
    if _content(standing) != wanted.content and standing.proposal.proposer != wanted.officer:
        proposer = standing.proposal.proposer
        raise ManualReleaseForbidden(case.number, "", f"{proposer} has proposed something else of it")
    return standing


def _content(manual: Manual) -> str:
    """As `Wanted.content`."""
    under = manual.fallback
    given = Given(under.emergency, under.units, under.currency, under.guarantee) if under else None
    about = (manual.version, to_text(manual.scope), sorted(manual.absent), manual.reason_code, manual.paper_number)
    return f"{manual.number} {about} {given}"


def _new(connection: Connection, wanted: Wanted, serial: int, context: Context) -> Manual:
    said = (wanted.officer, wanted.request_id, wanted.reason, context.now)
    return Manual(
        *(wanted.number, serial, wanted.version, wanted.scope, wanted.absent, wanted.reason_code, wanted.paper_number),
        *("", Proposal(wanted.number, MANUAL_RELEASE, str(serial), *said)),
        fallback=fallback(connection, wanted.given) if wanted.given else None,
    )


def _ordered(
    connection: Connection, case: Case, manual: Manual, wanted: Wanted, context: Context, rules: Rulebook
) -> Manual:  # (3)
    done = (ProposalState.DONE, wanted.officer, wanted.request_id, context.now)
    end_proposal(connection, manual.proposal, *done)
    proposal = replace(manual.proposal, state=done[0], second=done[1], end_request_id=done[2], end_time=done[3])
    under = drawn(connection, manual.fallback, context.now) if manual.fallback else None
    after = replace(
        manual,
        proposal=proposal,
        state=ManualState.OPEN,
        second_reason=wanted.reason,
        order_number=case.order_number + 1,
        fallback=under,
    )
    _audit(connection, "manual release ordered", after, wanted.officer, context)
    return _advanced(connection, case, after, context, rules)


def _advanced(connection: Connection, case: Case, manual: Manual, context: Context, rules: Rulebook) -> Manual:  # (4)
    """The case with it, and the order that this makes due."""
    found = standings(case.policy.asked, case.version, load_decisions(connection, [case.number])[case.number])
    after = advance_to(case.changed(manual=manual), found, context.now, context.legal_now, news=True)
    step = Step(case, after, found)
    insert_orders(connection, [each for each in issue([step], context, rules.make_orders) if each is not None])
    insert_untold(connection, outcomes([step], context))
    if after.state is not case.state or after.order_number != case.order_number:
        details = {"from": case.state.name, "to": after.state.name, "order": after.order_number}
        scope = {"scope": to_text(after.part)} if after.part is not None else {}
        write_audit(connection, context.replica, context.now, [Entry(case.number, STATE, details=details | scope)])
    # Whoever holds it, or is called to it, finds it due.
    idle = bool(idle_cases(connection, [case.number]))
    take_over(connection, case)
    after.epoch = case.epoch + 1
    due = context.when_due(next_deadline(after)) if after.waiting else None
    hold = Hold("", 0, due if idle else context.lease_now(connection), take_changes(connection, 1))
    update_cases(connection, [(case, after, hold)])
    if after.surety:
        wake_releases(connection, [after.number], context.lease_now(connection))
    return after.manual or manual


def _dropped(connection: Connection, proposed: Manual, deed: Deed, context: Context) -> Manual:
    """A proposal that is not carried out."""
    ended = (ProposalState.WITHDRAWN, deed.officer, deed.request_id, context.now)
    end_proposal(connection, proposed.proposal, *ended)
    proposal = replace(proposed.proposal, state=ended[0], second=ended[1], end_request_id=ended[2], end_time=ended[3])
    after = replace(proposed, state=ManualState.WITHDRAWN, second_reason=deed.reason, proposal=proposal)
    update_manuals(connection, [after])
    _audit(connection, "manual release dropped", after, deed.officer, context)
    return after


def _acted_on(known: Sequence[Manual], said: Wanted | Deed) -> Manual:
    """What a replay was about: the one that this request proposed or ended, else the newest."""
    key = (said.officer, said.request_id)
    # The newest first: what it proposed comes after what fell with it.
    for each in reversed(known):
        proposal = each.proposal
        if key in ((proposal.proposer, proposal.request_id), (proposal.second, proposal.end_request_id)):
            return each
    return known[-1]


def _audit(connection: Connection, event: str, manual: Manual, officer: str, context: Context) -> None:
    details: dict[str, object] = {"serial": manual.serial, "operator": officer, "absent": " ".join(manual.absent)}
    if manual.fallback is not None:
        details |= {"emergency": manual.fallback.emergency, "ordinal": manual.fallback.ordinal}
    write_audit(connection, context.replica, context.now, [Entry(manual.number, event, details=details)])


def _request(act: Wanted | Deed, said: str) -> Request:
    return Request(act.officer, MANUAL, act.request_id, hashlib.sha256(said.encode()).digest(), act.number)
