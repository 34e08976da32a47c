"""Setting single items aside, and having them tried again.

Set aside: (1) the item is noted with its reason and tries, and audited, in the transaction that gives it up;
(2) its clearance shows that the port office must act; whoever works on that now is fenced off, and it comes again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import InitVar, dataclass

from sqlalchemy import Connection

from agencykit.telemetry.metrics import Metrics
from gateway.domain.case import Case
from gateway.domain.deadlines import PORT_OFFICE
from gateway.domain.decision import Wait, WaitKind
from gateway.domain.quarantine import Item, Kind, Poison
from gateway.domain.waiting import QUARANTINE, QUARANTINE_RULE
from gateway.operations.context import Context
from gateway.operations.log import Log
from gateway.storage.audit import QUARANTINED, Entry, write_audit
from gateway.storage.cases import Hold, load_cases, take_over, update_cases
from gateway.storage.changes import take_changes
from gateway.storage.quarantine import note_poison

# Of these the case itself says whom it waits for, or there is none.
_OF_MOVEMENTS = frozenset({Kind.LETTER, Kind.MOVEMENT, Kind.MOVEMENT_GUARANTEE})
_SPEAK_FOR_THEMSELVES = _OF_MOVEMENTS | {Kind.QUESTION}
# What cannot be read of a case that is damaged.
UNREADABLE = (ValueError, KeyError, TypeError, IndexError)


@dataclass(slots=True)
class Aside:
    """Tells people of what was set aside, after its commit, and counts it."""

    log: Log
    metrics: InitVar[Metrics]
    count: int = 0

    def __post_init__(self, metrics: Metrics) -> None:
        metrics.watch("quarantine.set_aside", "1", "items set aside since the start", lambda: float(self.count))

    def tell(self, items: Iterable[Item]) -> None:
        """One line for each, to be looked at now."""
        for each in items:
            self.count += 1
            about = "movement" if each.kind in _OF_MOVEMENTS else "clearance.number"
            said = {"kind": each.kind.name, "reason": each.reason, "attempt": each.tries, "item.id": each.id}
            self.log.error("quarantine.set_aside", party=each.party, **{about: each.number}, **said)


def set_aside(connection: Connection, poison: Sequence[Poison], context: Context) -> list[Item]:
    """Sets items aside; tell them (Aside) once it is committed."""
    if not poison:
        return []
    items = note_poison(connection, poison, context.now)
    write_audit(connection, context.replica, context.now, [_entry(each) for each in items])
    concerned = [each for each in items if each.number and each.kind not in _SPEAK_FOR_THEMSELVES]
    waits: dict[str, list[Wait]] = {}
    for each in concerned:
        waits.setdefault(each.number, []).append(_wait(each, context))
    change_waits(connection, {number: _with(added) for number, added in waits.items()}, context)
    return items


def _entry(item: Item) -> Entry:
    details = {"item": item.id, "kind": item.kind.name, "subject": item.subject, "reason": item.reason}
    return Entry(item.number, QUARANTINED, item.party, {**details, "tries": item.tries})


def _wait(item: Item, context: Context) -> Wait:
    said = (item.id, QUARANTINE_RULE, item.party, context.now)
    return Wait(WaitKind.PERSON, PORT_OFFICE, QUARANTINE, *said)


@dataclass(frozen=True, slots=True)
class WaitChange:
    """What is added to a case's waiting list, and the items that it waits for no longer."""

    added: Sequence[Wait] = ()
    gone: frozenset[str] = frozenset()

    def __call__(self, before: tuple[Wait, ...]) -> tuple[Wait, ...]:
        known = {wait.fact_key for wait in before if wait.fact_kind == QUARANTINE}
        kept = [wait for wait in before if wait.fact_kind != QUARANTINE or wait.fact_key not in self.gone]
        return (*kept, *(wait for wait in self.added if wait.fact_key not in known))


def _with(added: Sequence[Wait]) -> WaitChange:
    return WaitChange(added)


def without(items: Iterable[Item]) -> Mapping[str, WaitChange]:
    """Number -> its waiting list without these items."""
    gone: dict[str, set[str]] = {}
    for each in items:
        if each.number:
            gone.setdefault(each.number, set()).add(each.id)
    return {number: WaitChange(gone=frozenset(ids)) for number, ids in gone.items()}


def change_waits(connection: Connection, changes: Mapping[str, WaitChange], context: Context) -> None:
    """Changes waiting lists of cases. One that cannot be read stays as it is; whoever works on one finds it due."""
    now = context.lease_now(connection)
    changed: list[tuple[Case, Case]] = []
    for number in sorted(changes):
        try:
            case = load_cases(connection, [number], lock=True).get(number)
        except UNREADABLE:
            continue
        if case is None or (waiting := changes[number](case.waiting)) == case.waiting:
            continue
        take_over(connection, case)
        after = case.changed(waiting=waiting, epoch=case.epoch + 1, etag=case.etag + 1, update_time=context.now)
        changed.append((case, after))
    if changed:
        first = take_changes(connection, len(changed))
        holds = [Hold("", 0, now, first + place) for place in range(len(changed))]
        update_cases(connection, [(*pair, hold) for pair, hold in zip(changed, holds, strict=True)])
