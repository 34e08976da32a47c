"""Views written as the contract's Clearance."""

from clearance.common.v1.decision_pb2 import Waiting
from clearance.gateway.v1.clearance_pb2 import AgencyStanding, Clearance, ReleaseOrder
from gateway.domain.case import Ask, AskState, Case
from gateway.domain.decision import Standing
from gateway.domain.withdrawal import withdrawal_standing
from gateway.operations.views import View
from gateway.rpc.times import timestamp
from gateway.storage.orders import Order


def clearance(view: View, *, whole: bool) -> Clearance:
    """The clearance; without consignment and signed decisions where not `whole`."""
    case = view.case
    written = Clearance(
        number=case.number,
        broker=case.broker,
        reference=case.reference,
        state=int(case.state),  # type: ignore[arg-type]  # the domain's numbers are the contract's
        version=case.version,
        consignment_digest=case.digest,
        trace_id=case.trace.split("-")[1],
        create_time=timestamp(case.create_time),
        update_time=timestamp(case.update_time),
        etag=case.etag,
    )
    if case.release_time is not None:
        written.release_time.CopyFrom(timestamp(case.release_time))
    if whole and view.consignment is not None:
        written.consignment.ParseFromString(view.consignment)
    for agency, standing in view.standings.items():
        _agency(written.agencies.add(), case, agency, standing, whole=whole)
    _waiting(written, case)
    for order in view.orders:
        _order(written, order, whole=whole)
    _terms(written, case)
    _withdrawal(written, case)
    return written


def _agency(written: AgencyStanding, case: Case, agency: str, standing: Standing, *, whole: bool) -> None:
    written.agency = agency
    written.required = agency in case.policy.required
    written.conflict = standing.conflict
    if (decision := standing.decision) is not None:
        written.signed_decision.ParseFromString(decision.signed)
        written.decision.ParseFromString(written.signed_decision.decision)
        written.record_time.CopyFrom(timestamp(decision.record_time))
        if not whole:
            written.ClearField("signed_decision")
    if (ask := case.asked(agency)) is not None:
        _ask(written, ask)


def _ask(written: AgencyStanding, ask: Ask) -> None:
    written.attempts = ask.attempts
    written.set_aside = ask.state is AskState.SET_ASIDE
    if ask.state is not AskState.HELD:
        written.ask_time.CopyFrom(timestamp(ask.ask_time))
    if ask.park_time:
        written.park_time.CopyFrom(timestamp(ask.park_time))
        written.park_reason = ask.park_reason


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


def _order(written: Clearance, order: Order, *, whole: bool) -> None:
    added = written.orders.add()
    if whole:
        added.order.ParseFromString(order.order_bytes)
        added.order_bytes = order.order_bytes
        added.signature = order.signature
    else:
        kind: ReleaseOrder.Kind.ValueType = order.kind  # type: ignore[assignment]  # as above
        added.order.clearance_number, added.order.number = order.number, order.order_number
        added.order.kind, added.order.version = kind, order.version
        added.order.issue_time.CopyFrom(timestamp(order.issue_time))


def _terms(written: Clearance, case: Case) -> None:
    """What was fixed at acceptance: commitment and policy."""
    written.commitment.hours = case.commitment.hours
    written.commitment.rule_id = case.commitment.rule_id
    written.commitment.start_time.CopyFrom(timestamp(case.commitment.start_time))
    written.policy.version = case.policy.version
    written.policy.required_agencies.extend(case.policy.required)
    written.policy.asked_agencies.extend(case.policy.asked)


def _withdrawal(written: Clearance, case: Case) -> None:
    standing = withdrawal_standing(case)
    if case.withdrawal is None or standing is None:
        return
    written.withdrawal.request_time.CopyFrom(timestamp(case.withdrawal.request_time))
    written.withdrawal.agreed_agencies.extend(standing.agreed)
    for agency, rule_id in standing.refused[:1]:
        written.withdrawal.refused_by = agency
        written.withdrawal.rule_id = rule_id
