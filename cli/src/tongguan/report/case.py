"""One clearance for people: where it stands, who must act, what each agency found and what would be enough."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision, Finding, GuaranteeTerms
from clearance.common.v1.transport_pb2 import TransportMeans
from clearance.gateway.v1.clearance_pb2 import (
    AgencyStanding,
    Clearance,
    Exit,
    Intervention,
    SignedReleaseOrder,
    WithdrawalStanding,
)
from tongguan.report.catalogue import Catalogue, parameters_in_words
from tongguan.report.clocks import commitment_line, shares_table
from tongguan.report.names import action_name, amount, clock, scope_words, state_name, verdict_name, waiting_kind_name
from tongguan.report.tables import table

_GOOD = {Decision.VERDICT_APPROVED, Decision.VERDICT_APPROVED_WITH_OBLIGATIONS, Decision.VERDICT_NOT_SUBJECT}
_BAD = {Decision.VERDICT_REFUSED, Decision.VERDICT_RECALLED}


def case(clearance: Clearance, catalogue: Catalogue, language: str) -> Group:
    """All of it. `language` is zh, en or both."""
    parts: list[RenderableType] = [_head(clearance)]
    if clearance.waiting:
        parts.append(_waiting(clearance))
    for standing in clearance.agencies:
        parts += _standing(standing, catalogue, language)
    parts += [_order(order) for order in clearance.orders]
    parts += [_exit(left) for left in clearance.exits]
    if clearance.clock.shares:
        parts.append(Padding(shares_table(clearance.clock), (1, 0, 0, 0), expand=False))
    return Group(*parts)


def _head(clearance: Clearance) -> Text:
    version = f"  version {clearance.version}" if clearance.version else ""
    lines = [f"{clearance.number}  {state_name(clearance.state)}{version}"]
    if clearance.shown_by_district:
        lines.append(f"  shown by   {clearance.shown_by_district}, as far as it lets this identity see")
    lines += [f"  verified   {_verified(clearance)}"] if clearance.verified_at_district else []
    lines += [f"  declared   at {clearance.declared_at_district}, and verified here"] * bool(
        clearance.declared_at_district
    )
    lines += [f"  broker     {clearance.broker}"] if clearance.broker else []
    lines += [f"  reference  {clearance.reference}"] if clearance.reference else []
    lines += [f"  accepted   {clock(clearance.create_time)}"] if clearance.HasField("create_time") else []
    if clearance.HasField("release_time"):
        part = f", only{scope_words(clearance.released_scope)}" if clearance.HasField("released_scope") else ""
        lines.append(f"  released   {clock(clearance.release_time)}{part}")
    if clearance.commitment.hours:
        lines.append(f"  commitment {commitment_line(clearance)}")
    if clearance.key_ids:
        lines.append(f"  key        {', '.join(clearance.key_ids)}")
    if clearance.urgent:
        lines.append("  urgent     goes before others")
    lines += [f"  {_intervention(done)}" for done in clearance.interventions]
    if clearance.HasField("consignment"):
        lines.append(f"  goods      {_goods(clearance.consignment)}")
    if clearance.HasField("withdrawal"):
        lines.append(f"  withdrawal {_withdrawal(clearance.withdrawal)}")
    lines += [f"  trace      {clearance.trace_id}"] if clearance.trace_id else []
    text = Text("\n".join(lines))
    text.highlight_regex(rf"^{clearance.number}  \S+", "bold")
    return text


def _verified(clearance: Clearance) -> str:
    """Where, and how it stands there. What was stopped here is not stopped there before it says so."""
    district = clearance.verified_at_district
    said = [each.decision.verdict for each in clearance.agencies if each.agency == district]
    stands = verdict_name(said[0]) if said and said[0] else "not asked yet or not answered"
    unheard = [wait for wait in clearance.waiting if wait.agency == district and wait.fact_kind == "stop"]
    told = f", the order to stop is NOT OBEYED THERE YET (order {unheard[0].fact_key})" if unheard else ""
    return f"at the port of {district}: {stands}{told}"


def _withdrawal(withdrawal: WithdrawalStanding) -> str:
    asked = f"asked for at {clock(withdrawal.request_time)}"
    if withdrawal.refused_by:
        return f"{asked}, refused by {withdrawal.refused_by} ({withdrawal.rule_id})"
    return f"{asked}, agreed by {', '.join(withdrawal.agreed_agencies) or 'nobody yet'}"


def _intervention(done: Intervention) -> str:
    act = type(done).Act.Name(done.act).removeprefix("ACT_").lower()
    who, about = done.operator.rpartition("/")[2], f" ({done.agency or done.reason_code or done.container_number})"
    return f"{act:<10} {clock(done.act_time)} by {who}: {done.reason}{about * (about != ' ()')}"


def _goods(consignment: Consignment) -> str:
    direction = Consignment.Direction.Name(consignment.direction).removeprefix("DIRECTION_").lower()
    mode = TransportMeans.Mode.Name(consignment.border_transport.mode).removeprefix("MODE_").lower()
    items = f"{len(consignment.items)} items" if len(consignment.items) != 1 else "1 item"
    supplied = f", {len(consignment.supplied_fields)} fields supplied by a profile" * bool(consignment.supplied_fields)
    return f"{direction} by {mode} at {consignment.port_code or 'no port'}, {items}{supplied}"


def _waiting(clearance: Clearance) -> RenderableType:
    made = table("Who must act", "party", "kind", "fact", "key", "rule", "since")
    for wait in clearance.waiting:
        since = clock(wait.since_time) if wait.HasField("since_time") else "-"
        made.add_row(
            wait.party,
            waiting_kind_name(wait.kind),
            wait.fact_kind or "-",
            wait.fact_key or "-",
            wait.rule_id or "-",
            since,
        )
    return Padding(made, (1, 0, 0, 0), expand=False)


def _standing(standing: AgencyStanding, catalogue: Catalogue, language: str) -> Iterator[RenderableType]:
    required = "required" if standing.required else "asked"
    head = Text(f"\n{standing.agency}  ", style="bold")
    if standing.HasField("decision"):
        decision = standing.decision
        head.append(verdict_name(decision.verdict) + scope_words(decision.scope), style=_colour(decision))
        head.append(f"  revision {decision.revision}, {decision.log} {decision.sequence}, {required}", style="dim")
    else:
        head.append("has not answered", style="yellow").append(f"  {required}", style="dim")
    if standing.HasField("park_time"):
        head.append(f"  parked since {clock(standing.park_time)} ({standing.park_reason})", style="red")
    if standing.set_aside:
        head.append("  set aside", style="red")
    if standing.conflict:
        head.append("  two decisions contradict each other", style="red")
    yield head
    if standing.decision.HasField("guarantee"):
        yield Padding(_guarantee(standing.decision.guarantee), (0, 0, 0, 2), expand=False)
    for finding in standing.decision.findings:
        yield Padding(_finding(standing.agency, finding, catalogue, language), (0, 0, 0, 2), expand=False)


def _guarantee(terms: GuaranteeTerms) -> Text:
    kinds = ", ".join(GuaranteeTerms.Kind.Name(kind).removeprefix("KIND_").lower() for kind in terms.kinds)
    sum_ = amount(terms.amount_minor_units, terms.currency_code)
    term = f", to be settled within {terms.settle_days} days of release" if terms.settle_days else ""
    if terms.covered:
        return Text(f"released on a guarantee of {sum_} for {kinds}{term}", style="green")
    how = f"granted on {' '.join(terms.granted_grns)}" if terms.granted_grns else "tongguan guarantee release"
    return Text(f"agrees on a guarantee of {sum_} for {kinds} ({how})", style="yellow")


def _finding(agency: str, finding: Finding, catalogue: Catalogue, language: str) -> Text:
    head = f"{finding.rule_id} v{finding.rule_version} {verdict_name(finding.effect)}{scope_words(finding.scope)}"
    if action := action_name(finding.required_action):
        head += f" → {action}"
    if finding.amount_minor_units:
        head += f" {amount(finding.amount_minor_units, finding.currency_code)}"
    text = Text(head + "  settled by an officer" * finding.resolved + "  foreseen" * finding.foreseen)
    for line in catalogue.explain(agency, finding, language):
        text.append(f"\n  {line}")
    if not catalogue.rule(agency, finding.rule_id) and finding.parameters:
        text.append(f"\n  {parameters_in_words(finding)}", style="dim")
    return text


def _order(signed: SignedReleaseOrder) -> Text:
    order = signed.order
    kind = type(order).Kind.Name(order.kind).removeprefix("KIND_").lower()
    what = f"{kind}{scope_words(order.scope)}"
    head = f"\norder {order.number}: {what}, {clock(order.issue_time)}, rests on {len(order.decisions)} decisions"
    if not order.HasField("manual"):
        return Text(head)
    manual = order.manual
    absent, officers = ", ".join(manual.absent_agencies), f"{manual.proposer} and {manual.confirmer}"
    return Text(f"{head}\n  by hand without {absent}, on the word of {officers}, paper {manual.paper_order_number}")


def _exit(left: Exit) -> Text:
    what = left.container_number or "the goods"
    return Text(f"\n{what} left {clock(left.exit_time)} by order {left.order_number}" + ", the last" * left.last)


def _colour(decision: Decision) -> str:
    return "green" if decision.verdict in _GOOD else "red" if decision.verdict in _BAD else "yellow"
