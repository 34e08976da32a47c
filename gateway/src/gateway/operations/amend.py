"""A new version of a consignment, in one transaction; it is put before all agencies again.

The case is taken over from whoever holds it: what he still records about the old version is fenced off, and comes again
by the agency's feed, to be stored and not counted.
"""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.refusals import NotFound, ReferenceReused, RequestIdReused, StaleVersion, StateForbids
from gateway.domain.case import Case
from gateway.domain.commitment import Journey
from gateway.domain.decision import Decision, standings
from gateway.domain.states import BEFORE_RELEASE, State, moved
from gateway.domain.waiting import waiting
from gateway.domain.withdrawal import withdrawal_standing
from gateway.operations.accept import asked_for, assessments
from gateway.operations.context import Context
from gateway.operations.grants import give_up_outdated
from gateway.operations.questions import Cargo
from gateway.storage.audit import AMENDED, Entry, write_audit
from gateway.storage.cases import Hold, load_cases, take_over, update_cases
from gateway.storage.changes import take_changes
from gateway.storage.consignments import Version, insert_versions
from gateway.storage.decisions import insert_decisions
from gateway.storage.requests import AMENDMENT, Request, known_requests, remember


@dataclass(frozen=True, slots=True)
class Amendment:
    """The whole new consignment for a case, and the version it replaces."""

    request_id: str
    # Identity of the broker, from the certificate.
    broker: str
    number: str
    version: int
    reference: str
    journey: Journey
    consignment: bytes
    digest: bytes
    # Of what a partner declared: the version it has there (0: the next), and what was decided there.
    to_version: int = 0
    given: tuple[Decision, ...] = ()
    # The partner's gateway that says who amends it.
    relayed_from: str = ""

    @property
    def request(self) -> Request:
        """The request id with what it stands for."""
        content = hashlib.sha256(f"{self.number}\n{self.version}\n".encode() + self.digest).digest()
        return Request(self.broker, AMENDMENT, self.request_id, content, self.number)


def replayed(connection: Connection, request: Request) -> bool:
    """Whether the request was carried out before; RequestIdReused where its id stood for other content."""
    known = known_requests(connection, [request]).get((request.originator, request.request_id))
    if known is not None and known.content_digest != request.content_digest:
        raise RequestIdReused(request.request_id)
    return known is not None


def own_case(connection: Connection, number: str, broker: str) -> Case:
    """The broker's own case, its row locked; NotFound for anybody else's."""
    case = load_cases(connection, [number], lock=True).get(number)
    if case is None or case.broker != broker:
        raise NotFound("clearance", number)
    return case


def amend(connection: Connection, amendment: Amendment, context: Context) -> Cargo | None:
    """The case with its new version, held by this replica; None for a replay.

    Raises RequestIdReused, NotFound, ReferenceReused, StaleVersion or StateForbids, and then changes nothing.
    """
    if replayed(connection, amendment.request):
        return None
    case = own_case(connection, amendment.number, amendment.broker)
    if amendment.reference != case.reference:
        raise ReferenceReused(amendment.reference, case.number)
    if amendment.version != case.version:
        raise StaleVersion(amendment.version, case.version)
    withdrawal = withdrawal_standing(case)
    barred = withdrawal is not None and withdrawal.bars_release
    # Whoever looks at the goods has been asked about them, and another port would have to be asked instead. What a home
    # has declared here only that home amends.
    way = amendment.journey
    if (way.verified_at, way.declared_at) != (case.policy.verified_at, case.policy.declared_at):
        raise StateForbids(case.state.name, "another verification_office_code")
    if case.state not in BEFORE_RELEASE or case.state is State.GUARANTEE_AMENDMENT or barred:
        raise StateForbids(case.state.name, "AmendClearance")
    after = _amended(case, amendment, context)
    after.surety = give_up_outdated(connection, case, context)
    [assertion] = context.vouch([asked_for(after, amendment.relayed_from)], context.now)
    version = Version(after.number, after.version, after.digest, amendment.consignment, context.now, assertion)
    remember(connection, [amendment.request], context.now)
    insert_versions(connection, [version])
    insert_decisions(connection, [(after.number, given) for given in amendment.given])
    required = " ".join(case.policy.required)
    details = {
        "version": after.version,
        "replaced": case.version,
        "from": case.state.name,
        "to": after.state.name,
        "required": required,
    }
    write_audit(connection, context.replica, context.now, [Entry(after.number, AMENDED, details=details)])
    take_over(connection, case)
    until = context.lease_end(connection)
    hold = Hold(context.replica, until, until, take_changes(connection, 1))
    update_cases(connection, [(case, after, hold)])
    return Cargo(after, version, {each.agency: each.signed for each in amendment.given})


def _amended(case: Case, amendment: Amendment, context: Context) -> Case:
    """The next version: policy worked out anew, every agency to be asked, no decision counting yet."""
    policy = context.policy.of(amendment.journey)
    version = amendment.to_version or case.version + 1
    after = case.changed(
        state=moved(case.state, State.IN_PROGRESS),
        version=version,
        digest=amendment.digest,
        policy=policy,
        asks=(*assessments(policy.text, version, context.now), *case.withdrawal_asks()),
        update_time=context.now,
        etag=case.etag + 1,
        epoch=case.epoch + 1,
    )
    after.waiting = waiting(after, standings(policy.asked, version, ()), context.now)
    return after
