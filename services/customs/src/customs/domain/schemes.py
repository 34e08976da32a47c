"""Schemes that apply by themselves (便捷通关): who is entitled to what. Nobody has to ask for them.

Both lower how often risk criteria select; the random minimum, by which everything is measured, stays for all.
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
    CONVENIENCE = "便捷通关"
    """Everything else that class A enterprises declare."""


def entitled(view: ConsignmentView, facts: Facts, moment: datetime) -> Scheme | None:
    """The scheme that applies to what was accepted at `moment`; None for most.

    No export owes duty by the schedule of this agency, so an export is free of duty (非涉税) as it stands; one that
    needs a licence is not waved through.
    """
    enterprise = facts.enterprise
    if enterprise is None or enterprise.enterprise_class is not EnterpriseClass.A:
        return None
    if not is_in_force(enterprise, moment):
        return None
    waved = not view.is_import and facts.codes_known and not facts.under_licence_control
    return Scheme.FAST_LANE if waved else Scheme.CONVENIENCE
