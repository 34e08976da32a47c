"""Schemes that apply by themselves (便捷通关): who is entitled to what. Nobody has to ask for them.

All lower how often risk criteria select; the random minimum, by which everything is measured, stays for all.
"""

from datetime import datetime
from enum import Enum

from customs.domain.consignment import ConsignmentView
from customs.domain.facts import EnterpriseClass, Facts
from customs.domain.rules.enterprise import is_in_force


class Scheme(Enum):
    """A benefit; a consignment has one at the most, the greater."""

    FAST_LANE = "A类企业非涉税出口货物快速通道"
    """Exports of class A enterprises that owe no duty and need no licence."""
    HIGH_TECH = "高新技术企业快速通关"
    """All else of certified high-tech enterprises of class A or B."""
    CONVENIENCE = "便捷通关"
    """All else of class A enterprises."""


def entitled(view: ConsignmentView, facts: Facts, moment: datetime) -> Scheme | None:
    """The scheme that applies to what was accepted at `moment`; None for most.

    No export owes duty by the schedule of this agency, so an export is free of duty (非涉税) as it stands; one that
    needs a licence is not waved through.
    """
    enterprise = facts.enterprise
    if enterprise is None or enterprise.enterprise_class > EnterpriseClass.B:
        return None
    certified = enterprise.high_tech_until_time is not None and moment <= enterprise.high_tech_until_time
    best = enterprise.enterprise_class is EnterpriseClass.A
    if not (best or certified) or not is_in_force(enterprise, moment):
        return None
    if best:
        if not view.is_import and facts.codes_known and not facts.under_licence_control:
            return Scheme.FAST_LANE
        return Scheme.HIGH_TECH if certified else Scheme.CONVENIENCE
    return Scheme.HIGH_TECH
