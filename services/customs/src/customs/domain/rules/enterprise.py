"""The enterprise for whose account the goods are declared (经营单位): number, registration, class."""

from collections.abc import Iterable
from datetime import datetime

from agencykit.rules import Awaited, Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from customs.domain.consignment import ConsignmentView
from customs.domain.facts import Enterprise, EnterpriseClass, Facts
from customs.domain.trader_number import NumberKind, number_kind

SOURCE = "海关对企业实施分类管理办法"


@rule(
    id="CUS-131",
    version=1,
    zh="未申报经营单位编号({field})",
    en="The trader's number is missing ({field})",
    enough_zh="申报经营单位的海关注册编号",
    enough_en="Declare the trader's customs registration number",
    source="海关进出口货物报关单填制规范",
)
def trader_is_named(self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    """Somebody known must answer for duty and licences."""
    if not view.trader_identifier:
        yield self.finding(
            Verdict.INFORMATION_REQUESTED,
            parameters={"field": "trader.identifier"},
            required_action=RequiredAction.SUPPLY_DOCUMENT,
        )


@rule(
    id="CUS-132",
    version=1,
    zh="经营单位编号 {identifier} 格式或校验码错误",
    en="The trader's number {identifier} has no known form, or its check character is wrong",
    enough_zh="申报 10 位海关注册编号,或校验码正确的 18 位统一社会信用代码",
    enough_en="Declare a 10-digit customs registration number or an 18-character credit code that checks",
    source="GB/T 2260; GB 32100 (since 2015)",
)
def trader_number_is_well_formed(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """A number that stands in the register is right, whatever its form."""
    identifier = view.trader_identifier
    if not identifier or facts.enterprise:
        return
    if number_kind(identifier, view.trader_country_code) == NumberKind.WRONG:
        yield self.finding(
            Verdict.INFORMATION_REQUESTED,
            parameters={"identifier": identifier},
            required_action=RequiredAction.SUPPLY_DOCUMENT,
        )


@rule(
    id="CUS-133",
    version=1,
    zh="经营单位编号 {identifier} 为境外编号,不予校验",
    en="The trader's number {identifier} is foreign; its form is not checked",
    enough_zh="无须补充",
    enough_en="Nothing is needed",
    source="Default of this agency",
)
def trader_number_is_domestic(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """A remark; whether the enterprise is registered is asked all the same."""
    identifier = view.trader_identifier
    if identifier and number_kind(identifier, view.trader_country_code) == NumberKind.FOREIGN:
        yield self.finding(Verdict.APPROVED, parameters={"identifier": identifier})


@rule(
    id="CUS-134",
    version=1,
    zh="经营单位 {identifier} 尚未在海关注册登记",
    en="Enterprise {identifier} is not in customs' register yet",
    enough_zh="办理海关注册登记",
    enough_en="The enterprise is entered in the register",
    source=SOURCE,
)
def enterprise_is_registered(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Waits for the registration; a number that is wrong in itself is CUS-132's and would never be registered."""
    identifier = view.trader_identifier
    if not identifier or facts.enterprise:
        return
    if number_kind(identifier, view.trader_country_code) != NumberKind.WRONG:
        yield self.finding(
            Verdict.PENDING,
            parameters={"identifier": identifier},
            awaited=(Awaited("trader", "enterprise", identifier),),
        )


def is_in_force(enterprise: Enterprise, moment: datetime) -> bool:
    """Begun, not ended, not suspended."""
    begun = enterprise.valid_from_time is None or enterprise.valid_from_time <= moment
    ended = enterprise.valid_until_time is not None and enterprise.valid_until_time < moment
    return begun and not ended and not enterprise.suspended


@rule(
    id="CUS-135",
    version=1,
    zh="经营单位 {identifier} 的注册登记已暂停或不在有效期内",
    en="The registration of enterprise {identifier} is suspended or not in force",
    enough_zh="恢复注册登记,或由关员决定",
    enough_en="The registration is restored, or an officer decides",
    source=SOURCE,
)
def enterprise_registration_is_in_force(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Held for an officer; a change in the register has it decided anew."""
    if facts.enterprise and not is_in_force(facts.enterprise, circumstances.accept_time):
        yield self.finding(
            Verdict.HOLD,
            parameters={"identifier": view.trader_identifier},
            awaited=(
                Awaited("customs", "officer_result"),
                Awaited("trader", "enterprise", view.trader_identifier),
            ),
        )


@rule(
    id="CUS-136",
    version=1,
    zh="经营单位 {identifier} 为 {enterprise_class} 类企业,货物须查验",
    en="Enterprise {identifier} is of class {enterprise_class}: its goods are examined",
    enough_zh="查验无异常",
    enough_en="An examination that finds nothing",
    source=SOURCE,
)
def enterprise_is_above_class_d(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Class D: every consignment is opened. A, B and C pass; C's more frequent draw is not a rule of this set."""
    enterprise = facts.enterprise
    if enterprise and enterprise.enterprise_class == EnterpriseClass.D:
        yield self.finding(
            Verdict.EXAMINE,
            parameters={"identifier": view.trader_identifier, "enterprise_class": enterprise.enterprise_class.name},
            required_action=RequiredAction.PRESENT,
        )
