"""To whom customs' schemes were delivered, and what stood against them for others, as a table."""

from rich.console import Group, RenderableType

from clearance.customs.v1 import scheme_service_pb2 as pb
from tongguan.report.tables import table

_NUMBERS = ("entitled", "delivered", "delivered %")


def schemes_report(report: pb.SchemeReport, language: str) -> RenderableType:
    """All schemes; one that the table in force grants to nobody says so."""
    made = table("Schemes", "scheme", "rule", *_NUMBERS, "why not", "what", numbers=_NUMBERS)
    for one in report.schemes:
        why = "; ".join(f"{each.count} {_reason(each, language)}" for each in one.withheld)
        counts = (str(one.entitled), str(one.delivered), f"{one.delivered_rate * 100:.2f}" if one.entitled else "-")
        name = one.text.zh if language == "zh" else one.text.en
        made.add_row(one.id, one.rule_id, *counts, why or "-", name if one.granted else f"{name} (not granted)")
    return Group(made, "", f"{report.declared} declared")


def _reason(withheld: pb.WithheldFigures, language: str) -> str:
    """In words, or the rule or the stratum that stood against it."""
    return (withheld.text.zh if language == "zh" else withheld.text.en) or withheld.reason
