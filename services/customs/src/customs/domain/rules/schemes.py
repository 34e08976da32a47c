"""Schemes as findings: remarks that a benefit bears upon the decision, and what befalls those who have none.

Each scheme is one rule; all are carried out by one function, for who is entitled and what it does stand in the table
of schemes (domain/schemes.py, schemes.toml). Whether the benefit was delivered is recorded beside (domain/benefits.py).
"""

from collections.abc import Iterable

from agencykit.rules import Awaited, Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from customs.domain.benefits import remarks_of
from customs.domain.calendar import day_in_china
from customs.domain.consignment import ConsignmentView
from customs.domain.entitlement import declared_ahead, scheme_of
from customs.domain.facts import Facts
from customs.domain.schemes import Effect, Scheme

PLAN = "关于大通关的实施意见"
BY_ITSELF = ("无须申请", "Nothing is needed: it applies by itself")


def _told(self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    """A remark where the scheme bears upon this decision."""
    remarks = facts.remarks
    if remarks is None:
        remarks = remarks_of(view, facts, circumstances)
    if not remarks or (parameters := remarks.get(SCHEME_OF_RULE[self.id])) is None:
        return ()
    return (self.finding(Verdict.APPROVED, parameters=parameters),)


def _scheme(id: str, zh: str, en: str, source: str, enough: tuple[str, str] = BY_ITSELF) -> Rule:
    return Rule(id, 1, zh, en, *enough, source, _told)


RULE_OF_SCHEME = {
    Scheme.FAST_LANE: _scheme(
        "CUS-191",
        "适用 A 类企业非涉税出口货物快速通道:风险布控不选取,仅随机抽查;仍被选取的依据:{selected_by}",
        "Fast lane for duty-free exports of class A enterprises: drawn at random only; selected by: {selected_by}",
        f"{PLAN}:对 A 类企业非涉税出口货物实行快速通道",
    ),
    Scheme.CONVENIENCE: _scheme(
        "CUS-192",
        "适用便捷通关:风险布控比例降低;仍被选取的依据:{selected_by}",
        "Convenient clearance: criteria select less often; selected by: {selected_by}",
        f"{PLAN}:凡符合规定条件的企业,都应实行便捷通关",
    ),
    Scheme.HIGH_TECH: _scheme(
        "CUS-193",
        "高新技术企业适用快速通关:风险布控比例降低;仍被选取的依据:{selected_by}",
        "Quick clearance of a high-tech enterprise: criteria select less often; selected by: {selected_by}",
        f"{PLAN}:对高新技术企业实行快速通关",
        (
            "无须申请;以登记的高新技术企业证书有效期为准",
            "Nothing is needed while the register holds a certificate that is in force",
        ),
    ),
    Scheme.ADVANCE: _scheme(
        "CUS-194",
        "高新技术企业适用提前报关:货物运抵({arrival})前先行审核单证、作出决定",
        "Declared before arrival by a high-tech enterprise: papers are settled before the goods come on {arrival}",
        f"{PLAN}:对高新技术企业实行提前报关",
    ),
    Scheme.BUSY_PORT: _scheme(
        "CUS-195",
        "业务量大的口岸适用进口提前报关:货物运抵({arrival})前先行审核单证、作出决定",
        "Declared before arrival at a busy port: papers are settled before the goods come on {arrival}",
        f"{PLAN}:业务量大的口岸,对符合规定条件企业的进口货物实行提前报关",
    ),
    Scheme.NETWORKED: _scheme(
        "CUS-197",
        "适用联网报关:布控审单(依据 {criteria})改为放行后审核",
        "Networked declaration: the check of the documents that {criteria} selected is made after release",
        f"{PLAN}:对高新技术企业实行联网报关",
    ),
    Scheme.GREEN_LANE: _scheme(
        "CUS-198",
        "适用绿色通道(鲜活易腐货物):布控审单(依据 {criteria})改为放行后审核",
        "Green lane for live and perishable goods: the check of documents selected by {criteria} is made after release",
        f"{PLAN}:5+2、24小时、无假日,绿色通道",
    ),
    Scheme.PREMISES: _scheme(
        "CUS-199",
        "适用上门验放:在企业场所查验:{place}",
        "Examined at the enterprise's premises: {place}",
        f"{PLAN}:对高新技术企业实行上门验放",
    ),
    Scheme.URGENT: _scheme(
        "CUS-201",
        "高新技术企业适用加急通关:优先办理",
        "Urgent clearance of a high-tech enterprise: it goes before others",
        f"{PLAN}:对高新技术企业实行加急通关",
    ),
    Scheme.GUARANTEE: _scheme(
        "CUS-202",
        "具备担保验放资格",
        "Entitled to release on guarantee",
        f"{PLAN}:对高新技术企业实行担保验放",
        ("无须补充;有未结事项时可提供担保先行放行", "Nothing is needed; a guarantee may stand for what is open"),
    ),
    Scheme.HOME: _scheme(
        "CUS-203",
        "具备属地申报、口岸验放资格",
        "Entitled to declare at home and have the goods verified at the port",
        "属地申报、口岸验放 (option since 2006)",
    ),
}
SCHEME_OF_RULE = {rule.id: scheme.name for scheme, rule in RULE_OF_SCHEME.items()}


@rule(
    id="CUS-196",
    version=1,
    zh="不具备提前报关资格:待货物运抵({arrival})后审核",
    en="Not entitled to declare before arrival: decided when the goods come on {arrival}",
    enough_zh="货物运抵;或属高新技术企业,或在业务量大的口岸申报的 A、B 类企业",
    enough_en="The goods arrive; or a high-tech enterprise declares, or one of class A or B at a busy port",
    source=f"{PLAN}:提前报关 / who is entitled: a default of this agency",
)
def import_is_not_declared_before_its_time(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Who is not registered is CUS-134's. Without an arrival time nothing would end the wait, so it is asked for."""
    moment, arrival = circumstances.accept_time, view.arrival_time
    if facts.enterprise is None or not declared_ahead(view, facts, moment):
        return ()
    if scheme_of(Effect.BEFORE_ARRIVAL, view, facts, moment):
        return ()
    if arrival is None:
        asked, action = {"arrival": "arrival_time"}, RequiredAction.SUPPLY_DOCUMENT
        return (self.finding(Verdict.INFORMATION_REQUESTED, parameters=asked, required_action=action),)
    if arrival < circumstances.decide_time:
        return ()
    facts.arrival_awaited = arrival
    told = {"arrival": day_in_china(arrival).isoformat()}
    return (self.finding(Verdict.PENDING, parameters=told, awaited=(Awaited("carrier", "arrival"),)),)
