"""Orders over the decisions just read, where the state that a case has reached orders one."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gateway.domain.advance import released_scope
from gateway.domain.case import Case
from gateway.domain.decision import Decision, Standing
from gateway.domain.states import ORDERS, OUTCOMES, RELEASING
from gateway.operations.context import Context
from gateway.operations.ports import Due, OrderMaker
from gateway.storage.orders import Order
from gateway.storage.outcomes import Outcome


class Step(NamedTuple):
    """A case before and after, with the agencies' standings that made the difference."""

    before: Case
    after: Case
    found: Mapping[str, Standing]


def issue(steps: Sequence[Step], context: Context, make_orders: OrderMaker) -> list[Order | None]:
    """For each step the numbered, signed order that it makes due, if it does."""
    ordering = [_orders_one(step) for step in steps]
    issuing = [step for step, orders_one in zip(steps, ordering, strict=True) if orders_one]
    due = [Due(step.after, ORDERS[step.after.state], rests_on(step.after, step.found)) for step in issuing]
    made = iter(make_orders(due, context.now) if due else [])
    return [
        _order(step.after, *next(made), context) if orders_one else None
        for step, orders_one in zip(steps, ordering, strict=True)
    ]


def _order(case: Case, order_bytes: bytes, signature: bytes, context: Context) -> Order:
    kind = ORDERS[case.state]
    return Order(case.number, case.order_number, kind, case.version, order_bytes, signature, context.now)


def _orders_one(step: Step) -> bool:
    """The last look at the first promise: what goes is what every required agency lets go, or officers in its place."""
    case = step.after
    if case.order_number == step.before.order_number or case.state not in ORDERS:
        return False
    if case.state in RELEASING and released_scope(case, step.found) != case.part:
        raise AssertionError(f"{case.number} must not be released")
    return True


def rests_on(case: Case, found: Mapping[str, Standing]) -> list[Decision]:
    """The decisions of every agency whose approval is required; none of one in whose place officers released it."""
    decisions = []
    for agency in case.policy.required:
        decision, manual = found[agency].decision, case.manual
        if decision is None or (manual is not None and manual.stands_in(agency, case.version, found[agency])):
            continue
        decisions.append(decision)
    return decisions


def outcomes(steps: Sequence[Step], context: Context) -> list[Outcome]:
    """What every agency asked is told: of release, stop, refusal and withdrawal."""
    return [
        Outcome(after.number, after.order_number, after.version, OUTCOMES[after.state], context.now)
        for before, after, _ in steps
        if after.order_number != before.order_number
    ]
