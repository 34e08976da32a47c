"""Time limits that are not settled by a fee. A declaration is made when its first version is accepted."""

from collections.abc import Iterable

from agencykit.rules import Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from customs.domain.calendar import day_in_china, hours_before_loading, unclaimed_since
from customs.domain.consignment import ConsignmentView
from customs.domain.facts import Facts


@rule(
    id="CUS-151",
    version=1,
    zh="距装货仅 {hours} 小时,出口货物应在装货 {limit} 小时前申报",
    en="Loading is {hours} hours after the declaration; exports are declared {limit} hours before",
    enough_zh="将装货时间改至申报 {limit} 小时之后,或经海关特准",
    enough_en="Move loading to {limit} hours after the declaration, or an officer grants an exception",
    source="海关法第二十四条",
)
def export_is_declared_before_loading(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Held, not refused or asked back: the law lets customs grant an exception (除海关特准的外), so an officer may.

    Counted from the first declaration: an amendment is none. A later loading time in an amendment does as well. Without
    a loading time nothing is late yet.
    """
    limit = facts.reference.charges.hours_before_loading
    hours = hours_before_loading(view, facts.first_accept_time or circumstances.accept_time)
    if hours is not None and hours < limit:
        yield self.finding(
            Verdict.HOLD,
            parameters={"hours": f"{hours:.1f}", "limit": str(limit)},
            required_action=RequiredAction.DO_NOT_LOAD,
        )


@rule(
    id="CUS-143",
    version=1,
    zh="{arrival} 申报进境,自 {since} 起超过 {months} 个月未申报,海关可提取变卖",
    en="Arrived on {arrival} and not declared within {months} months: since {since} customs may sell the goods",
    enough_zh="关员确认货物未提取变卖并同意申报;运输工具进境后三个月内申报则免",
    enough_en="An officer confirms that the goods are still there; declaring within {months} months of arrival",
    source="海关法第三十条",
)
def import_is_declared_before_it_is_unclaimed(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Held: an officer looks whether the goods have been taken for sale already."""
    if view.arrival_time is None:
        return
    months = facts.reference.charges.unclaimed_months
    since = unclaimed_since(view, facts.first_accept_time or circumstances.accept_time, months)
    if since is not None:
        parameters = {
            "arrival": day_in_china(view.arrival_time).isoformat(),
            "since": since.isoformat(),
            "months": str(months),
        }
        yield self.finding(Verdict.HOLD, parameters=parameters)
