"""Each rule of the gate and the refusal that a terminal meets where it finds something."""

from collections.abc import Callable, Mapping

from agencykit.refusals import (
    GoodsHeld,
    NotReleased,
    OrderSuperseded,
    OrderUnverified,
    OutOfScope,
    PackagesExceeded,
    Refusal,
    RevocationsStale,
    StateForbids,
)
from agencykit.rules import Finding
from port.domain.rules import gate

_WITH_RULE: Mapping[str, Callable[..., Refusal]] = {
    gate.view_is_fresh.id: RevocationsStale,
    gate.is_released.id: NotReleased,
    gate.order_is_newest.id: OrderSuperseded,
    gate.order_is_verified.id: OrderUnverified,
    gate.is_in_order_by_hand.id: OrderUnverified,
    gate.loading_rests_on_all.id: OrderUnverified,
    gate.goods_are_covered.id: OutOfScope,
    gate.nothing_holds_it.id: GoodsHeld,
    gate.packages_are_there.id: PackagesExceeded,
}


def denial(finding: Finding) -> Refusal:
    """The refusal for a finding of the gate's rules; its values are the finding's."""
    if finding.rule_id == gate.all_in_the_box_are_released.id:
        number, subject, beside = (finding.parameters[name] for name in ("clearance_number", "subject", "beside"))
        return OutOfScope(finding.rule_id, number, f"the goods of {beside} in {subject}")
    kind = _WITH_RULE.get(finding.rule_id)
    if kind is not None:
        return kind(rule_id=finding.rule_id, **finding.parameters)
    return StateForbids(finding.parameters["state"], finding.parameters["operation"])
