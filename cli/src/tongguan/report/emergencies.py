"""Emergencies and the plan, for people."""

from collections.abc import Iterable, Iterator

from rich.table import Table

from clearance.gateway.v1.emergency_service_pb2 import Emergency, EmergencyPlan
from tongguan.report.names import amount, clock
from tongguan.report.tables import table


def plan_table(plan: EmergencyPlan) -> Table:
    """The measures, each with its caps."""
    rows = [(each.id, amount(each.most_minor_units, each.currency_code), each) for each in plan.measures]
    known = {"measure": max((len(row[0]) for row in rows), default=0), "in place of": 8}
    made = table(
        f"Emergency plan, version {plan.version}",
        *("measure", "for", "in place of", "after", "hours", "releases", "amount", "goods"),
        numbers=("hours", "releases", "amount"),
        whole={**known, "amount": max((len(row[1]) for row in rows), default=0)},
    )
    for measure, most, each in rows:
        made.add_row(
            measure,
            f"{each.text.zh} {each.text.en}",
            ", ".join(each.substituted_agencies),
            f"{each.after_minutes} min",
            str(each.hours),
            str(each.most_releases),
            most,
            ", ".join([*each.directions, *each.modes, *each.ports, *each.commodities]) or "all",
        )
    return made


def emergency_lines(found: Iterable[Emergency]) -> str:
    """One after the other, each with who did what, how much of its caps is used, and what is not reconciled."""
    return "\n".join(line for each in found for line in _lines(each))


def _lines(each: Emergency) -> Iterator[str]:
    state = Emergency.State.Name(each.state).removeprefix("STATE_")
    over = ", over" if each.state == Emergency.STATE_DECLARED and not each.in_force else ""
    yield f"{each.number} {each.measure_id}: {state}{over} (plan {each.plan_version})"
    yield f"  proposed   by {each.declarer}, {clock(each.propose_time)}: {each.declare_reason}"
    if each.second_declarer:
        done = "declared" if each.HasField("begin_time") else "taken back"
        yield f"  {done:<10} by {each.second_declarer}"
    if each.HasField("begin_time"):
        yield f"  in force   from {clock(each.begin_time)} until {clock(each.end_time)} at the latest"
    if each.ender:
        yield f"  its end    proposed by {each.ender}: {each.end_reason}"
    if each.second_ender:
        yield f"  ended      by {each.second_ender}"
    used, most = (amount(units, each.currency_code) for units in (each.used_minor_units, each.most_minor_units))
    yield f"  used       {each.releases} of {each.most_releases} releases, {used} of {most}"
    if each.unreconciled:
        yield f"  open       {each.unreconciled} not reconciled: tongguan emergency reconcile {each.number}"
