"""The highest duty of a clearance, asked for and in words."""

from collections.abc import Iterable, Sequence

from rich.console import RenderableType

from clearance.common.v1.money_pb2 import Money
from clearance.customs.v1 import duty_service_pb2 as service
from tongguan.channels import Peer
from tongguan.report.names import amount
from tongguan.report.tables import table

_METHOD = "/clearance.customs.v1.DutyService/GetHighestDuty"
CURRENCY = "CNY"


def highest_duty(peer: Peer, number: str, questions: Iterable[str], candidates: Iterable[str]) -> service.HighestDuty:
    """The most that may fall due; `questions` by their names in small letters."""
    names = [f"OPEN_QUESTION_{name.upper()}" for name in questions]
    request = service.GetHighestDutyRequest(
        clearance_number=number,
        open_questions=[service.HighestDuty.OpenQuestion.Value(name) for name in names],
        candidate_codes=candidates,
    )
    return peer.call(_METHOD, request, service.GetHighestDutyResponse).highest_duty


def duty_lines(found: service.HighestDuty) -> Sequence[RenderableType]:
    """A table of items, what has no bound, and the sum beside what is assessed."""
    made = table("", "item", "under", "value", "duty", "VAT", numbers=["item", "value", "duty", "VAT"])
    for item in found.items:
        fen = (item.value_fen, item.duty_fen, item.vat_fen)
        amounts = (amount(each, CURRENCY) for each in fen)
        made.add_row(str(item.item_number), item.commodity_prefix, *amounts)
    lines: list[RenderableType] = [made] if found.items else []
    for lacking in found.unbounded_items:
        missing = service.UnboundedItem.Missing.Name(lacking.missing).removeprefix("MISSING_").lower().replace("_", " ")
        lines.append(f"item {lacking.item_number} has no bound: {missing}")
    if found.HasField("total"):
        assessed = f", {_words(found.assessed)} as declared" if found.HasField("assessed") else ""
        lines.append(f"at most {_words(found.total)}{assessed}")
    return lines


def _words(money: Money) -> str:
    return amount(money.minor_units, money.currency_code)
