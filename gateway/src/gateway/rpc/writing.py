"""Views written as the contract's Clearance."""

from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache

from clearance.common.v1.decision_pb2 import Waiting
from clearance.common.v1.evidence_pb2 import SignedDecision
from clearance.common.v1.order_pb2 import ReleaseOrder
from clearance.gateway.v1.clearance_pb2 import AgencyStanding, Clearance, Commitment
from clearance.gateway.v1.clearance_pb2 import AppliedPolicy as AppliedPolicyMessage
from gateway.domain.case import Ask, AskState, Case
from gateway.domain.decision import Standing
from gateway.domain.identifiers import Micros
from gateway.domain.policy import AppliedPolicy, applied_policy
from gateway.domain.withdrawal import withdrawal_standing
from gateway.operations.views import View
from gateway.rpc.clocks import write_clock
from gateway.rpc.commitments import deadline_message
from gateway.rpc.journeys import journey_numbers
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
    written = Clearance()
    write_clearance(written, view, detail)
    return written


def write_clearance(written: Clearance, view: View, detail: Detail) -> None:
    """As `clearance`, into an empty message where it stands: to build it apart would copy all of it once more."""
    case = view.case
    direction, mode = journey_numbers(case.journey)
    head = Clearance(
        number=case.number,
        broker=case.broker,
        reference=case.reference,
        state=int(case.state),  # type: ignore[arg-type]  # the domain's numbers are the contract's
        version=case.version,
        consignment_digest=case.digest,
        commitment=Commitment(
            hours=case.commitment.hours,
            rule_id=case.commitment.rule_id,
            start_time=timestamp(case.commitment.start_time),
        ),
        policy=_policy(case.policy),
        trace_id=case.trace.split("-")[1],
        create_time=timestamp(case.create_time),
        update_time=timestamp(case.update_time),
        release_time=timestamp(case.release_time) if case.release_time is not None else None,
        etag=case.etag,
        direction=direction,
        mode=mode,
        key_ids=case.keys,
        urgent=case.urgent,
    )
    written.MergeFrom(head)
    if detail is Detail.WHOLE and view.consignment is not None:
        written.consignment.ParseFromString(view.consignment)
    for agency, standing in view.standings.items():
        _agency(written, case, agency, standing, detail)
    _waiting(written, case)
    for order in view.orders:
        _order(written, order, view.evidence, detail)
    if case.withdrawal is not None:
        _withdrawal(written, case)
    if detail is Detail.WHOLE:
        _what_happened(written, view)
    if view.clock is not None:
        write_clock(written.clock, view.clock, whole=detail is Detail.WHOLE)


@lru_cache(maxsize=256)
def _written_policy(text: str) -> AppliedPolicyMessage:
    policy = applied_policy(text)
    return AppliedPolicyMessage(
        version=policy.version,
        required_agencies=policy.required,
        asked_agencies=tuple(policy.asked),
        deadlines=[deadline_message(agency, deadline) for agency, deadline in policy.deadlines.items()],
    )


def _policy(policy: AppliedPolicy) -> AppliedPolicyMessage:
    """Cases share few policies, so few are written."""
    return _written_policy(policy.text)


def _agency(written: Clearance, case: Case, agency: str, standing: Standing, detail: Detail) -> None:
    decision = standing.decision
    added = written.agencies.add()
    recorded = decision.record_time if decision is not None else None
    required = agency in case.policy.required
    added.CopyFrom(_standing(agency, required, standing.conflict, recorded, case.asked(agency)))
    if decision is not None:
        signed = SignedDecision.FromString(decision.signed)
        added.decision.ParseFromString(signed.decision)
        if detail is Detail.WHOLE:
            added.signed_decision.CopyFrom(signed)


@lru_cache(maxsize=256)
def _standing(agency: str, required: bool, conflict: bool, recorded: Micros | None, ask: Ask | None) -> AgencyStanding:
    """All but the decision: the same for cases of one convoy that were answered together."""
    return AgencyStanding(
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


def _waiting(written: Clearance, case: Case) -> None:
    for wait in case.waiting:
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


def _order(written: Clearance, order: Order, evidence: Mapping[bytes, bytes], detail: Detail) -> None:
    added = written.orders.add()
    if detail is not Detail.LISTED:
        added.order.ParseFromString(order.order_bytes)
        added.order_bytes = order.order_bytes
        added.signature = order.signature
        for reference in added.order.decisions:
            if (signed := evidence.get(reference.decision_digest)) is not None:
                added.decisions.add().ParseFromString(signed)
    else:
        kind: ReleaseOrder.Kind.ValueType = order.kind  # type: ignore[assignment]  # as above
        added.order.clearance_number, added.order.number = order.number, order.order_number
        added.order.kind, added.order.version = kind, order.version
        added.order.issue_time.CopyFrom(timestamp(order.issue_time))


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
