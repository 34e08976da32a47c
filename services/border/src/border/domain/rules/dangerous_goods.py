"""Dangerous goods aboard are announced by the carrier before the ship comes."""

from collections.abc import Iterable

from agencykit.rules import Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from border.domain.consignment import ConsignmentView
from border.domain.facts import Facts
from border.domain.identifiers import is_un_number, un_number


@rule(
    id="BOR-331",
    version=1,
    zh="第 {items} 项危险货物编号 {codes} 不是四位联合国编号",
    en="Dangerous goods of items {items} bear {codes}, which is not a four-digit UN number",
    enough_zh="填写四位联合国危险货物编号",
    enough_en="The four-digit UN number",
    source="IMDG Code; UN Recommendations on the Transport of Dangerous Goods",
)
def un_number_in_form(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """A remark: the carrier's own announcement, not this code, decides how the goods travel."""
    odd = [(item, code) for item, codes in view.dangerous_goods for code in codes if not is_un_number(code)]
    if odd:
        yield self.finding(Verdict.APPROVED, **_about(odd))


@rule(
    id="BOR-332",
    version=1,
    zh="第 {items} 项危险货物 {codes} 未随运输工具预报:承运人应补报",
    en="Dangerous goods {codes} of items {items} are not in the announcement: the carrier owes a supplement",
    enough_zh="预报中列明危险货物 {codes}",
    enough_en="An announcement that lists {codes}",
    source="IMDG Code 5.4; dangerous goods are announced with the call",
)
def dangerous_goods_announced(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """An obligation: release need not wait for the carrier's supplement, which border follows up."""
    if not view.dangerous_goods or facts.announcement is None:
        return
    announced = facts.announcement.dangerous_goods
    silent = [
        (item, un_number(code))
        for item, codes in view.dangerous_goods
        for code in codes
        if is_un_number(code) and un_number(code) not in announced
    ]
    if silent:
        obligation = RequiredAction.SUPPLY_DOCUMENT
        yield self.finding(Verdict.APPROVED_WITH_OBLIGATIONS, required_action=obligation, **_about(silent))


def _about(goods: list[tuple[int, str]]) -> dict[str, object]:
    """Parameters and scope of a finding about (item number, code) pairs."""
    items = sorted({item for item, _ in goods})
    codes = sorted({code for _, code in goods})
    return {
        "parameters": {"items": ", ".join(map(str, items)), "codes": ", ".join(codes)},
        "item_numbers": tuple(items),
    }
