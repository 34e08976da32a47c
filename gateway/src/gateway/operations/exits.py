"""What the port's list of exits brought, in one transaction: exits, the cases they end, and how far it has been read.

A case is taken over from whoever holds it; what he still records is fenced off and comes again by the agency's feed.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import NamedTuple

from sqlalchemy import Connection

from gateway.domain.case import Case
from gateway.domain.deadlines import next_deadline
from gateway.domain.decision import standings
from gateway.domain.exit import LEFT_BY, MAY_LEAVE, Exit, Way, leave
from gateway.domain.identifiers import Micros
from gateway.domain.quarantine import Item, Kind, Poison
from gateway.domain.states import OUTCOMES
from gateway.operations.context import Context
from gateway.operations.quarantine import set_aside
from gateway.storage.audit import EXIT, STATE, Entry, write_audit
from gateway.storage.cases import Hold, load_cases, take_over, update_cases
from gateway.storage.changes import take_changes
from gateway.storage.decisions import load_decisions
from gateway.storage.exits import idle_cases, insert_exits
from gateway.storage.feeds import load_positions, store_positions
from gateway.storage.outcomes import Outcome, insert_untold
from gateway.storage.quarantine import set_aside_of, settle

# Why an exit is set aside that came after another of the same case that is.
BEHIND = "BEHIND"
# The name under which the position in the port's list stands beside those in its logs.
LIST = "gate_outs"


def exit_position(connection: Connection, agency: str) -> int:
    """The last position read."""
    return load_positions(connection, agency).get(LIST, 0)


class Noted(NamedTuple):
    """For people: numbers of cases out of which goods left although none was released, and what was set aside."""

    unreleased: Sequence[str] = ()
    aside: Sequence[Item] = ()


def record_exits(
    connection: Connection, agency: str, told: Sequence[Exit], reached: int | None, context: Context
) -> Noted:
    """Records exits, and how far the list has been read, but for what is tried again (None).

    Exits of cases of nobody here are passed over: the port serves other gateways too. One of a case of which an earlier
    one is set aside is set aside after it.
    """
    if reached is not None:
        store_positions(connection, agency, {LIST: reached})
    stopped = set_aside_of(connection, Kind.EXIT, [each.number for each in told])
    behind = [poison_of(agency, each, BEHIND, 1) for each in told if each.number in stopped]
    told = [each for each in told if each.number not in stopped]
    aside = set_aside(connection, behind, context)
    cases = load_cases(connection, [each.number for each in told], lock=True)
    # Of goods that are verified elsewhere only that district tells, and it of no others.
    ours = [each for each in told if each.number in cases and agency in cases[each.number].policy.asked]
    idle = idle_cases(connection, cases)
    after = _after(connection, cases, ours, context.now)
    homes = {number: case.policy.declared_at for number, case in cases.items()}
    insert_exits(connection, ours, context.now, homes)
    insert_untold(connection, _closed(cases, after, context.now))
    _audit(connection, cases, after, ours, context)
    _store(connection, cases, after, idle, context)
    return Noted(sorted({each.number for each in ours if cases[each.number].state not in MAY_LEAVE}), aside)


def pass_over(
    connection: Connection, agency: str, exit: Exit, reached: int, reason: str, context: Context
) -> list[Item]:
    """Sets one exit aside, so that the list is read on."""
    store_positions(connection, agency, {LIST: reached})
    return set_aside(connection, [poison_of(agency, exit, reason, context.limits.refusals)], context)


def record_again(connection: Connection, agency: str, item: Item, context: Context) -> Noted:
    """One that was set aside, from its record."""
    noted = record_exits(connection, agency, [Exit(**json.loads(item.content))], None, context)
    if not noted.aside:
        settle(connection, [item.id])
    return noted


def poison_of(agency: str, exit: Exit, reason: str, tries: int) -> Poison:
    """It, with all that it says."""
    content = json.dumps(asdict(exit)).encode()
    return Poison(Kind.EXIT, agency, exit.number, exit.subject, reason, tries, content=content)


def _after(connection: Connection, cases: dict[str, Case], told: Sequence[Exit], now: Micros) -> dict[str, Case]:
    decisions = load_decisions(connection, cases)
    after = dict(cases)
    for exit in told:
        case = after[exit.number]
        found = standings(case.policy.asked, case.version, decisions[exit.number])
        after[exit.number] = leave(case, exit, found, now)
    return after


def _audit(
    connection: Connection, before: dict[str, Case], after: dict[str, Case], told: Sequence[Exit], context: Context
) -> None:
    entries = [Entry(each.number, EXIT, details={"position": each.position, "last": each.last}) for each in told]
    last = {each.number: each for each in told if each.last}
    for number, case in after.items():
        if case.state is not before[number].state:
            entries += _steps(before[number], case, last[number])
    write_audit(connection, context.replica, context.now, entries)


def _steps(before: Case, after: Case, last: Exit) -> Iterator[Entry]:
    """Goods left when they left, not when it was heard of; the case is closed when it is."""
    left = LEFT_BY[Way(last.way)]
    yield Entry(after.number, STATE, details={"from": before.state.name, "to": left.name, "time": last.exit_time})
    if after.state is not left:
        details = {"from": left.name, "to": after.state.name, "order": after.order_number}
        yield Entry(after.number, STATE, details=details)


def _closed(before: dict[str, Case], after: dict[str, Case], now: Micros) -> Iterator[Outcome]:
    for number, case in after.items():
        if case.order_number != before[number].order_number:
            yield Outcome(number, case.order_number, case.version, OUTCOMES[case.state], now)


def _store(
    connection: Connection, before: dict[str, Case], after: dict[str, Case], idle: set[str], context: Context
) -> None:
    """Whoever held one, or was called to it, finds it due."""
    numbers = sorted(after)
    if not numbers:
        return
    due = context.lease_now(connection)
    for number in numbers:
        take_over(connection, before[number])
        after[number].epoch = before[number].epoch + 1
    first = take_changes(connection, len(numbers))
    holds = [
        Hold("", 0, context.when_due(_deadline(after[number])) if number in idle else due, first + place)
        for place, number in enumerate(numbers)
    ]
    update_cases(
        connection,
        [(before[number], after[number], hold) for number, hold in zip(numbers, holds, strict=True)],
    )


def _deadline(case: Case) -> Micros | None:
    """When the next one passes for whoever must still act on goods that are gone."""
    return next_deadline(case) if case.waiting else None
