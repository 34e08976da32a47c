"""Time limits that are not settled by a fee."""

from collections.abc import Iterable

from agencykit.rules import Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from customs.domain.calendar import hours_before_loading
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

    A later loading time in an amendment does as well. Without a loading time nothing is late yet.
    """
    limit = facts.reference.charges.hours_before_loading
    hours = hours_before_loading(view, circumstances.accept_time)
    if hours is not None and hours < limit:
        yield self.finding(
            Verdict.HOLD,
            parameters={"hours": f"{hours:.1f}", "limit": str(limit)},
            required_action=RequiredAction.DO_NOT_LOAD,
        )
