"""Whether the declared value can be believed."""

from collections.abc import Iterable

from agencykit.rules import Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from customs.domain.consignment import ConsignmentView
from customs.domain.facts import Facts
from customs.domain.valuation import customs_values
from customs.domain.wording import in_words, listed

# The invoice total may carry freight or a discount that no item does.
INVOICE_TOLERANCE_PERCENT = 1


@rule(
    id="CUS-111",
    version=1,
    zh="第 {items} 项未申报成交价格",
    en="Item {items}: no price above zero",
    enough_zh="逐项申报成交价格及币制",
    enough_en="Declare the price of each item and its currency",
    source="海关审定进出口货物完税价格办法",
)
def value_is_declared(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Goods free of charge have a value too."""
    missing = [item.number for item in view.items if not item.value_minor_units or item.value_minor_units < 0]
    if missing:
        yield self.finding(
            Verdict.INFORMATION_REQUESTED,
            parameters={"items": in_words(missing)},
            item_numbers=tuple(missing),
            required_action=RequiredAction.SUPPLY_DOCUMENT,
        )


@rule(
    id="CUS-112",
    version=1,
    zh="第 {items} 项的价格({currencies})无法由系统折算",
    en="Item {items}: the value ({currencies}) cannot be worked out by machine",
    enough_zh="以公布汇率的币制申报,或由关员估价",
    enough_en="Declare in a currency whose rate is published, or an officer values the goods",
    source="海关审定进出口货物完税价格办法",
)
def value_can_be_worked_out(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """A currency that exists but has no published rate, or a value beyond the limit: an officer works it out."""
    known = facts.reference.currency_digits
    values = facts.once(customs_values, view, circumstances.accept_time)
    odd = [
        item
        for item, value in zip(view.items, values, strict=True)
        if value is None and (item.value_minor_units or 0) > 0 and item.currency_code in known
    ]
    if odd:
        numbers = tuple([item.number for item in odd])
        yield self.finding(
            Verdict.HOLD,
            parameters={"items": in_words(numbers), "currencies": listed(item.currency_code for item in odd)},
            item_numbers=numbers,
        )


@rule(
    id="CUS-113",
    version=1,
    zh="第 {item} 项每千克 {unit_value} 元,超出编号 {prefix} 的正常范围 {low} 至 {high} 元",
    en="Item {item}: {unit_value} CNY a kilogram, outside {low} to {high} CNY for codes from {prefix}",
    enough_zh="更正价格、净重或编号,或由关员核定",
    enough_en="Correct price, net mass or code, or an officer accepts the value",
    source="价格资料(示例)/ example value bands of the schedule",
)
def unit_value_is_in_band(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """The band of the heading is wide; a value outside it is far out, and an officer looks before release."""
    values = facts.once(customs_values, view, circumstances.accept_time)
    for item, commodity, fen in zip(view.items, facts.commodities, values, strict=True):
        line = commodity.line
        if line is None or fen is None or not item.net_mass_kg:
            continue
        unit_value = fen / item.net_mass_kg / 100
        if not line.low_yuan_per_kg <= unit_value <= line.high_yuan_per_kg:
            yield self.finding(
                Verdict.HOLD,
                parameters={
                    "item": str(item.number),
                    "unit_value": f"{unit_value:.2f}",
                    "prefix": line.prefix,
                    "low": f"{line.low_yuan_per_kg:g}",
                    "high": f"{line.high_yuan_per_kg:g}",
                },
                item_numbers=(item.number,),
            )


@rule(
    id="CUS-114",
    version=1,
    zh="各项价格之和与发票总价相差超过 {tolerance}%",
    en="The items' prices differ from the invoice total by more than {tolerance} percent",
    enough_zh="使各项价格之和与发票总价一致",
    enough_en="Make the items' prices add up to the invoice total",
    source="海关进出口货物报关单填制规范",
)
def prices_make_up_invoice_total(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Only where every item states a price; amounts are of one currency by the contract."""
    total = view.invoice_minor_units
    prices = [item.value_minor_units for item in view.items if item.value_minor_units is not None]
    if total is None or len(prices) < len(view.items):
        return
    if abs(sum(prices) - total) * 100 > abs(total) * INVOICE_TOLERANCE_PERCENT:
        yield self.finding(
            Verdict.INFORMATION_REQUESTED,
            parameters={"tolerance": str(INVOICE_TOLERANCE_PERCENT)},
            required_action=RequiredAction.SUPPLY_DOCUMENT,
        )
