"""Clearances and agencies one a row."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from clearance.agency.v1.agency_service_pb2 import AgencyDescription
from clearance.common.v1.decision_pb2 import Waiting
from clearance.gateway.v1.clearance_pb2 import Clearance
from tongguan.report.names import clock, state_name, verdict_name
from tongguan.report.tables import table


def clearances_table() -> Table:
    """For `clearance_row`."""
    return table("", "number", "reference", "state", "version", "accepted", "waits for", numbers=["version"])


def clearance_row(clearance: Clearance) -> tuple[str, ...]:
    """One clearance."""
    version, accepted = str(clearance.version), clock(clearance.create_time)
    waits = waits_of(clearance)
    return clearance.number, clearance.reference, state_name(clearance.state), version, accepted, waits


def change_line(clearance: Clearance) -> Text:
    """One clearance as it stands after a change."""
    verdicts = " ".join(f"{standing.agency}={_verdict(standing.decision.verdict)}" for standing in clearance.agencies)
    waits = waits_of(clearance)
    head = f"{clock(clearance.update_time)}  {clearance.number}  {state_name(clearance.state)}  {verdicts}"
    return Text(f"{head}  waits for {waits}" if waits else head)


def waits_of(clearance: Clearance) -> str:
    """`carrier: arrival; customs (parked)`."""
    return "; ".join(dict.fromkeys(_wait(wait) for wait in clearance.waiting))


def _wait(wait: Waiting) -> str:
    if wait.kind == Waiting.KIND_MACHINE:
        return f"{wait.party} (parked)"
    return f"{wait.party}: {wait.fact_kind}" if wait.fact_kind else wait.party


def _verdict(verdict: int) -> str:
    return verdict_name(verdict) if verdict else "-"


def description(agency: AgencyDescription, language: str) -> Group:
    """An agency and its rules."""
    name = f"{agency.display_name.zh} {agency.display_name.en}"
    head = Text(f"{agency.agency}  {name}, {agency.district}", style="bold")
    facts = f"contract {', '.join(agency.contract_versions)}; rule set {agency.rule_set_version}; "
    parts: list[Text] = [head, Text(f"{facts}batches of up to {agency.batch_limit}")]
    for rule in agency.rules:
        parts.append(Text(f"\n{rule.id} v{rule.version}  {rule.source}", style="bold"))
        for lang in ("zh", "en") if language == "both" else (language,):
            word = "足够" if lang == "zh" else "enough"
            parts.append(Text(f"  {getattr(rule.text, lang)} — {word}: {getattr(rule.enough, lang)}"))
    return Group(*parts)
