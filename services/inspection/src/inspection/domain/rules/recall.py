"""Recall (召回): approvals taken back, and goods that come while it is in force."""

from collections.abc import Iterable

from agencykit.rules import Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from inspection.domain.consignment import ConsignmentView
from inspection.domain.facts import Facts, Recall
from inspection.domain.wording import in_words, listed

SOURCE = "进出口商品检验法;召回 / recall"


def _recalled(
    view: ConsignmentView, facts: Facts, now: Circumstances, *, before: bool
) -> tuple[tuple[int, ...], list[Recall]]:
    """Items under a recall that was entered before this version was accepted, or after; and the recalls."""
    items: set[int] = set()
    met: list[Recall] = []
    for recall in facts.recalls:
        if (recall.enter_time <= now.accept_time) is before:
            hit = _items(recall, view)
            items |= hit
            met += [recall] if hit else []
    return tuple(sorted(items)), met


def _items(recall: Recall, view: ConsignmentView) -> set[int]:
    if not recall.producer_identifier:
        return {item.number for item in view.items}
    return {
        item.number
        for item in view.items
        if item.producer_identifier == recall.producer_identifier
        and (not recall.commodity_prefixes or item.code.startswith(recall.commodity_prefixes))
    }


@rule(
    id="INS-261",
    version=1,
    zh="第 {items} 项被召回({numbers}),撤销先前的同意",
    en="Item {items}: recalled under {numbers}; what was agreed to before is taken back",
    enough_zh="召回解除",
    enough_en="The recall is lifted",
    source=SOURCE,
)
def goods_are_not_recalled(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """A recall that came after the goods were accepted; what is released and not yet gone is stopped by the gateway."""
    if not facts.recalls:
        return
    items, recalls = _recalled(view, facts, circumstances, before=False)
    if items:
        yield self.finding(
            Verdict.RECALLED,
            parameters={"items": in_words(items), "numbers": listed(each.number for each in recalls)},
            item_numbers=items,
            required_action=RequiredAction.RETURN if view.is_import else RequiredAction.DO_NOT_LOAD,
        )


@rule(
    id="INS-262",
    version=1,
    zh="第 {items} 项属召回范围({numbers}),待审核",
    en="Item {items}: goods under recall {numbers}, held for an officer",
    enough_zh="检验检疫官员确认本批不受影响,或召回解除",
    enough_en="An officer finds that these are not concerned, or the recall is lifted",
    source=SOURCE,
)
def goods_under_recall_are_held(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Goods accepted while a recall was in force already: there is no approval to be taken back."""
    if not facts.recalls:
        return
    items, recalls = _recalled(view, facts, circumstances, before=True)
    if items:
        yield self.finding(
            Verdict.HOLD,
            parameters={"items": in_words(items), "numbers": listed(each.number for each in recalls)},
            item_numbers=items,
        )
