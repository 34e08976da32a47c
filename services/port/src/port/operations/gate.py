"""Goods leave: one transaction for a batch of reports, each answered by itself.

(1) Facts and holds stand still: whoever places a hold or tells an order waits until this is decided, and the other way
round. (2) What was reported before is answered as it was recorded. (3) What is known is read, one query for each table.
(4) The rules are asked, report by report, each seeing what went out before it. (5) What may leave is stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.decisions.completeness import view_age
from agencykit.decisions.due import share_facts
from agencykit.decisions.lookups import known_requests
from agencykit.decisions.outcomes import lock_numbers
from agencykit.decisions.positions import take_positions
from agencykit.decisions.requests import Claim, remember_requests
from agencykit.refusals import NotFound, Refusal, RequestIdReused
from port.domain.facts import Hold
from port.domain.gate import GateFacts, Release, Report
from port.domain.rules.gate import why_it_stays
from port.operations.denials import denial
from port.operations.releases import Readers, read_releases
from port.storage.holds import holds_on
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


def report_gate_outs(
    connection: Connection, gate: Gate, reported: Sequence[Reported], now: int
) -> list[GateOut | Refusal]:
    """Decides each report; the answers in their order."""
    numbers = sorted({one.report.clearance_number for one in reported})
    share_facts(connection)  # (1)
    lock_numbers(connection, numbers)
    seen = known_requests(connection, RESOURCE, [one.claim.request_id for one in reported])  # (2)
    known = _known(connection, gate, numbers, now)  # (3)
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
    remember_requests(connection, [claim for claim, _ in added], now)
    return answers


def _known(connection: Connection, gate: Gate, numbers: Sequence[str], now: int) -> _Known:
    age = view_age(connection, gate.gateway, now)
    releases = read_releases(connection, gate.readers, numbers)
    goods = [release.goods for release in releases.values() if release.goods]
    subjects = {number for each in goods for number in (each.document, *each.containers) if number}
    terminals = terminals_of(connection, {each.document for each in goods})
    seconds = None if age is None else -(-age // MICROSECONDS)
    return _Known(seconds, releases, exits_of(connection, numbers), holds_on(connection, subjects), terminals)


def _again(one: Reported, digest: bytes, known: _Known) -> GateOut | Refusal:
    """A report that was recorded before, as it was recorded."""
    if digest != one.claim.digest:
        return RequestIdReused(one.claim.request_id)
    exits = known.exits[one.report.clearance_number]
    return next(each for each in exits if (each.reporter, each.request_id) == (one.claim.scope, one.claim.request_id))


def _decide(gate: Gate, one: Reported, known: _Known, now: int, position: int) -> GateOut | Refusal:
    report = one.report
    release = known.releases.get(report.clearance_number)
    goods = release.goods if release else None
    if one.terminal and (goods is None or known.terminals.get(goods.document) != one.terminal):
        return NotFound("release", report.clearance_number)
    gone = {each.subject for each in known.exits.get(report.clearance_number, ())}
    subjects = (goods.document, report.container) if goods else (report.container,)
    holds = tuple([hold for subject in subjects for hold in known.holds.get(subject, ())])
    facts = GateFacts(gate.limit_seconds, known.age_seconds, release, holds, report.container in gone)
    finding = why_it_stays(report, facts)
    if finding is not None:
        return denial(finding)
    if release is None or goods is None:
        raise AssertionError("the gate's rules let goods out that the port does not know")
    left = GateOut(
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
        last=set(goods.containers or ("",)) <= gone | {report.container},
        position=position,
    )
    known.exits.setdefault(report.clearance_number, []).append(left)
    return left
