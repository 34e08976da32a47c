"""Register entries whose change must be heard of by consignments already decided.

A finding names the fact it waits for. Beside that, a consignment that leans on a licence must hear when it is revoked,
one that is examined for its enterprise's class when the class changes, and one that would go on a guarantee by scheme
when its trader has such a guarantee entered.
"""

from collections.abc import Iterable
from datetime import datetime

from customs.domain.consignment import ConsignmentView
from customs.domain.facts import EnterpriseClass, Facts

FactKey = tuple[str, str]
# Key: holder.
STANDING_GUARANTEE = "standing_guarantee"
# A licence may be revoked whose goods have left.
OUTLASTING = frozenset({"licence"})


def interests(view: ConsignmentView, facts: Facts) -> Iterable[FactKey]:
    """The keys that concern a consignment; none for the many that owe only duty."""
    if facts.under_licence_control:
        yield from (("licence", number) for number in facts.licences)
    if facts.enterprise and facts.enterprise.enterprise_class is EnterpriseClass.D:
        yield "enterprise", view.trader_identifier
    if facts.guarantee_awaited:
        yield STANDING_GUARANTEE, view.trader_identifier


def decided_again(view: ConsignmentView, facts: Facts) -> datetime | None:
    """When a decision is to be made again that waits for the arrival of the goods, or for the day on which a guarantee
    by scheme begins.
    """
    begin = facts.grant_begin if facts.guarantee_awaited else None
    return min((moment for moment in (facts.arrival_awaited, begin) if moment is not None), default=None)
