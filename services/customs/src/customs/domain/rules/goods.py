"""Whether the goods are described: commodity code and mass, and whether they may pass at all."""

from collections.abc import Iterable

from agencykit.rules import Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from customs.domain.consignment import ConsignmentView
from customs.domain.facts import Facts
from customs.domain.reference import CodeState, Prohibition
from customs.domain.wording import in_words, listed


@rule(
    id="CUS-101",
    version=1,
    zh="第 {items} 项未申报商品编号",
    en="Item {items}: no commodity code",
    enough_zh="申报 6 至 10 位商品编号",
    enough_en="Declare a commodity code of 6 to 10 digits",
    source="海关进出口货物申报管理规定;Harmonized System",
)
def commodity_code_is_declared(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Nothing else about goods can be decided without their code."""
    if facts.codes_known:
        return
    pairs = zip(view.items, facts.commodities, strict=True)
    missing = [item.number for item, commodity in pairs if commodity.state == CodeState.MISSING]
    if missing:
        yield self.finding(
            Verdict.INFORMATION_REQUESTED,
            parameters={"items": in_words(missing)},
            item_numbers=tuple(missing),
            required_action=RequiredAction.SUPPLY_DOCUMENT,
        )


@rule(
    id="CUS-102",
    version=1,
    zh="第 {items} 项的商品编号 {codes} 不在税则之内",
    en="Item {items}: commodity code {codes} is not in the schedule",
    enough_zh="申报税则内 6 至 10 位数字的编号",
    enough_en="Declare codes of 6 to 10 digits whose chapter is in the schedule",
    source="Harmonized System",
)
def commodity_code_is_in_schedule(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """A code that is not 6 to 10 digits, or whose chapter does not exist, cannot be rated."""
    if facts.codes_known:
        return
    bad = (CodeState.MALFORMED, CodeState.UNKNOWN)
    odd = [item for item, commodity in zip(view.items, facts.commodities, strict=True) if commodity.state in bad]
    if odd:
        numbers = tuple([item.number for item in odd])
        yield self.finding(
            Verdict.INFORMATION_REQUESTED,
            parameters={"items": in_words(numbers), "codes": listed(item.code for item in odd)},
            item_numbers=numbers,
            required_action=RequiredAction.SUPPLY_DOCUMENT,
        )


@rule(
    id="CUS-103",
    version=1,
    zh="第 {items} 项未申报净重或毛重",
    en="Item {items}: no net mass, or a gross mass neither there nor for the whole consignment",
    enough_zh="逐项申报净重,并申报各项或整票的毛重,单位千克",
    enough_en="Declare a net mass for each item, and a gross mass for each item or for the whole, in kilograms",
    source="海关进出口货物报关单填制规范",
)
def mass_is_declared(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Zero is no mass. One gross mass for the whole consignment is enough, as on a Chinese declaration."""
    whole = bool(view.total_gross_mass_kg)
    missing = [item.number for item in view.items if not (item.net_mass_kg and (whole or item.gross_mass_kg))]
    if missing:
        yield self.finding(
            Verdict.INFORMATION_REQUESTED,
            parameters={"items": in_words(missing)},
            item_numbers=tuple(missing),
            required_action=RequiredAction.SUPPLY_DOCUMENT,
        )


@rule(
    id="CUS-104",
    version=1,
    zh="第 {items} 项净重大于毛重",
    en="Item {items}: net mass above gross mass",
    enough_zh="净重不大于毛重",
    enough_en="Declare net masses that are not above the gross masses",
    source="海关进出口货物报关单填制规范",
)
def net_mass_is_within_gross(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Item by item; an item without a gross mass of its own is not compared."""
    heavier = [
        item.number
        for item in view.items
        if item.gross_mass_kg and item.net_mass_kg and item.net_mass_kg > item.gross_mass_kg
    ]
    if heavier:
        yield self.finding(
            Verdict.INFORMATION_REQUESTED,
            parameters={"items": in_words(heavier)},
            item_numbers=tuple(heavier),
            required_action=RequiredAction.SUPPLY_DOCUMENT,
        )


@rule(
    id="CUS-105",
    version=1,
    zh="第 {items} 项(编号 {prefix})属禁止进出境货物",
    en="Item {items}: prohibited goods (codes from {prefix})",
    enough_zh="禁止进出境货物不得放行",
    enough_en="Nothing: such goods do not pass",
    source="禁止进出口货物目录(示例)/ example list",
)
def goods_are_not_prohibited(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """One finding for each entry of the list that is met; the goods are seized."""
    met: dict[Prohibition, list[int]] = {}
    for item, commodity in zip(view.items, facts.commodities, strict=True):
        if commodity.prohibition:
            met.setdefault(commodity.prohibition, []).append(item.number)
    for prohibition, numbers in met.items():
        yield self.finding(
            Verdict.REFUSED,
            parameters={"items": in_words(numbers), "prefix": prohibition.prefix},
            item_numbers=tuple(numbers),
            required_action=RequiredAction.SEIZE,
        )
