"""What releases by hand are judged by, with all that is stored of the case: asked for a proposal, and for its order."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from agencykit.refusals import EmergencyForbidden, ManualReleaseForbidden
from gateway.domain.case import Case
from gateway.domain.decision import standings
from gateway.domain.emergency_plan import Plan
from gateway.domain.manual import Fallback, Manual
from gateway.domain.manual_rules import Circumstances, Goods, Overrides, why_not
from gateway.operations.context import Context
from gateway.operations.ports import OrderMaker
from gateway.storage.consignments import load_versions
from gateway.storage.decisions import load_decisions, read_inbox


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The published tables, and how an order is issued."""

    table: Overrides
    plan: Plan
    # Reads a consignment's bytes.
    goods_of: Callable[[bytes], Goods]
    make_orders: OrderMaker


def judged(connection: Connection, manual: Manual, case: Case, context: Context, rules: Rulebook) -> Manual:
    """The same, by today's table; raises ManualReleaseForbidden or EmergencyForbidden where it is not to be."""
    decisions = load_decisions(connection, [case.number])[case.number]
    unread = {received.decision.agency for received in read_inbox(connection, [case.number])}
    goods = rules.goods_of(load_versions(connection, {case.number: case.version})[case.number].consignment)
    found = standings(case.policy.asked, case.version, decisions)
    table = rules.table if manual.fallback is None else _under_the_plan(manual.fallback, goods, context, rules)
    flaw = why_not(manual, Circumstances(case, found, decisions, unread, goods, context.now), table)
    if flaw is not None:
        raise ManualReleaseForbidden(case.number, *flaw)
    return replace(manual, table=rules.table.version)


def _under_the_plan(under: Fallback, goods: Goods, context: Context, rules: Rulebook) -> Overrides:
    """The table as the plan's measure has it: for fewer agencies perhaps, and sooner."""
    measure = rules.plan.measures.get(under.measure)
    if measure is None or not under.begin_time <= context.now < under.end_time:
        raise EmergencyForbidden(under.emergency, "it is not in force, or its measure is no longer in the plan")
    for why in measure.uncovered(goods.journey):
        raise EmergencyForbidden(under.emergency, why)
    allowed = {agency: measure.after_minutes for agency in measure.substitutes if agency in rules.table.after_minutes}
    return replace(rules.table, after_minutes=allowed)
