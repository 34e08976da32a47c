"""Schemes that apply by themselves, as remarks: that the benefit was delivered, or why not."""

from collections.abc import Iterable

from agencykit.rules import Circumstances, Finding, Rule, Verdict, rule
from customs.domain.consignment import ConsignmentView
from customs.domain.facts import EnterpriseClass, Facts
from customs.domain.risk.selection import selected
from customs.domain.schemes import Scheme, entitled
from customs.domain.wording import listed

SOURCE = "关于大通关的实施意见:凡符合规定条件的企业,都应实行便捷通关"
DELIVERED = "-"


def _applied(
    self: Rule, scheme: Scheme, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """A remark where the scheme applies; `selected_by` says what selected the goods all the same, `-` nothing."""
    enterprise = facts.enterprise
    if enterprise is None or enterprise.enterprise_class > EnterpriseClass.B or facts.risk is None:
        return ()
    if entitled(view, facts, circumstances.accept_time) is not scheme:
        return ()
    reasons = selected(view, facts, circumstances.accept_time).reasons
    named = listed(f"{name}/{version}" for name, version in (mark.stratum for mark in reasons)) if reasons else ""
    return (self.finding(Verdict.APPROVED, parameters={"selected_by": named or DELIVERED}),)


@rule(
    id="CUS-191",
    version=1,
    zh="适用 A 类企业非涉税出口货物快速通道:风险布控不选取,仅随机抽查;仍被选取的依据:{selected_by}",
    en="Fast lane for duty-free exports of class A enterprises: drawn at random only; selected by: {selected_by}",
    enough_zh="无须申请",
    enough_en="Nothing is needed: it applies by itself",
    source=SOURCE,
)
def fast_lane_is_applied(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Criteria and fill do not select; what the random minimum draws is examined all the same, and said here."""
    return _applied(self, Scheme.FAST_LANE, view, facts, circumstances)


@rule(
    id="CUS-192",
    version=1,
    zh="适用便捷通关:风险布控比例降低;仍被选取的依据:{selected_by}",
    en="Convenient clearance: criteria select less often; selected by: {selected_by}",
    enough_zh="无须申请",
    enough_en="Nothing is needed: it applies by itself",
    source=SOURCE,
)
def convenience_is_applied(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """For all else that class A enterprises declare."""
    return _applied(self, Scheme.CONVENIENCE, view, facts, circumstances)


@rule(
    id="CUS-193",
    version=1,
    zh="高新技术企业适用快速通关:风险布控比例降低;仍被选取的依据:{selected_by}",
    en="Quick clearance of a high-tech enterprise: criteria select less often; selected by: {selected_by}",
    enough_zh="无须申请;以登记的高新技术企业证书有效期为准",
    enough_en="Nothing is needed while the register holds a certificate that is in force",
    source="关于大通关的实施意见:对高新技术企业实行快速通关",
)
def quick_clearance_is_applied(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """For certified high-tech enterprises of class A or B, where no greater scheme applies."""
    return _applied(self, Scheme.HIGH_TECH, view, facts, circumstances)
