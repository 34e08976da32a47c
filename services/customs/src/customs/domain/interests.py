"""Register entries whose change must be heard of by consignments already decided.

A finding names the fact it waits for. Beside that, a consignment that leans on a licence must hear when it is revoked,
and one that is examined for its enterprise's class when the class changes.
"""

from collections.abc import Iterable

from customs.domain.consignment import ConsignmentView
from customs.domain.facts import EnterpriseClass, Facts

FactKey = tuple[str, str]


def interests(view: ConsignmentView, facts: Facts) -> Iterable[FactKey]:
    """The keys that concern a consignment; none for the many that owe only duty."""
    if facts.under_licence_control:
        yield from (("licence", number) for number in facts.licences)
    if facts.enterprise and facts.enterprise.enterprise_class is EnterpriseClass.D:
        yield "enterprise", view.trader_identifier
