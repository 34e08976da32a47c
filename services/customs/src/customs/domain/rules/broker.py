"""The broker who declares (报关企业): licence and mandate."""

from collections.abc import Iterable

from agencykit.rules import Awaited, Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from customs.domain.consignment import ConsignmentView
from customs.domain.facts import Facts

SOURCE = "海关对报关单位注册登记管理规定"


@rule(
    id="CUS-161",
    version=1,
    zh="报关企业 {licence} 未经海关注册登记",
    en="Broker {licence} has no customs licence",
    enough_zh="由已注册登记的报关企业重新申报",
    enough_en="A licensed broker declares the goods",
    source=SOURCE,
)
def broker_is_licensed(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Declaring without a licence is refused at once (取缔无证): there is nothing to wait for."""
    if facts.broker is None:
        yield self.finding(Verdict.REFUSED, parameters={"licence": view.broker_licence})


@rule(
    id="CUS-162",
    version=1,
    zh="报关企业 {licence} 的注册登记已暂停或过期",
    en="The licence of broker {licence} is suspended or expired",
    enough_zh="由注册登记有效的报关企业重新申报",
    enough_en="A broker whose licence is in force declares the goods",
    source=SOURCE,
)
def broker_licence_is_in_force(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Judged at the moment the declaration was accepted."""
    broker = facts.broker
    if broker is None:
        return
    expired = broker.valid_until_time is not None and broker.valid_until_time < circumstances.accept_time
    if broker.suspended or expired:
        yield self.finding(Verdict.REFUSED, parameters={"licence": view.broker_licence})


@rule(
    id="CUS-163",
    version=1,
    zh="报关企业 {licence} 没有经营单位 {identifier} 的委托",
    en="Broker {licence} holds no mandate of enterprise {identifier}",
    enough_zh="登记该经营单位的报关委托书",
    enough_en="The enterprise's mandate is entered with the broker's registration",
    source=SOURCE,
)
def broker_holds_mandate(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Only of brokers whose registration lists mandates, and where the trader is named."""
    if facts.broker and facts.broker.needs_mandate and view.trader_identifier and not facts.mandated:
        yield self.finding(
            Verdict.INFORMATION_REQUESTED,
            parameters={"licence": view.broker_licence, "identifier": view.trader_identifier},
            required_action=RequiredAction.SUPPLY_DOCUMENT,
            awaited=(Awaited("broker", "broker", view.broker_licence),),
        )
