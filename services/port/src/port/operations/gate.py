"""Goods leave: one transaction for a batch of reports, each answered by itself.

(1) Facts and holds stand still: whoever places a hold or tells an order waits until this is decided, and the other way
round. (2) What was reported before is answered as it was recorded. (3) What is known is read, one query for each table.
(4) The rules are asked, report by report, each seeing what went out before it. (5) What may leave is stored, and its
place in the yard is free.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from agencykit.decisions.completeness import view_age
from agencykit.decisions.due import share_facts
from agencykit.decisions.lookups import known_requests
from agencykit.decisions.outcomes import lock_numbers
from agencykit.decisions.positions import take_positions
from agencykit.decisions.requests import Claim, remember_requests
from agencykit.refusals import NotFound, RecordPurged, Refusal, RequestIdReused
from port.domain.facts import Hold
from port.domain.gate import GateFacts, Release, Report
from port.domain.goods import Goods
from port.domain.rules.gate import why_it_stays
from port.operations.beside import Neighbours, boxes_of, numbers_beside, read_neighbours
from port.operations.denials import denial
from port.operations.releases import Readers, read_releases
from port.storage.holds import holds_on
from port.storage.loads import countable_packages, remaining
from port.storage.places import free_places
from port.storage.releases import GateOut, add_exits, exits_of, terminals_of

RESOURCE = "gate_out"
LIST = "gate_outs"
MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Gate:
    """How the gate decides: whose orders it obeys, and how old its view of them may be."""

    gateway: str
    limit_seconds: int
    readers: Readers
    # Agencies without whose decisions nothing is loaded.
    loading_rests_on: tuple[str, ...] = ()
    # Whether it obeys orders by hand, and in whose place none.
    accepts_by_hand: bool = True
    never_absent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reported:
    """One report with its particulars. `terminal` is the reporter's own where he may speak of no other."""

    claim: Claim
    report: Report
    exit_time: int
    place_code: str
    conveyance: str
    terminal: str = ""


@dataclass(slots=True)
class _Known:
    """What a batch's decisions rest on; `exits` grows as goods leave."""

    age_seconds: int | None
    releases: Mapping[str, Release]
    exits: dict[str, list[GateOut]]
    holds: Mapping[str, Sequence[Hold]]
    terminals: Mapping[str, str]
    # Packages of loose goods that may leave in all.
    countable: Mapping[Goods, int]
    neighbours: Neighbours


def report_gate_outs(
    connection: Connection, gate: Gate, reported: Sequence[Reported], now: int
) -> list[GateOut | Refusal]:
    """Decides each report; the answers in their order."""
    numbers = sorted({one.report.clearance_number for one in reported})
    share_facts(connection)  # (1)
    boxes = {one.report.container for one in reported if one.report.container}
    locked = sorted(numbers_beside(connection, gate.readers, numbers, boxes).union(numbers))
    lock_numbers(connection, locked)
    seen = known_requests(connection, RESOURCE, [one.claim.request_id for one in reported])  # (2)
    known = _known(connection, gate, numbers, locked, boxes, now)  # (3)
    first = take_positions(connection, LIST, len(reported))
    answers: list[GateOut | Refusal] = []
    added: list[tuple[Claim, GateOut]] = []
    for place, one in enumerate(reported):
        key = (one.claim.scope, one.claim.request_id)
        if key in seen:
            answers.append(_again(one, seen[key][0], known))
            continue
        answer = _decide(gate, one, known, now, first + place)  # (4)
        if isinstance(answer, GateOut):
            seen[key] = (one.claim.digest, answer.clearance_number, answer.version)
            added.append((one.claim, answer))
        answers.append(answer)
    add_exits(connection, [left for _, left in added])  # (5)
    free_places(connection, [place for _, left in added for place in _places(left, known.neighbours)])
    remember_requests(connection, [claim for claim, _ in added], now)
    return answers


def _places(left: GateOut, neighbours: Neighbours) -> list[tuple[str, str]]:
    """(document, container) of all that went with it."""
    return [(document, left.subject) for document in sorted(neighbours.documents(left.document, left.subject))]


def _known(
    connection: Connection, gate: Gate, numbers: Sequence[str], locked: Sequence[str], boxes: Collection[str], now: int
) -> _Known:
    age = view_age(connection, gate.gateway, now)
    releases = read_releases(connection, gate.readers, locked)
    goods = [release.goods for number in numbers if (release := releases.get(number)) and release.goods]
    counts = countable_packages(connection, goods)
    exits = exits_of(connection, locked)
    neighbours = read_neighbours(connection, gate.readers, boxes_of(goods, boxes), releases, exits)
    beside = neighbours.beside.documents.values()
    subjects = {number for each in goods for number in (each.document, *each.containers) if number}.union(*beside)
    terminals = terminals_of(connection, {each.document for each in goods})
    seconds = None if age is None else -(-age // MICROSECONDS)
    return _Known(seconds, releases, exits, holds_on(connection, subjects), terminals, counts, neighbours)


def _again(one: Reported, digest: bytes, known: _Known) -> GateOut | Refusal:
    """A report that was recorded before, as it was recorded."""
    if digest != one.claim.digest:
        return RequestIdReused(one.claim.request_id)
    exits = known.exits.get(one.report.clearance_number, ())
    wanted = (one.claim.scope, one.claim.request_id)
    recorded = (each for each in exits if (each.reporter, each.request_id) == wanted)
    return next(recorded, None) or RecordPurged("gate out", one.claim.request_id)


def _decide(gate: Gate, one: Reported, known: _Known, now: int, position: int) -> GateOut | Refusal:
    report = one.report
    release = known.releases.get(report.clearance_number)
    goods = release.goods if release else None
    if one.terminal and (goods is None or known.terminals.get(goods.document) != one.terminal):
        return NotFound("release", report.clearance_number)
    exits = known.exits.get(report.clearance_number, [])
    left = remaining(known.countable.get(goods), exits) if goods else None
    documents = sorted(known.neighbours.documents(goods.document, report.container)) if goods else ()
    holds = tuple([hold for subject in (*documents, report.container) for hold in known.holds.get(subject, ())])
    facts = GateFacts(
        gate.limit_seconds,
        known.age_seconds,
        release,
        holds,
        _is_out(report, exits),
        left,
        gate.loading_rests_on,
        accepts_by_hand=gate.accepts_by_hand,
        never_absent=gate.never_absent,
    )
    if goods:
        facts = replace(facts, beside=known.neighbours.keeping(report, goods.document, facts))
    finding = why_it_stays(report, facts)
    if finding is not None:
        return denial(finding)
    if release is None or goods is None:
        raise AssertionError("the gate's rules let goods out that the port does not know")
    made = GateOut(
        clearance_number=report.clearance_number,
        subject=report.container,
        document=goods.document,
        version=release.version,
        order_number=release.order,
        way=report.way,
        exit_time=one.exit_time,
        place_code=one.place_code,
        conveyance=one.conveyance,
        reporter=one.claim.scope,
        request_id=one.claim.request_id,
        record_time=now,
        last=_is_last(report, goods, exits, left),
        position=position,
        load_number=0 if report.container else len(exits) + 1,
        packages=0 if report.container else report.packages or left or 0,
    )
    known.exits.setdefault(report.clearance_number, []).append(made)
    return made


def _is_out(report: Report, exits: Sequence[GateOut]) -> bool:
    """Whether the container, or the last of the loose goods, left before."""
    return any(each.subject == report.container and (each.subject or each.last) for each in exits)


def _is_last(report: Report, goods: Goods, exits: Sequence[GateOut], left: int | None) -> bool:
    """Whether with it the last of the goods leave."""
    if goods.containers:
        return set(goods.containers) <= {report.container, *(each.subject for each in exits)}
    return not report.packages or report.packages == left
