"""All rules of border, in the order in which they are evaluated and published."""

from agencykit.rules import Rule
from border.domain.rules import conveyance, crew_and_permit, dangerous_goods, entry, remit, watch_list

RULE_SET_VERSION = "border-2004.1"

RULES: tuple[Rule, ...] = (
    remit.supplementary,
    remit.without_conveyance,
    conveyance.conveyance_named,
    conveyance.conveyance_announced,
    conveyance.announced_in_time,
    conveyance.entry_applied_for,
    conveyance.ship_number_checks,
    conveyance.identification_in_form,
    conveyance.nationality_known,
    crew_and_permit.crew_listed,
    crew_and_permit.permit_granted,
    crew_and_permit.inspected_on_arrival,
    crew_and_permit.permit_stands,
    crew_and_permit.exit_permit_fresh,
    crew_and_permit.exit_permit_lasts_until_loading,
    entry.entry_completed,
    entry.entry_in_time,
    watch_list.conveyance_not_watched,
    watch_list.parties_not_watched,
    watch_list.crew_not_watched,
    watch_list.passengers_not_watched,
    dangerous_goods.un_number_in_form,
    dangerous_goods.dangerous_goods_announced,
)
