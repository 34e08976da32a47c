"""A withdrawal asked for, in one transaction. Only when every agency has agreed is the case withdrawn."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.refusals import StaleVersion, StateForbids
from gateway.domain.advance import advance
from gateway.domain.case import Ask, AskState, Case, Withdrawal
from gateway.domain.identifiers import withdraw as purpose_of_round
from gateway.domain.states import BEFORE_RELEASE
from gateway.domain.withdrawal import withdrawal_standing
from gateway.operations.amend import own_case, replayed
from gateway.operations.context import Context
from gateway.operations.fold import moved_entries
from gateway.operations.ports import Met
from gateway.operations.questions import Cargo
from gateway.storage.audit import Entry, write_audit
from gateway.storage.cases import Hold, insert_withdrawal, take_over, update_cases
from gateway.storage.changes import take_changes
from gateway.storage.consignments import load_versions
from gateway.storage.decisions import load_decisions
from gateway.storage.requests import WITHDRAWAL, Request, remember


@dataclass(frozen=True, slots=True)
class Wish:
    """The broker's wish to withdraw a version of a case."""

    request_id: str
    # Identity of the broker, from the certificate.
    broker: str
    number: str
    version: int
    reason: str
    # The partner's gateway that says who wishes it.
    relayed_from: str = ""

    @property
    def request(self) -> Request:
        """The request id with what it stands for."""
        content = hashlib.sha256(f"{self.number}\n{self.version}\n{self.reason}".encode()).digest()
        return Request(self.broker, WITHDRAWAL, self.request_id, content, self.number)


def withdraw(connection: Connection, wish: Wish, context: Context) -> Cargo | None:
    """The case with the withdrawal to be put before the agencies, held by this replica; None for a replay.

    A withdrawal that an agency refused may be asked for again under a new request id; who agreed is not asked again.
    Raises RequestIdReused, NotFound, StaleVersion or StateForbids, and then changes nothing.
    """
    if replayed(connection, wish.request):
        return None
    case = own_case(connection, wish.number, wish.broker)
    if wish.version != case.version:
        raise StaleVersion(wish.version, case.version)
    standing = withdrawal_standing(case)
    if case.state not in BEFORE_RELEASE or (standing is not None and standing.open):
        raise StateForbids(case.state.name, "WithdrawClearance")
    wished = _wished(case, wish, context, agreed=standing.agreed if standing else ())
    decisions = load_decisions(connection, [case.number])[case.number]
    # Deadlines that have passed meanwhile are recorded with their alarm, by recovery.
    after = advance(wished, decisions, context.now, case.update_time, news=True)
    _store(connection, case, after, wish, context)
    version = load_versions(connection, {case.number: case.version})[case.number]
    return Cargo(after, version)


def _wished(case: Case, wish: Wish, context: Context, agreed: tuple[str, ...]) -> Case:
    round_number = case.withdrawal.round + 1 if case.withdrawal else 1
    purpose = purpose_of_round(round_number)
    asks = tuple(
        Ask(
            agency,
            purpose,
            case.version,
            AskState.ANSWERED if agency in agreed else AskState.PUT,
            ask_time=context.now,
            due_time=context.now,
        )
        for agency in case.policy.told
    )
    before = tuple(ask for ask in case.asks if ask not in case.withdrawal_asks())
    audiences = tuple([case.policy.asked[agency] for agency in case.policy.told])
    digest = hashlib.sha256(wish.reason.encode()).digest()
    met = Met(wish.broker, case.number, case.version, digest, audiences, wish.relayed_from, withdrawal=True)
    [assertion] = context.vouch([met], context.now)
    withdrawal = Withdrawal(round_number, case.version, wish.request_id, wish.reason, context.now, assertion)
    return case.changed(withdrawal=withdrawal, asks=(*before, *asks), epoch=case.epoch + 1)


def _store(connection: Connection, case: Case, after: Case, wish: Wish, context: Context) -> None:
    remember(connection, [wish.request], context.now)
    if after.withdrawal is not None:
        insert_withdrawal(connection, case.number, after.withdrawal)
    details = {"version": after.version, "round": after.withdrawal.round if after.withdrawal else 0}
    entries = [Entry(case.number, "withdrawal", details=details), *moved_entries(case, after)]
    write_audit(connection, context.replica, context.now, entries)
    take_over(connection, case)
    until = context.lease_end(connection)
    hold = Hold(context.replica, until, until, take_changes(connection, 1))
    update_cases(connection, [(case, after, hold)])
