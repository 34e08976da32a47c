"""What is owed: duty and import VAT, and the fee for declaring late."""

from collections.abc import Iterable

from agencykit.rules import Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from customs.domain.calendar import day_in_china, days_late
from customs.domain.consignment import ConsignmentView
from customs.domain.facts import Facts
from customs.domain.valuation import MILLION, customs_values, half_up
from customs.domain.wording import in_words, yuan

CURRENCY = "CNY"


@rule(
    id="CUS-141",
    version=1,
    zh="第 {items} 项应缴关税 {duty} 元、进口环节增值税 {vat} 元,共 {total} 元",
    en="Item {items}: {duty} CNY duty and {vat} CNY import VAT are due, together {total} CNY",
    enough_zh="缴纳 {total} 元",
    enough_en="Pay {total} CNY",
    source="进出口关税条例;税则及汇率均为示例 / example schedule and rates",
)
def duty_is_paid(self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    """Imports under a taxed trade mode; an unnamed or unknown mode counts as taxed.

    Duty of an item is its customs value by the schedule's rate, VAT is (value + duty) by the VAT rate; each is rounded
    half up to the fen, item by item, and the consignment owes the sum.
    """
    if not view.is_import or not facts.reference.taxed_by_trade_mode.get(view.trade_mode_code, True):
        return
    duty = vat = 0
    numbers = []
    values = facts.once(customs_values, view, circumstances.accept_time)
    for item, commodity, value in zip(view.items, facts.commodities, values, strict=True):
        if commodity.line is None or value is None:
            continue
        item_duty = half_up(value * commodity.line.duty_rate, MILLION)
        item_vat = half_up((value + item_duty) * commodity.line.vat_rate, MILLION)
        if item_duty or item_vat:
            numbers.append(item.number)
        duty += item_duty
        vat += item_vat
    if numbers:
        yield self.finding(
            Verdict.APPROVED_WITH_OBLIGATIONS,
            parameters={
                "items": in_words(numbers),
                "duty": yuan(duty),
                "vat": yuan(vat),
                "total": yuan(duty + vat),
            },
            item_numbers=tuple(numbers),
            required_action=RequiredAction.PAY,
            amount_minor_units=duty + vat,
            currency_code=CURRENCY,
        )


@rule(
    id="CUS-142",
    version=1,
    zh="{arrival} 申报进境,逾期 {days} 天申报,应缴滞报金 {total} 元",
    en="Arrived on {arrival} and declared {days} days late: a late fee of {total} CNY is due",
    enough_zh="缴纳滞报金 {total} 元;运输工具进境后 14 日内申报则免",
    enough_en="Pay {total} CNY; declaring within 14 days of arrival costs nothing",
    source="海关法第二十四条;滞报金率 0.5‰",
)
def import_is_declared_in_time(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Days are calendar days in China, up to this version's acceptance; a supplementary declaration is never late.

    The fee is worked out in whole yuan, parts of a yuan dropped; below the minimum none is levied.
    """
    charges = facts.reference.charges
    days = days_late(view, circumstances.accept_time, charges.free_days)
    if days <= 0:
        return
    value = sum(known for known in facts.once(customs_values, view, circumstances.accept_time) if known)
    whole_yuan = value * charges.late_rate * days // (MILLION * 100)
    if whole_yuan >= max(charges.late_minimum_yuan, 1):
        yield self.finding(
            Verdict.APPROVED_WITH_OBLIGATIONS,
            parameters={
                "arrival": day_in_china(view.arrival_time).isoformat() if view.arrival_time else "",
                "days": str(days),
                "total": yuan(whole_yuan * 100),
            },
            required_action=RequiredAction.PAY,
            amount_minor_units=whole_yuan * 100,
            currency_code=CURRENCY,
        )
