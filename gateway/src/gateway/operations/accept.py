"""Step 1 of a clearance: the intent of a whole convoy in one transaction, before anybody is asked.

What a crash leaves behind: nothing, or accepted cases under a lease that ends; recovery then asks with the same ids.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection

from agencykit.refusals import DistrictMismatch, RecordPurged, ReferenceReused, Refusal, RequestIdReused, Withdrawn
from gateway.domain.case import Ask, AskState, Case
from gateway.domain.commitment import Journey
from gateway.domain.decision import Decision, Wait, standings
from gateway.domain.identifiers import ASSESS, Micros
from gateway.domain.policy import applied_policy
from gateway.domain.states import State
from gateway.domain.waiting import for_decisions
from gateway.operations.context import Context
from gateway.operations.ports import Met
from gateway.storage.audit import ACCEPTED, Entry, write_audit
from gateway.storage.cases import Hold, insert_cases
from gateway.storage.changes import take_changes
from gateway.storage.consignments import Version, insert_versions
from gateway.storage.decisions import insert_decisions
from gateway.storage.purged import of_clearance, of_reference, purged_before
from gateway.storage.requests import (
    SUBMISSION,
    Request,
    digests,
    known_requests,
    numbers_by_reference,
    remember,
)
from gateway.storage.verifications import Verification, opened


@dataclass(slots=True)
class Submission:
    """One submission. `number` is the case's if it is new; `trace` the traceparent of its root span."""

    number: str
    request_id: str
    # Identity of the broker, from the certificate.
    broker: str
    reference: str
    journey: Journey
    consignment: bytes
    digest: bytes
    trace: str
    urgent: bool = False
    # Key ports, industries and enterprises it belongs to.
    keys: tuple[str, ...] = ()
    # Of what a partner declared and is verified here: its version there, and what was decided there (storage.evidence).
    version: int = 1
    given: tuple[Decision, ...] = ()
    # The partner's gateway that says who declared it.
    relayed_from: str = ""
    # Once it has a case: who asked, signed.
    assertion: bytes = b""

    @property
    def request(self) -> Request:
        """The request id with what it stands for."""
        return Request(self.broker, SUBMISSION, self.request_id, self.digest, self.number)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A submission that has a case. `case` is None where the case was there before."""

    number: str
    case: Case | None = None


def accept(connection: Connection, submissions: Sequence[Submission], context: Context) -> list[Accepted | Refusal]:
    """Accepts a convoy's submissions; answers stand in their order. A refused one stores nothing."""
    # (1) what was known before, by request id and by the broker's reference
    by_request = known_requests(connection, [submission.request for submission in submissions])
    named = [(submission.broker, submission.reference) for submission in submissions]
    by_reference = numbers_by_reference(connection, named)
    contents = digests(connection, by_reference.values()) if by_reference else {}
    foreign = [(each.number, each.journey.declared_at) for each in submissions if each.journey.declared_at]
    barred = _barred(foreign, opened(connection, foreign)) if foreign else {}
    purged = _purged(connection, submissions, by_request.values())
    # (2) each in turn, so that of two in one convoy the second finds the first
    answers: list[Accepted | Refusal] = []
    remembered: list[Request] = []
    new: list[tuple[Case, Submission]] = []
    for submission in submissions:
        known = by_request.get((submission.broker, submission.request_id))
        number = known.number if known else submission.number
        gone = purged.get((submission.broker, submission.reference)) or purged.get(number)
        answer = RecordPurged("clearance", gone) if gone else _known(submission, known, by_reference, contents)
        answer = answer or barred.get(submission.number)
        if answer is None:
            case = _new_case(submission, context)
            new.append((case, submission))
            by_reference[submission.broker, submission.reference] = submission.number
            contents[submission.number] = {submission.digest}
            answer = Accepted(submission.number, case)
        if known is None and isinstance(answer, Accepted):
            request = Request(submission.broker, SUBMISSION, submission.request_id, submission.digest, answer.number)
            by_request[submission.broker, submission.request_id] = request
            remembered.append(request)
        answers.append(answer)
    # (3) everything in one go, the numbers of changes last
    remember(connection, remembered, context.now)
    _store(connection, new, context)
    return answers


def _known(
    submission: Submission,
    known: Request | None,
    by_reference: Mapping[tuple[str, str], str],
    contents: Mapping[str, set[bytes]],
) -> Accepted | Refusal | None:
    """What was there before: the same case, a refusal, or nothing."""
    if known is not None:
        same = known.content_digest == submission.digest
        return Accepted(known.number) if same else RequestIdReused(submission.request_id)
    number = by_reference.get((submission.broker, submission.reference))
    if number is None:
        return None
    same = submission.digest in contents.get(number, ())
    return Accepted(number) if same else ReferenceReused(submission.reference, number)


def _purged(
    connection: Connection, submissions: Sequence[Submission], known: Iterable[Request]
) -> dict[tuple[str, str] | str, str]:
    """(broker, reference), and numbers that a known request or a partner names -> number of what was purged; mostly
    nothing.
    """
    named = {of_reference(each.broker, each.reference): (each.broker, each.reference) for each in submissions}
    numbers = {each.number for each in known} | {each.number for each in submissions if each.journey.declared_at}
    keys: dict[str, tuple[str, str] | str] = {**named, **{of_clearance(number): number for number in numbers}}
    return {keys[key]: number for key, number in purged_before(connection, keys).items()}


def _barred(foreign: Sequence[tuple[str, str]], rows: Mapping[str, Verification]) -> dict[str, Refusal]:
    """What a partner may not have verified here: what it withdrew before it came, and what is another's."""
    found: dict[str, Refusal] = {}
    for number, home in foreign:
        if rows[number].home != home:
            found[number] = DistrictMismatch(number, home)
        elif rows[number].withdrawn_version:
            found[number] = Withdrawn(number)
    return found


def _new_case(submission: Submission, context: Context) -> Case:
    journey, now = submission.journey, context.now
    policy = context.policy.of(journey)
    case = Case(
        number=submission.number,
        broker=submission.broker,
        reference=submission.reference,
        state=State.RECEIVED,
        version=submission.version,
        digest=submission.digest,
        policy=policy,
        commitment=context.commitments.commitment(journey, now),
        trace=submission.trace,
        create_time=now,
        update_time=now,
        urgent=submission.urgent,
        asks=assessments(policy.text, submission.version, now),
        journey=f"{journey.direction}/{journey.mode}",
        keys=submission.keys,
    )
    case.waiting = _first_waits(policy.text, now)
    return case


@lru_cache(maxsize=64)
def _first_waits(policy_text: str, now: Micros) -> tuple[Wait, ...]:
    """Whom a new case waits for: the same for all of a convoy under one policy."""
    policy = applied_policy(policy_text)
    return tuple(for_decisions(policy, assessments(policy_text, 1, now), standings(policy.asked, 1, ())))


@lru_cache(maxsize=64)
def assessments(policy_text: str, version: int, now: Micros) -> tuple[Ask, ...]:
    """The questions about one version: one for each agency, held where it depends on another's decision.

    The same for all of a convoy under one policy.
    """
    policy = applied_policy(policy_text)
    return tuple(
        Ask(
            agency,
            ASSESS,
            version,
            AskState.HELD if policy.depends_on.get(agency) else AskState.PUT,
            ask_time=now,
            due_time=now,
        )
        for agency in policy.told
    )


def asked_for(case: Case, relayed_from: str) -> Met:
    """That its broker has the case's version assessed, by whoever its policy has asked."""
    audiences = tuple([case.policy.asked[each] for each in case.policy.told])
    return Met(case.broker, case.number, case.version, case.digest, audiences, relayed_from)


def _store(connection: Connection, new: Sequence[tuple[Case, Submission]], context: Context) -> None:
    if not new:
        return
    now = context.now
    # One signature for the whole convoy.
    met = [asked_for(case, each.relayed_from) for case, each in new]
    for (_, each), assertion in zip(new, context.vouch(met, now), strict=True):
        each.assertion = assertion
    versions = [
        Version(case.number, case.version, case.digest, each.consignment, now, each.assertion) for case, each in new
    ]
    insert_versions(connection, versions)
    insert_decisions(connection, [(case.number, given) for case, each in new for given in each.given])
    write_audit(connection, context.replica, now, [Entry(case.number, ACCEPTED) for case, _ in new])
    until = context.lease_end(connection)
    first = take_changes(connection, len(new))
    holds = [Hold(context.replica, until, until, first + place) for place in range(len(new))]
    insert_cases(connection, [(case, hold) for (case, _), hold in zip(new, holds, strict=True)])
