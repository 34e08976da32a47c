"""What inspection concerns itself with, and whether the goods are described well enough to tell."""

from collections.abc import Iterable

from agencykit.rules import Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from inspection.domain.consignment import ConsignmentView
from inspection.domain.facts import Facts
from inspection.domain.packaging import untreated_wood
from inspection.domain.reference import CodeState
from inspection.domain.wording import in_words


@rule(
    id="INS-200",
    version=1,
    zh="申报货物 {count} 项,均不在法检目录内",
    en="Items declared: {count}; none is in inspection's catalogue",
    enough_zh="无须补充",
    enough_en="Nothing is needed",
    source="出入境检验检疫机构实施检验检疫的进出境商品目录(示例)/ example catalogue",
)
def goods_are_outside_catalogue(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Asked first and alone, through `subject`; once it is known that the goods are subject, it finds nothing.

    An item whose code is missing or odd may be anything, and packages of wood concern inspection whatever they hold.
    """
    if is_outside(view, facts):
        yield self.finding(Verdict.NOT_SUBJECT, parameters={"count": str(len(view.items))})


def is_outside(view: ConsignmentView, facts: Facts) -> bool:
    """Whether every item has a code, none is listed, and no package of wood needs treatment."""
    states = [commodity.state for commodity in facts.commodities]
    return all(state == CodeState.OUTSIDE for state in states) and not untreated_wood(view, facts)


def subject(view: ConsignmentView, facts: Facts) -> Finding | None:
    """The finding that the consignment is outside inspection's remit, or None."""
    if not is_outside(view, facts):
        return None
    return goods_are_outside_catalogue.finding(Verdict.NOT_SUBJECT, parameters={"count": str(len(view.items))})


@rule(
    id="INS-201",
    version=1,
    zh="第 {items} 项的商品编号缺失或不是 6 至 10 位数字,无法判断是否属法检",
    en="Item {items}: no commodity code of 6 to 10 digits, so that nobody can tell whether it is subject",
    enough_zh="申报 6 至 10 位商品编号",
    enough_en="Declare a commodity code of 6 to 10 digits",
    source="Harmonized System",
)
def commodity_code_is_usable(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """The description is no substitute: two words for the same goods must not make two verdicts."""
    pairs = zip(view.items, facts.commodities, strict=True)
    odd = [item.number for item, commodity in pairs if commodity.state == CodeState.UNUSABLE]
    if odd:
        yield self.finding(
            Verdict.INFORMATION_REQUESTED,
            parameters={"items": in_words(odd)},
            item_numbers=tuple(odd),
            required_action=RequiredAction.SUPPLY_DOCUMENT,
        )
