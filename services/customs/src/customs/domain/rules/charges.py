"""What is owed: duty and import VAT, and the fee for declaring late.

Goods go and what is owed for them is paid within a term, or they wait for the payment, as the list of charges says.
What was paid settles a finding once it reaches what is owed.
"""

from collections.abc import Iterable
from typing import Any

from agencykit.rules import Awaited, Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from customs.domain.calendar import day_in_china, days_late
from customs.domain.consignment import ConsignmentView
from customs.domain.facts import Facts
from customs.domain.payments import Charge
from customs.domain.reference import Charges
from customs.domain.valuation import MILLION, customs_values, taxes
from customs.domain.wording import in_words, yuan

CURRENCY = "CNY"
PAYMENT = "payment"


@rule(
    id="CUS-141",
    version=2,
    zh="第 {items} 项应缴关税 {duty} 元、进口环节增值税 {vat} 元,共 {total} 元",
    en="Item {items}: {duty} CNY duty and {vat} CNY import VAT are due, together {total} CNY",
    enough_zh="自填发缴款书之日起 {days} 日内缴纳 {total} 元",
    enough_en="Pay {total} CNY within {days} days of the notice of payment",
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
        item_duty, item_vat = taxes(value, commodity.line.duty_rate, commodity.line.vat_rate)
        if item_duty or item_vat:
            numbers.append(item.number)
        duty += item_duty
        vat += item_vat
    if numbers:
        yield _owed(
            self,
            facts,
            circumstances,
            Charge.DUTY_AND_VAT,
            duty + vat,
            parameters={
                "items": in_words(numbers),
                "duty": yuan(duty),
                "vat": yuan(vat),
                "total": yuan(duty + vat),
                "days": str(facts.reference.charges.payment_days),
            },
            item_numbers=tuple(numbers),
        )


@rule(
    id="CUS-142",
    version=2,
    zh="{arrival} 申报进境,逾期 {days} 天申报,应缴滞报金 {total} 元",
    en="Arrived on {arrival} and declared {days} days late: a late fee of {total} CNY is due",
    enough_zh="缴纳滞报金 {total} 元;运输工具进境后 14 日内申报则免",
    enough_en="Pay {total} CNY; declaring within 14 days of arrival costs nothing",
    source="海关法第二十四条;滞报金率 0.5‰",
)
def import_is_declared_in_time(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Days are calendar days in China, up to the acceptance of the first version: an amendment is no later declaration.
    A supplementary declaration is never late.

    The fee is worked out in whole yuan, parts of a yuan dropped; below the minimum none is levied.
    """
    charges = facts.reference.charges
    days = late_days(view, facts, circumstances)
    if days <= 0:
        return
    value = sum(known for known in facts.once(customs_values, view, circumstances.accept_time) if known)
    fee = late_fee(value, days, charges)
    if fee:
        yield _owed(
            self,
            facts,
            circumstances,
            Charge.LATE_FEE,
            fee,
            parameters={
                "arrival": day_in_china(view.arrival_time).isoformat() if view.arrival_time else "",
                "days": str(days),
                "total": yuan(fee),
            },
        )


def _owed(rule: Rule, facts: Facts, circumstances: Circumstances, charge: Charge, fen: int, **details: Any) -> Finding:
    """A finding that `fen` are owed: with the amount that is not paid yet, and settled where nothing is left."""
    paid = facts.paid.get(charge, 0)
    waits = not facts.reference.charges.release_before_payment
    awaited = (Awaited("trader", PAYMENT, circumstances.clearance_number),) if waits and paid < fen else ()
    return rule.finding(
        Verdict.PENDING if waits else Verdict.APPROVED_WITH_OBLIGATIONS,
        required_action=RequiredAction.PAY,
        awaited=awaited,
        amount_minor_units=max(fen - paid, 0),
        currency_code=CURRENCY,
        resolved=paid >= fen,
        notes=(("paid", yuan(paid)),) if paid else (),
        **details,
    )


def late_days(view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> int:
    """Days for which a late fee is owed; 0 or less for none."""
    return days_late(view, facts.first_accept_time or circumstances.accept_time, facts.reference.charges.free_days)


def late_fee(value: int, days: int, charges: Charges) -> int:
    """Fen, for a customs value in fen; 0 where it is too small to be levied."""
    whole_yuan = value * charges.late_rate * days // (MILLION * 100)
    return whole_yuan * 100 if whole_yuan >= charges.late_minimum_yuan else 0
