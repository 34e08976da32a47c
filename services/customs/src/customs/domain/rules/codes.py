"""Codes that must stand in a published list: countries, currencies, trade modes."""

from collections.abc import Iterable

from agencykit.rules import Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from customs.domain.consignment import ConsignmentView
from customs.domain.facts import Facts
from customs.domain.wording import in_words, listed

ORIGIN = "items.origin_country_code"


@rule(
    id="CUS-171",
    version=1,
    zh="国别代码 {code} 不存在({fields})",
    en="There is no country {code} ({fields})",
    enough_zh="申报 ISO 3166 两位国别代码",
    enough_en="Declare a country by its two letters in ISO 3166",
    source="ISO 3166-1",
)
def country_is_known(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """One finding for each unknown code, with every field it stands in. A code left out is not unknown."""
    known = facts.reference.countries
    fields: dict[str, set[str]] = {}
    numbers: dict[str, list[int]] = {}
    for path, code in view.countries:
        if code not in known:
            fields.setdefault(code, set()).add(path)
    for item in view.items:
        if item.origin_country_code and item.origin_country_code not in known:
            fields.setdefault(item.origin_country_code, set()).add(ORIGIN)
            numbers.setdefault(item.origin_country_code, []).append(item.number)
    for code, paths in fields.items():
        yield self.finding(
            Verdict.INFORMATION_REQUESTED,
            parameters={"code": code, "fields": listed(paths)},
            item_numbers=tuple(numbers.get(code, ())),
            required_action=RequiredAction.SUPPLY_DOCUMENT,
        )


@rule(
    id="CUS-172",
    version=1,
    zh="第 {items} 项的币制代码 {codes} 不存在",
    en="Item {items}: there is no currency {codes}",
    enough_zh="申报 ISO 4217 三位币制代码",
    enough_en="Declare the currency by its three letters in ISO 4217",
    source="ISO 4217",
)
def currency_is_known(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Currencies with a smallest unit; gold and test codes are no currency to price in."""
    known = facts.reference.currency_digits
    odd = [item for item in view.items if item.currency_code and item.currency_code not in known]
    if odd:
        numbers = tuple([item.number for item in odd])
        yield self.finding(
            Verdict.INFORMATION_REQUESTED,
            parameters={"items": in_words(numbers), "codes": listed(item.currency_code for item in odd)},
            item_numbers=numbers,
            required_action=RequiredAction.SUPPLY_DOCUMENT,
        )


@rule(
    id="CUS-173",
    version=1,
    zh="监管方式代码 {code} 不存在",
    en="There is no trade mode {code}",
    enough_zh="申报监管方式代码表内的代码",
    enough_en="Declare a code of the trade mode list",
    source="监管方式代码表",
)
def trade_mode_is_known(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Whether duty is owed hangs on it."""
    if view.trade_mode_code and view.trade_mode_code not in facts.reference.taxed_by_trade_mode:
        yield self.finding(
            Verdict.INFORMATION_REQUESTED,
            parameters={"code": view.trade_mode_code},
            required_action=RequiredAction.SUPPLY_DOCUMENT,
        )


@rule(
    id="CUS-174",
    version=1,
    zh="未申报监管方式,按 {assumed}(一般贸易)征税",
    en="No trade mode is declared; duty is worked out as for {assumed} (general trade)",
    enough_zh="无须补充;享受其他监管方式者应申报其代码",
    enough_en="Nothing; to be treated otherwise, declare the trade mode",
    source="监管方式代码表",
)
def trade_mode_is_declared(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """A remark: foreign declarations have no such field, and general trade is the mode that owes most."""
    if not view.trade_mode_code:
        yield self.finding(Verdict.APPROVED, parameters={"assumed": "0110"})
