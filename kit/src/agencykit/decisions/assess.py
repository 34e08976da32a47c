"""The transaction that answers a batch of AssessConsignments.

(1) look-ups    request ids, cases: one query each
(2) refusals    reused id, stale version, other digest, tombstones; replays are answered with the current decision
(3) facts       once for the batch
(4) rules       each item by itself
(5) record      log, seal, rows
(6) requests    the ids now stand for what was done; refusals leave an audit row

A clearance that stands twice in a batch is decided in two rounds of the same transaction, so that the second meets what
the first has left.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.decisions.candidates import Answer, Candidate, Case, Failed, Judged
from agencykit.decisions.decider import Decider
from agencykit.decisions.due import share_facts
from agencykit.decisions.evaluate import evaluate
from agencykit.decisions.lookups import cases_of, done_work, known_requests
from agencykit.decisions.prepare import RESOURCE
from agencykit.decisions.reads import current_decisions
from agencykit.decisions.record import record
from agencykit.decisions.requests import Claim, remember_requests
from agencykit.refusals import DigestMismatch, RecordPurged, Refusal, RequestIdReused, StaleVersion, Withdrawn
from agencykit.storage.times import to_micros


def assess(connection: Connection, decider: Decider, candidates: Sequence[Candidate], now: datetime) -> list[Answer]:
    """Answers each candidate, in their order."""
    share_facts(connection)
    answers: dict[int, Answer] = {}
    for chosen in _rounds(candidates):
        found = _decide(connection, decider, [candidates[index] for index in chosen], now)
        answers.update(zip(chosen, found, strict=True))
    return [answers[index] for index in range(len(candidates))]


def _rounds(candidates: Sequence[Candidate]) -> list[list[int]]:
    """Indices in rounds: within one, no clearance and no request id stands twice."""
    keys_of_all = {key for one in candidates for key in (one.clearance_number, _claim(one).request_id)}
    if len(keys_of_all) == 2 * len(candidates):
        return [list(range(len(candidates)))]
    rounds: list[tuple[list[int], set[str]]] = []
    for index, candidate in enumerate(candidates):
        keys = {candidate.clearance_number, _claim(candidate).request_id}
        # After the last round that holds one of its keys, so that order is kept.
        place = max((number + 1 for number, (_, taken) in enumerate(rounds) if taken & keys), default=0)
        if place == len(rounds):
            rounds.append(([], set()))
        rounds[place][0].append(index)
        rounds[place][1].update(keys)
    return [indices for indices, _ in rounds]


def _claim(candidate: Candidate) -> Claim:
    if candidate.claim is None:
        raise ValueError("an assessment is asked for by a request")
    return candidate.claim


def _decide(connection: Connection, decider: Decider, candidates: Sequence[Candidate], now: datetime) -> list[Answer]:
    # (1)
    claims = [_claim(candidate) for candidate in candidates]
    known = known_requests(connection, RESOURCE, [claim.request_id for claim in claims])
    cases = cases_of(connection, [candidate.clearance_number for candidate in candidates])
    # (2)
    answers: dict[int, Answer] = {}
    replays: dict[int, tuple[str, int]] = {}
    fresh: dict[int, tuple[Candidate, Case | None]] = {}
    for index, (candidate, claim) in enumerate(zip(candidates, claims, strict=True)):
        case = cases.get(candidate.clearance_number)
        request = known.get((claim.scope, claim.request_id))
        if case is not None and case.purge_time is not None:
            answers[index] = RecordPurged("clearance", candidate.clearance_number)
        elif request is not None:
            if request[0] == claim.digest:
                replays[index] = request[1:]
            else:
                answers[index] = RequestIdReused(claim.request_id)
        elif case is not None and (refusal := _refusal(candidate, case)):
            answers[index] = refusal
        elif case is not None and case.version == candidate.version:
            replays[index] = (candidate.clearance_number, candidate.version)
        else:
            fresh[index] = (candidate, case)
    answers.update(_replayed(connection, replays))
    # (3), (4)
    judged = _evaluate(connection, decider, list(fresh.values()), now)
    good = {index: one for index, one in zip(fresh, judged, strict=True) if isinstance(one, Judged)}
    answers.update({index: one for index, one in zip(fresh, judged, strict=True) if isinstance(one, Failed)})
    # (5)
    decisions = record(connection, decider, list(good.values()), now) if good else []
    for index, decided in zip(good, decisions, strict=True):
        if decided is None:
            raise AssertionError("a new version is always decided")
        answers[index] = decided
    # (6)
    new = [
        claim for index, claim in enumerate(claims) if index in good or (index in replays and _unknown(claim, known))
    ]
    remember_requests(connection, new, to_micros(now))
    _audit(connection, answers, candidates, to_micros(now))
    return [answers[index] for index in range(len(candidates))]


def _unknown(claim: Claim, known: Iterable[tuple[str, str]]) -> bool:
    return (claim.scope, claim.request_id) not in known


def _refusal(candidate: Candidate, case: Case) -> Refusal | None:
    if case.withdrawn_version is not None:
        return Withdrawn(candidate.clearance_number)
    if candidate.version < case.version:
        return StaleVersion(candidate.version, case.version)
    if candidate.version == case.version and candidate.digest != case.digest:
        return DigestMismatch(candidate.clearance_number, candidate.version)
    return None


def _replayed(connection: Connection, replays: dict[int, tuple[str, int]]) -> dict[int, Answer]:
    if not replays:
        return {}
    current = current_decisions(connection, replays.values())
    return {index: current[version] for index, version in replays.items()}


def _evaluate(
    connection: Connection, decider: Decider, fresh: Sequence[tuple[Candidate, Case | None]], now: datetime
) -> list[Judged | Failed]:
    if not fresh:
        return []
    amended = [candidate for candidate, case in fresh if case is not None]
    done = done_work(connection, decider.definition, amended)
    return evaluate(connection, decider.definition, fresh, done, now)


def _audit(connection: Connection, answers: dict[int, Answer], candidates: Sequence[Candidate], now: int) -> None:
    write_audit(
        connection,
        [
            AuditEntry(
                now,
                candidates[index].originator,
                "assessment_refused",
                candidates[index].clearance_number,
                {"reason": answer.reason, "version": candidates[index].version},
            )
            for index, answer in sorted(answers.items())
            if isinstance(answer, Refusal)
        ],
    )
