"""Views written as the contract's Clearance."""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from functools import lru_cache

from agencykit.evidence.wire import field
from clearance.common.v1.decision_pb2 import Waiting
from clearance.common.v1.evidence_pb2 import SignedDecision
from clearance.common.v1.order_pb2 import ReleaseOrder
from clearance.gateway.v1.clearance_pb2 import AgencyStanding, Clearance
from clearance.gateway.v1.clearance_pb2 import AppliedPolicy as AppliedPolicyMessage
from clearance.gateway.v1.clearance_pb2 import Commitment as CommitmentMessage
from gateway.domain.case import Ask, AskState, Case
from gateway.domain.commitment import Commitment
from gateway.domain.decision import Standing, Wait
from gateway.domain.identifiers import Micros
from gateway.domain.policy import applied_policy
from gateway.domain.withdrawal import withdrawal_standing
from gateway.operations.views import View
from gateway.rpc.clocks import write_clock
from gateway.rpc.commitments import deadline_message
from gateway.rpc.journeys import journey_numbers
from gateway.rpc.scopes import write_scope
from gateway.rpc.times import timestamp
from gateway.storage.orders import Order


class Detail(IntEnum):
    """How much of a clearance is told."""

    # In lists and streams: orders by number and kind alone.
    LISTED = 0
    # To who changes it: orders as signed.
    ANSWERED = 1
    # By GetClearance: the consignment, and decisions as signed, too.
    WHOLE = 2


def clearance(view: View, detail: Detail) -> Clearance:
    """The clearance."""
    return Clearance.FromString(written_clearance(view, detail))


def written_clearance(view: View, detail: Detail) -> bytes:
    """The clearance in wire form, in which parts of a message simply follow one another. Decisions and orders, most of
    it, stand in that form already: as messages they would be parsed only to be written again.
    """
    case = view.case
    direction, mode = journey_numbers(case.journey)
    head = Clearance(
        number=case.number,
        broker=case.broker,
        reference=case.reference,
        state=int(case.state),  # type: ignore[arg-type]  # the domain's numbers are the contract's
        version=case.version,
        consignment_digest=case.digest,
        trace_id=case.trace.split("-")[1],
        create_time=timestamp(case.create_time),
        update_time=timestamp(case.update_time),
        release_time=timestamp(case.release_time) if case.release_time is not None else None,
        etag=case.etag,
        direction=direction,
        mode=mode,
        key_ids=case.keys,
        urgent=case.urgent,
        manual=case.manual is not None,
    )
    parts = [head.SerializeToString(), _commitment(case.commitment), _policy(case.policy.text)]
    parts += [field(8, _agency(case, agency, standing, detail)) for agency, standing in view.standings.items()]
    parts += [field(10, _order(order, view.evidence, detail)) for order in view.orders]
    if case.policy.verified_at or case.policy.declared_at:
        elsewhere = (case.policy.verified_at, case.policy.declared_at)
        parts.append(
            Clearance(verified_at_district=elsewhere[0], declared_at_district=elsewhere[1]).SerializeToString()
        )
    if case.waiting:
        parts.append(_waiting(case.waiting))
    if case.part is not None or case.withdrawal is not None or view.clock is not None or detail is Detail.WHOLE:
        parts.append(_rest(view, detail))
    return b"".join(parts)


def _rest(view: View, detail: Detail) -> bytes:
    """What few clearances have, and what is told of one alone."""
    written, case = Clearance(), view.case
    if case.part is not None:
        write_scope(written.released_scope, case.part)
    if case.withdrawal is not None:
        _withdrawal(written, case)
    if view.clock is not None:
        write_clock(written.clock, view.clock, whole=detail is Detail.WHOLE)
    if detail is Detail.WHOLE:
        _what_happened(written, view)
        if view.consignment is not None:
            written.consignment.ParseFromString(view.consignment)
    return written.SerializeToString()


@lru_cache(maxsize=256)
def _commitment(commitment: Commitment) -> bytes:
    message = CommitmentMessage(
        hours=commitment.hours, rule_id=commitment.rule_id, start_time=timestamp(commitment.start_time)
    )
    return field(11, message.SerializeToString())


@lru_cache(maxsize=256)
def _policy(text: str) -> bytes:
    """Cases share few policies, so few are written."""
    policy = applied_policy(text)
    message = AppliedPolicyMessage(
        version=policy.version,
        required_agencies=policy.required,
        asked_agencies=tuple(policy.asked),
        deadlines=[deadline_message(agency, deadline) for agency, deadline in policy.deadlines.items()],
    )
    return field(12, message.SerializeToString())


def _agency(case: Case, agency: str, standing: Standing, detail: Detail) -> bytes:
    decision = standing.decision
    recorded = decision.record_time if decision is not None else None
    written = _standing(agency, agency in case.policy.required, standing.conflict, recorded, case.asked(agency))
    if decision is None:
        return written
    written += field(3, SignedDecision.FromString(decision.signed).decision)
    return written + field(4, decision.signed) if detail is Detail.WHOLE else written


@lru_cache(maxsize=256)
def _standing(agency: str, required: bool, conflict: bool, recorded: Micros | None, ask: Ask | None) -> bytes:
    """All but the decision: the same for cases of one convoy that were answered together."""
    message = AgencyStanding(
        agency=agency,
        required=required,
        conflict=conflict,
        record_time=timestamp(recorded) if recorded is not None else None,
        attempts=ask.attempts if ask else 0,
        set_aside=ask is not None and ask.state is AskState.SET_ASIDE,
        ask_time=timestamp(ask.ask_time) if ask and ask.state is not AskState.HELD else None,
        park_time=timestamp(ask.park_time) if ask and ask.park_time else None,
        park_reason=ask.park_reason if ask else "",
    )
    return message.SerializeToString()


def _waiting(waits: Iterable[Wait]) -> bytes:
    written = Clearance()
    for wait in waits:
        kind: Waiting.Kind.ValueType = wait.kind  # type: ignore[assignment]  # the domain's numbers are the contract's
        written.waiting.add(
            kind=kind,
            party=wait.party,
            fact_kind=wait.fact_kind,
            fact_key=wait.fact_key,
            rule_id=wait.rule_id,
            since_time=timestamp(wait.since),
            agency=wait.agency,
        )
    return written.SerializeToString()


def _order(order: Order, evidence: Mapping[bytes, bytes], detail: Detail) -> bytes:
    """The order is there as message and as the bytes that were signed."""
    if detail is Detail.LISTED:
        kind: ReleaseOrder.Kind.ValueType = order.kind  # type: ignore[assignment]  # as above
        listed = ReleaseOrder(
            clearance_number=order.number,
            number=order.order_number,
            kind=kind,
            version=order.version,
            issue_time=timestamp(order.issue_time),
        )
        return field(1, listed.SerializeToString())
    signed = field(1, order.order_bytes) + field(2, order.order_bytes) + field(3, order.signature)
    if not evidence:
        return signed
    rests_on = [each.decision_digest for each in ReleaseOrder.FromString(order.order_bytes).decisions]
    return b"".join([signed, *[field(4, evidence[digest]) for digest in rests_on if digest in evidence]])


def _what_happened(written: Clearance, view: View) -> None:
    for left in view.exits:
        written.exits.add(
            container_number=left.container,
            order_number=left.order_number,
            exit_time=timestamp(left.exit_time),
            last=left.last,
        )
    for done in view.interventions:
        written.interventions.add(
            act=int(done.act),
            operator=done.operator,
            act_time=timestamp(done.act_time),
            reason_code=done.reason_code,
            reason=done.reason,
            agency=done.agency,
            container_number=done.container,
        )


def _withdrawal(written: Clearance, case: Case) -> None:
    standing = withdrawal_standing(case)
    if case.withdrawal is None or standing is None:
        return
    written.withdrawal.request_time.CopyFrom(timestamp(case.withdrawal.request_time))
    written.withdrawal.agreed_agencies.extend(standing.agreed)
    for agency, rule_id in standing.refused[:1]:
        written.withdrawal.refused_by = agency
        written.withdrawal.rule_id = rule_id
