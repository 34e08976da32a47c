"""Steps of releases on guarantee in the database, one transaction each (domain.guarantee has the journey)."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from sqlalchemy import Connection, Table

from agencykit.refusals import NotFound, StateForbids
from gateway.domain.asking import may_ask
from gateway.domain.breaker import back_off_seconds
from gateway.domain.case import Case
from gateway.domain.decision import Standing, standings
from gateway.domain.guarantee import GuaranteeRelease, ReleaseState, Terms, reviewed, surety
from gateway.domain.guarantee_acts import Move, cancelled
from gateway.domain.identifiers import Micros
from gateway.domain.quarantine import Item, Poison
from gateway.operations.amend import own_case, replayed
from gateway.operations.context import Context
from gateway.operations.grants import audit_releases, grant
from gateway.operations.quarantine import set_aside
from gateway.operations.stuck import EVERY
from gateway.storage.cases import Hold, load_cases, take_over, update_cases
from gateway.storage.changes import take_changes
from gateway.storage.consignments import load_versions
from gateway.storage.decisions import load_decisions
from gateway.storage.guarantees import due_releases, insert_releases, load_releases, set_due, update_releases
from gateway.storage.requests import GUARANTEE, Request, remember
from gateway.storage.tables import guarantee_releases

# Cases that one step of the driver looks at, and uses that one call takes at most.
BATCH, MOST_IN_CALL = 64, 256
# A step that the ledger did not take is taken again, each time later, at most so much later.
LONGEST_SECONDS = 60.0
# All uses of a case by its number.
Known = Mapping[str, Sequence[GuaranteeRelease]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Release on guarantee asked for by a broker. `terms` are those that the ledger's agency states for `version`."""

    request_id: str
    broker: str
    number: str
    version: int
    terms: Terms | None
    grns: tuple[str, ...]
    # The district that keeps the guarantees, and the agency that keeps the ledger of this one.
    home: str
    ledger: str

    @property
    def request(self) -> Request:
        """The request id with what it stands for; terms and version may change before a replay, and are no part."""
        return _request(self.broker, self.request_id, self.number, "\n".join(("ask", self.number, *self.grns)))


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does to a case's release on guarantee."""

    request_id: str
    identity: str
    number: str


def ask(connection: Connection, asked: Asked, context: Context) -> GuaranteeRelease:
    """The intent, before the ledger is asked; of a replay the one that stands.

    Raises RequestIdReused, NotFound or StateForbids, and then changes nothing.
    """
    case = own_case(connection, asked.number, asked.broker)
    known = load_releases(connection, [asked.number])[asked.number]
    if replayed(connection, asked.request):
        return next(each for each in known if each.request_id == asked.request_id)
    found = standings(case.policy.asked, case.version, load_decisions(connection, [case.number])[case.number])
    terms, ledger = asked.terms, asked.ledger
    if terms is None or asked.version != case.version or not may_ask(case, found, ledger, terms, known):
        raise StateForbids(case.state.name, "RequestGuaranteeRelease")
    made = GuaranteeRelease(
        *(asked.number, len(known) + 1, ReleaseState.ASKED, terms, asked.grns),
        *(asked.home, asked.broker, asked.request_id, context.now),
        due_time=context.lease_end(connection),
        version=case.version,
    )
    remember(connection, [asked.request], context.now)
    insert_releases(connection, [made])
    audit_releases(connection, [made], context)
    return made


def cancel(connection: Connection, act: Act, context: Context) -> GuaranteeRelease:
    """Cancels the newest one that can be; of a replay the one that it acted on, as it stands.

    Raises RequestIdReused, NotFound or StateForbids, and then changes nothing.
    """
    case = own_case(connection, act.number, act.identity)
    known = load_releases(connection, [act.number])[act.number]
    request = _request(act.identity, act.request_id, act.number, f"cancel\n{act.number}")
    if replayed(connection, request):
        ended_by = (act.request_id, "")
        return next(each for each in known if (each.end_request_id, each.claimant) == ended_by)
    if not known:
        raise NotFound("guarantee release", act.number)
    move = cancelled(known, case, act.request_id, context.now)
    if move is None:
        raise StateForbids(known[-1].state.name, "CancelGuaranteeRelease")
    remember(connection, [request], context.now)
    record_moves(connection, [move], context)
    return move[1]


def any_case(connection: Connection, number: str) -> Case:
    """Whosever it is, its row locked."""
    case = load_cases(connection, [number], lock=True).get(number)
    if case is None:
        raise NotFound("clearance", number)
    return case


def record_moves(connection: Connection, moves: Sequence[Move], context: Context) -> list[GuaranteeRelease]:
    """Records (before, after), those that still are as they were, and what their cases may rest on from now on.

    A case is taken over from whoever holds it, and due at once.
    """
    cases = load_cases(connection, sorted({before.number for before, _ in moves}), lock=True)
    known = load_releases(connection, cases)
    states = {(each.number, each.generation): each.state for each in _each(known)}
    moves = [move for move in moves if states[move[0].number, move[0].generation] is move[0].state]
    update_releases(connection, moves)
    moved = [after for _, after in moves]
    audit_releases(connection, moved, context)
    _rest(connection, cases, _after(known, moves), context)
    return moved


def due_numbers(connection: Connection, home: str, context: Context) -> list[str]:
    """Cases with a step to be taken now at this home."""
    return due_releases(connection, home, context.lease_now(connection), BATCH)


def review(
    connection: Connection, ledger: str, home: str, numbers: Sequence[str], context: Context
) -> list[GuaranteeRelease]:
    """The releases of these cases of which a step is to be taken now at this home; what is no longer needed is to be
    returned.
    """
    now, legal = context.lease_now(connection), context.legal_in(connection)
    cases = load_cases(connection, sorted(numbers), lock=True)
    decisions, known = load_decisions(connection, cases), load_releases(connection, cases)
    found = {number: standings(case.policy.asked, case.version, decisions[number]) for number, case in cases.items()}
    moves: list[Move] = []
    for number, case in cases.items():
        moves += reviewed(known[number], case, found[number].get(ledger, Standing()), now, legal)
    update_releases(connection, moves)
    audit_releases(connection, [after for before, after in moves if after.state is not before.state], context)
    now_known = _after(known, moves)
    _rest(connection, cases, now_known, context)
    grant(connection, [(case, found[number]) for number, case in cases.items()], context)
    due = [
        each for each in _each(now_known) if each.home == home and each.due_time is not None and each.due_time <= now
    ]
    return due[:MOST_IN_CALL]


def put_off(
    connection: Connection,
    releases: Sequence[GuaranteeRelease],
    poison: Sequence[Poison],
    context: Context,
    table: Table = guarantee_releases,
) -> list[Item]:
    """Their step is taken again later; of those that are set aside never, until somebody has it tried again."""
    update_releases(connection, later(releases, context.lease_now(connection)), table)
    for each in poison:
        set_due(connection, each.number, each.party, generation_of(each), None, table)
    return set_aside(connection, poison, context)


def generation_of(item: Poison | Item) -> int | None:
    """Which use of its case; None for all."""
    return None if item.subject == EVERY else int(item.subject)


def later(releases: Sequence[GuaranteeRelease], now: Micros) -> list[Move]:
    """(before, after) of those whose step is to be taken again, each time later."""
    moves = []
    for each in releases:
        seconds = back_off_seconds(each.attempts, 1.0, LONGEST_SECONDS, first_seconds=1.0)
        moves.append((each, replace(each, attempts=each.attempts + 1, due_time=now + int(seconds * 1e6))))
    return moves


def releases_of(connection: Connection, number: str, broker: str) -> list[GuaranteeRelease]:
    """All of one case. Raises NotFound where there is none, or where it is not `broker`'s (empty: any)."""
    case = load_cases(connection, [number]).get(number)
    if case is None or broker not in ("", case.broker):
        raise NotFound("clearance", number)
    return load_releases(connection, [number])[number]


def about(connection: Connection, releases: Sequence[GuaranteeRelease]) -> list[tuple[Case, bytes]]:
    """The case of each, no two of one, and the version of its consignment that the release is about."""
    versions = {release.number: release.version for release in releases}
    cases, found = load_cases(connection, versions), load_versions(connection, versions)
    return [(cases[each.number], found[each.number].consignment) for each in releases]


def _rest(connection: Connection, cases: dict[str, Case], known: Known, context: Context) -> None:
    """What these cases may rest on, where it has changed; each is then looked at anew."""
    now = context.lease_now(connection)
    changed = []
    for number, case in cases.items():
        rests_on = surety(known[number], case, context.legal_in(connection))
        if rests_on is not case.surety:
            take_over(connection, case)
            after = case.changed(surety=rests_on, epoch=case.epoch + 1, etag=case.etag + 1, update_time=context.now)
            changed.append((case, after))
    if changed:
        first = take_changes(connection, len(changed))
        holds = [Hold("", 0, now, first + place) for place in range(len(changed))]
        update_cases(connection, [(*pair, hold) for pair, hold in zip(changed, holds, strict=True)])


def _after(known: Known, moves: Iterable[Move]) -> Known:
    """The same, once these moves are made."""
    moved = {(after.number, after.generation): after for _, after in moves}
    return {
        number: [moved.get((number, each.generation), each) for each in releases] for number, releases in known.items()
    }


def _each(known: Known) -> Iterable[GuaranteeRelease]:
    return chain.from_iterable(known.values())


def _request(originator: str, request_id: str, number: str, said: str) -> Request:
    return Request(originator, GUARANTEE, request_id, hashlib.sha256(said.encode()).digest(), number)
