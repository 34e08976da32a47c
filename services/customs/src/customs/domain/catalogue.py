"""All rules of customs, in the order in which they are evaluated and published."""

from agencykit.rules import Circumstances, Finding, Rule
from customs.domain.consignment import ConsignmentView
from customs.domain.facts import Facts
from customs.domain.rules import (
    broker,
    charges,
    codes,
    enterprise,
    goods,
    licences,
    risk,
    schemes,
    timing,
    value,
    verification,
)
from customs.domain.verification import Part, part_of

RULE_SET_VERSION = "customs-2004.1"

# What is declared and verified here is asked by these.
WHOLE: tuple[Rule, ...] = (
    goods.commodity_code_is_declared,
    goods.commodity_code_is_in_schedule,
    goods.mass_is_declared,
    goods.net_mass_is_within_gross,
    goods.goods_are_not_prohibited,
    value.value_is_declared,
    value.value_can_be_worked_out,
    value.unit_value_is_in_band,
    value.prices_make_up_invoice_total,
    licences.licence_is_named,
    licences.licence_is_registered,
    licences.licence_is_in_force,
    licences.licence_covers_goods,
    enterprise.trader_is_named,
    enterprise.trader_number_is_well_formed,
    enterprise.trader_number_is_domestic,
    enterprise.enterprise_is_registered,
    enterprise.enterprise_registration_is_in_force,
    enterprise.enterprise_is_above_class_d,
    charges.duty_is_paid,
    charges.import_is_declared_in_time,
    timing.import_is_declared_before_it_is_unclaimed,
    timing.export_is_declared_before_loading,
    broker.broker_is_licensed,
    broker.broker_licence_is_in_force,
    broker.broker_holds_mandate,
    codes.country_is_known,
    codes.currency_is_known,
    codes.trade_mode_is_known,
    codes.trade_mode_is_declared,
    risk.goods_are_not_selected_for_examination,
    risk.documents_are_not_selected_for_a_check,
    risk.consignment_is_not_selected_for_audit,
    schemes.import_is_not_declared_before_its_time,
    *schemes.RULE_OF_SCHEME.values(),
)
AT_HOME: tuple[Rule, ...] = (*WHOLE, verification.verification_elsewhere_is_granted)
# Declaration, duty and papers are home's: the port looks at the goods.
AT_PORT: tuple[Rule, ...] = (verification.goods_are_examined_as_home_has_ordered,)
RULES: tuple[Rule, ...] = (*AT_HOME, *AT_PORT)
_OF_PART = {Part.WHOLE: WHOLE, Part.HOME: AT_HOME, Part.PORT: AT_PORT}


def choose(view: ConsignmentView, circumstances: Circumstances) -> tuple[Rule, ...]:
    """The rules for the part that this customs has in a clearance."""
    return _OF_PART[part_of(view, circumstances)]


def subject(view: ConsignmentView, facts: Facts) -> Finding | None:
    """Everything that crosses the border is customs' concern."""
    return None
