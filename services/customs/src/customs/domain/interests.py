"""Register entries whose change must be heard of by consignments already decided.

A finding names the fact it waits for. Beside that, a consignment that leans on a licence must hear when it is revoked,
and one that was stopped for its enterprise when the register changes.
"""

from collections.abc import Iterable

from customs.domain.consignment import ConsignmentView
from customs.domain.facts import Enterprise, EnterpriseClass, Facts

FactKey = tuple[str, str]


def interests(view: ConsignmentView, facts: Facts) -> Iterable[FactKey]:
    """The keys that concern a consignment; none for the many that owe only duty."""
    if facts.under_licence_control:
        yield from (("licence", number) for number in facts.licences)
    if facts.enterprise and _stands_out(facts.enterprise):
        yield "enterprise", view.trader_identifier


def _stands_out(enterprise: Enterprise) -> bool:
    limited = enterprise.valid_from_time is not None or enterprise.valid_until_time is not None
    return enterprise.suspended or limited or enterprise.enterprise_class is EnterpriseClass.D
