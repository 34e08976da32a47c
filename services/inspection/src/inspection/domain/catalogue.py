"""All rules of inspection, in the order in which they are evaluated and published."""

from agencykit.rules import Rule
from inspection.domain.rules import certificates, packaging, quarantine, recall, remit, supervision

RULE_SET_VERSION = "inspection-2004.1"

RULES: tuple[Rule, ...] = (
    remit.goods_are_outside_catalogue,
    remit.commodity_code_is_usable,
    quarantine.animal_quarantine_is_done,
    quarantine.plant_quarantine_is_done,
    quarantine.food_hygiene_is_inspected,
    quarantine.origin_is_declared,
    quarantine.origin_is_open,
    certificates.certificate_is_named,
    certificates.certificate_is_registered,
    certificates.certificate_is_in_force,
    certificates.certificate_covers_goods,
    certificates.certificate_has_enough_left,
    certificates.certificate_outlasts_voyage,
    supervision.goods_pass_unsampled,
    supervision.goods_pass_unexamined,
    supervision.producer_is_registered,
    supervision.exemption_is_used,
    supervision.exemption_is_in_force,
    supervision.origin_certificate_is_accepted,
    supervision.origin_certificate_is_registered,
    supervision.origin_certificate_is_usable,
    supervision.exempt_goods_are_spot_checked,
    packaging.wood_packaging_is_treated,
    recall.goods_are_not_recalled,
    recall.goods_under_recall_are_held,
)
