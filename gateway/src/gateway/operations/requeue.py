"""Having set-aside items tried again, by hand: one transaction for one item, or for the oldest 256 of a kind or party.

(1) the items are marked, with identity and reason, and the audit says so; (2) each kind is due where it stands: a
question at its agency, an outcome in its outbox, a letter in its stream; what has no other place is taken up again by
whoever set it aside; (3) their clearances wait for the port office no longer.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from sqlalchemy import Connection

from agencykit.refusals import NotFound, StateForbids
from gateway.domain.advance import advance_to
from gateway.domain.decision import standings
from gateway.domain.identifiers import Micros
from gateway.domain.intervention import Act, Intervention, asked_again
from gateway.domain.quarantine import Item, Kind, Standing
from gateway.domain.transit.states import Side
from gateway.operations.amend import replayed
from gateway.operations.context import Context
from gateway.operations.fold import moved_entries
from gateway.operations.guarantee_steps import generation_of
from gateway.operations.quarantine import change_waits, without
from gateway.storage.audit import REQUEUED, Entry, write_audit
from gateway.storage.called_off import tell_called_off_again
from gateway.storage.cases import Hold, load_cases, take_over, update_cases
from gateway.storage.changes import take_changes
from gateway.storage.decisions import load_decisions
from gateway.storage.guarantees import set_due
from gateway.storage.interventions import insert_intervention
from gateway.storage.leases import wake_cases
from gateway.storage.movement_mail import Stream, requeue_letters
from gateway.storage.outcomes import tell_outcomes_again
from gateway.storage.quarantine import (
    Filter,
    count_set_aside,
    load_items,
    page_of_items,
    requeue_items,
    requeued_by,
)
from gateway.storage.requests import REQUEUE, Request, remember
from gateway.storage.snapshot import begin_snapshot
from gateway.storage.tables import guarantee_releases, movement_guarantees
from gateway.storage.verifications import look_again

MOST = 256


@dataclass(frozen=True, slots=True)
class Requeue:
    """Who has what tried again, and why: one item, or all of a kind, a party, or both."""

    request_id: str
    # From the certificate.
    operator: str
    reason: str
    id: str = ""
    kind: int = 0
    party: str = ""

    @property
    def request(self) -> Request:
        """The request id with what it stands for."""
        said = f"{self.id}\n{self.kind}\n{self.party}\n{self.reason}"
        return Request(self.operator, REQUEUE, self.request_id, hashlib.sha256(said.encode()).digest())


def page(connection: Connection, wanted: Filter, after: tuple[Micros, str], size: int) -> tuple[list[Item], int]:
    """The next ones, the oldest first, and how many are set aside in all."""
    begin_snapshot(connection)
    return page_of_items(connection, wanted, after, size), count_set_aside(connection)


def find(connection: Connection, id: str, *, lock: bool = False) -> Item:
    """One with its content; NotFound."""
    item = load_items(connection, [id], lock=lock).get(id)
    if item is None:
        raise NotFound("quarantined item", id)
    return item


def requeue_one(connection: Connection, wanted: Requeue, context: Context) -> Item:
    """As it stands then; of a replay as it stands now. Raises RequestIdReused, NotFound or StateForbids."""
    item = find(connection, wanted.id, lock=True)
    if replayed(connection, wanted.request):
        return item
    if item.state is not Standing.SET_ASIDE:
        raise StateForbids(item.state.name, "RequeueQuarantinedItem")
    _requeue(connection, [item], wanted, context)
    return find(connection, wanted.id)


def requeue_all(connection: Connection, wanted: Requeue, context: Context) -> tuple[list[Item], bool]:
    """The oldest, as they stand then, and whether there are more; of a replay those that it was about."""
    if not replayed(connection, wanted.request):
        found = page_of_items(connection, Filter(wanted.kind, wanted.party), (0, ""), MOST)
        _requeue(connection, found, wanted, context)
    more = bool(page_of_items(connection, Filter(wanted.kind, wanted.party), (0, ""), 1))
    return requeued_by(connection, wanted.request_id), more


def _requeue(connection: Connection, items: Sequence[Item], wanted: Requeue, context: Context) -> None:
    remember(connection, [wanted.request], context.now)
    ids = [each.id for each in items]
    requeue_items(connection, ids, wanted.operator, wanted.reason, wanted.request_id, context.now)
    write_audit(connection, context.replica, context.now, [_entry(each, wanted) for each in items])
    change_waits(connection, without(items), context)
    for kind, group in groupby(sorted(items, key=attrgetter("kind", "number")), key=attrgetter("kind")):
        if kind in _DUE:
            _DUE[kind](connection, list(group), wanted, context)


def _entry(item: Item, wanted: Requeue) -> Entry:
    return Entry(item.number, REQUEUED, item.party, {"item": item.id, "operator": wanted.operator})


def _ask(connection: Connection, items: Sequence[Item], wanted: Requeue, context: Context) -> None:
    """Cases are taken over from whoever holds them, and due at once."""
    by_number: dict[str, set[tuple[str, str]]] = {}
    for each in items:
        by_number.setdefault(each.number, set()).add((each.party, each.subject))
    cases = load_cases(connection, sorted(by_number), lock=True)
    decisions, due = load_decisions(connection, cases), context.lease_now(connection)
    changed, entries = [], []
    for number, case in cases.items():
        found = standings(case.policy.asked, case.version, decisions[number])
        asked = asked_again(case, by_number[number], context.now)
        after = advance_to(asked, found, context.now, case.update_time, news=True)
        said = Intervention(Act.RETRY, wanted.request_id, wanted.operator, number, wanted.reason)
        insert_intervention(connection, said, context.now, urgent=case.urgent)
        entries += moved_entries(case, after)
        take_over(connection, case)
        after.epoch = case.epoch + 1
        changed.append((case, after))
    write_audit(connection, context.replica, context.now, entries)
    first = take_changes(connection, len(changed)) if changed else 0
    update_cases(connection, [(*pair, Hold("", 0, due, first + place)) for place, pair in enumerate(changed)])


def _tell(connection: Connection, items: Sequence[Item], _wanted: Requeue, context: Context) -> None:
    aside = [(each.party, each.number, int(each.subject)) for each in items]
    tell_outcomes_again(connection, aside, context.lease_now(connection))


def _call_off(connection: Connection, items: Sequence[Item], _wanted: Requeue, context: Context) -> None:
    aside = [(each.party, each.number, int(each.subject)) for each in items]
    tell_called_off_again(connection, aside, context.lease_now(connection))


def _post(connection: Connection, items: Sequence[Item], _wanted: Requeue, context: Context) -> None:
    aside = []
    for each in items:
        side, _, sequence = each.subject.partition(" ")
        aside.append((Stream(each.party, Side[side.upper()], each.number), int(sequence)))
    requeue_letters(connection, aside, context.lease_now(connection))


def _wake(connection: Connection, items: Sequence[Item], _wanted: Requeue, context: Context) -> None:
    wake_cases(connection, sorted({each.number for each in items}), context.lease_now(connection))


def _step(connection: Connection, items: Sequence[Item], _wanted: Requeue, context: Context) -> None:
    now = context.lease_now(connection)
    for each in items:
        table = guarantee_releases if each.kind is Kind.GUARANTEE else movement_guarantees
        set_due(connection, each.number, each.party, generation_of(each), now, table)


def _say(connection: Connection, items: Sequence[Item], _wanted: Requeue, _context: Context) -> None:
    look_again(connection, sorted({each.number for each in items}))


# How an item of a kind becomes due again. What is not here is looked for by whoever set it aside.
_DUE: Mapping[Kind, Callable[[Connection, Sequence[Item], Requeue, Context], None]] = {
    Kind.QUESTION: _ask,
    Kind.OUTCOME: _tell,
    Kind.CALLED_OFF: _call_off,
    Kind.LETTER: _post,
    Kind.CLEARANCE: _wake,
    Kind.GUARANTEE: _step,
    Kind.MOVEMENT_GUARANTEE: _step,
    Kind.VERIFICATION: _say,
}
